"""Reads of notices."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import and_, col, or_, select

from services.office.notices.domain import is_addressed
from services.office.notices.tables import Notice
from shared.infra.database import Tx
from shared.infra.tables import Witness
from shared.kernel.refusals import NotFound


async def inbox(tx: Tx, limit: int = 200) -> Sequence[Notice]:
    """The actor's notices, newest first."""
    actor = tx.actor
    mine = col(Notice.recipient_id).in_([*actor.acts_for, *([actor.account_id] if actor.account_id else [])])
    by_role = and_(Notice.recipient_kind == "role", col(Notice.recipient_role).in_(sorted(actor.roles)))
    query = select(Notice).where(or_(and_(Notice.recipient_kind != "role", mine), by_role))
    return (await tx.session.exec(query.order_by(col(Notice.serial).desc()).limit(limit))).all()


async def own_notice(tx: Tx, notice_id: UUID) -> Notice:
    """A notice of the actor's; one of somebody else is not there."""
    notice = await tx.session.get(Notice, notice_id)
    actor = tx.actor
    if notice is None or not is_addressed(
        notice.recipient_kind,
        notice.recipient_id,
        notice.recipient_role,
        actor.account_id,
        actor.acts_for,
        actor.roles,
    ):
        raise NotFound("没有这份通知。")
    return notice


async def newest_witness(tx: Tx) -> str | None:
    """The newest checkpoint, printed on every notice so that each addressee holds a witness."""
    witness = await tx.session.get(Witness, 1)
    return witness.checkpoint if witness else None
