"""What the workflow of a release does next; everything is read from the rows."""

from services.publication import store
from services.publication.actions.release.preparing import NOT_ASKED, digest_now, missing_parts
from services.publication.actions.release.readiness import due_listings, gated, waits
from services.publication.actions.release.rounds import open_next_round, round_workflow_id
from services.publication.tables import Cycle, ReleaseRound
from shared.contracts.workflows import CycleRef, Todo
from shared.infra.database import Tx
from shared.infra.stages import seconds_until


async def release_step(tx: Tx, ref: CycleRef) -> Todo:
    """The next step: begin, wait, receive, gate, prepare, collect, publish, done."""
    now = await store.open_round(tx, ref.cycle_id)
    if now is None:
        return Todo(step="done" if await store.rounds(tx, ref.cycle_id) else "begin")
    if now.confirmed_at is not None:
        return Todo(step="publish")
    waiting = await waits(tx, ref.cycle_id)
    await tx.expect(round_workflow_id(ref.cycle_id, now.round), waiting.until)
    if waiting.for_what:
        _say(tx, now, "；".join(waiting.for_what))
        return Todo(step="wait", wait_seconds=seconds_until(waiting.until, tx.now))
    return await _once_ready(tx, now)


async def _once_ready(tx: Tx, now: ReleaseRound) -> Todo:
    due = await due_listings(tx, now.cycle_id)
    if any(listing.received_at is None for listing in due):
        return Todo(step="receive")
    if [listing for listing in due if not await gated(tx, listing)]:
        return Todo(step="gate")
    if now.prepared_digest != await digest_now(tx, now, due):
        return Todo(step="prepare")
    missing = await missing_parts(tx, now, due)
    if missing == [NOT_ASKED]:
        return Todo(step="collect")
    _say(tx, now, "、".join(missing) or "office")
    return Todo(step="wait")


def _say(tx: Tx, now: ReleaseRound, waits_for: str) -> None:
    if now.waits_for != waits_for or now.stuck is not None:
        now.waits_for, now.stuck = waits_for, None
        tx.session.add(now)


async def begin_release(tx: Tx, ref: CycleRef) -> None:
    """Open round 0; the cycle's read copy must be there (a fact that is not in yet is waited for by retrying)."""
    if await tx.session.get(Cycle, ref.cycle_id) is None:
        raise LookupError(f"cycle {ref.cycle_id} is not known here yet")
    await open_next_round(tx, ref.cycle_id, 0)
