"""The release act: two persons confirm exactly the lists they saw, once a round."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from services.publication import store
from services.publication.actions.release.preparing import ListToConfirm, digest_now, missing_parts, to_confirm
from services.publication.actions.release.readiness import due_listings, gated, waits
from services.publication.actions.release.rounds import round_workflow_id
from services.publication.domain.releases import ACT
from services.publication.tables import Listing, ReleaseRound
from shared.infra.database import Tx
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.refusals import Conflict


class Confirmable(BaseModel):
    """What the release act would release now: act and digest for the ticket, the lists, what is still waited for."""

    act: str = ACT
    digest: str | None
    round: int | None
    ready: bool
    lists: tuple[ListToConfirm, ...]
    waits_for: tuple[str, ...]


async def confirmable(tx: Tx, cycle_id: UUID) -> Confirmable:
    """What two persons would confirm now, and what is still waited for."""
    now = await store.open_round(tx, cycle_id)
    waiting = await waits(tx, cycle_id)
    due = await due_listings(tx, cycle_id) if now else []
    missing = list(waiting.for_what) or await _missing(tx, now, due)
    ready = now is not None and now.confirmed_at is None and not missing
    return Confirmable(
        digest=now.prepared_digest if now and ready else None,
        round=now.round if now else None,
        ready=ready,
        lists=tuple([await to_confirm(tx, one) for one in due if one.received_at]),
        waits_for=tuple(missing),
    )


async def _missing(tx: Tx, now: ReleaseRound | None, due: Sequence[Listing]) -> list[str]:
    if now is None:
        return ["发布尚未开始"] if not due else []
    unready = [one for one in due if one.received_at is None or not await gated(tx, one)]
    if unready or now.prepared_digest != await digest_now(tx, now, due):
        return ["名单整理", *([now.stuck] if now.stuck else [])]
    return await missing_parts(tx, now, due)


async def confirm_release(tx: Tx, cycle_id: UUID, ticket: Ticket | None) -> Confirmable:
    """Two persons release exactly the lists they saw: once a round.

    Raises:
        Conflict: nothing to release, confirmed already, or something is still waited for.
    """
    await tx.lock("release", cycle_id)
    now = await store.open_round(tx, cycle_id, update=True)
    if now is None:
        raise Conflict("nothing_to_release", "目前没有待发布的名单，或者已经发布。")
    if now.confirmed_at is not None:
        raise Conflict("already_confirmed", "本次发布已经确认，不能重复。")
    shown = await confirmable(tx, cycle_id)
    if shown.digest is None:
        raise Conflict("release_not_ready", f"还不能发布，等待：{'；'.join(shown.waits_for)}。")
    used = await use_ticket(tx, ticket, ACT, shown.digest)
    now.confirmed_at, now.confirmed_by, now.confirmed_second = tx.now, used.asked_by, used.confirmed_by
    tx.session.add(now)
    await tx.audit("release.confirmed", cycle_id=cycle_id, public=shown.digest, round=now.round)
    await tx.nudge(round_workflow_id(cycle_id, now.round))
    return shown


async def require_not_publishing(tx: Tx, cycle_id: UUID) -> None:
    """Refuse to touch a list between its confirmation and its publication, a matter of seconds."""
    now = await store.open_round(tx, cycle_id)
    if now is not None and now.confirmed_at is not None:
        raise Conflict("publishing", "名单正在发布，请稍后再办理。")
