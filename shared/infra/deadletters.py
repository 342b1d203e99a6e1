"""Dead letters: list, show and resend what could not be taken in."""

from uuid import UUID

from nats.aio.client import Client as NatsClient
from sqlalchemy import select

from shared.contracts.names import STREAM
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tables import DeadLetter
from shared.kernel.refusals import NotFound


async def list_dead_letters(tx: Tx, *, resent: bool = False) -> list[DeadLetter]:
    """Dead letters of this service, oldest first; those already resent only when asked for."""
    query = select(DeadLetter).order_by(DeadLetter.set_aside_at)  # type: ignore[arg-type]
    if not resent:
        query = query.where(DeadLetter.resent_at.is_(None))  # type: ignore[union-attr]
    return list((await tx.session.execute(query)).scalars())


async def show_dead_letter(tx: Tx, letter_id: UUID) -> DeadLetter:
    """One dead letter, whole."""
    letter = await tx.session.get(DeadLetter, letter_id)
    if letter is None:
        raise NotFound("没有这封死信。")
    return letter


async def resend_dead_letter(tx: Tx, connection: NatsClient, letter_id: UUID) -> DeadLetter:
    """Publish a dead letter again as it was; consumers that had its effect ignore it by their inbox."""
    letter = await show_dead_letter(tx, letter_id)
    await connection.jetstream().publish(
        letter.subject, letter.payload, stream=STREAM, timeout=5, headers={"Nats-Msg-Id": str(new_id())}
    )
    letter.resent_at = tx.system_now
    tx.session.add(letter)
    await tx.audit("dead_letter.resent", letter=letter.id, consumer=letter.consumer)
    return letter
