"""What every service takes in alike: clock moves, revoked accounts, new calendars, checkpoints, stage changes."""

from collections.abc import Callable

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.facts import AccountRevoked, CalendarImported, CheckpointSigned, ClockMoved, StageChangeRequested
from shared.infra.calendars import take_in_notice
from shared.infra.clocks import business_time
from shared.infra.database import Tx
from shared.infra.files import Files
from shared.infra.messaging import Interests
from shared.infra.stages import apply_change, recount_terms
from shared.infra.sweeper import ensure_all, sweep
from shared.infra.tables import Stack, Stage, Witness
from shared.infra.tickets import note_revoked

Minimum = Callable[[Stage], int | None]


async def move_clock(tx: Tx, offset_seconds: int) -> None:
    """Rehearsal only: business time jumps forward, never back; what became due is nudged."""
    if not tx.rehearsal:
        raise ValueError("a real stack's clock is not moved")
    await tx.session.execute(
        update(Stack)
        .where(Stack.id == 1, Stack.offset_seconds < offset_seconds)  # type: ignore[arg-type]
        .values(offset_seconds=offset_seconds, moved_at=tx.system_now)
    )
    tx.now = business_time(offset_seconds)
    await sweep(tx)


def listen_everywhere(interests: Interests, files: Files, minimum: Minimum) -> None:
    """Register the common consumers; ``minimum`` gives the lawful minimum of a stage's term from its rulebook."""

    @interests.on("clock", ClockMoved, source="office")
    async def clock_moved(tx: Tx, fact: ClockMoved) -> None:
        await move_clock(tx, fact.offset_seconds)

    @interests.on("people", AccountRevoked, source="office")
    async def account_revoked(tx: Tx, fact: AccountRevoked) -> None:
        await note_revoked(tx, fact.account_id)

    @interests.on("people", CalendarImported, source="office")
    async def calendar_imported(tx: Tx, fact: CalendarImported) -> None:
        content = await files.get_dossier("office", fact.digest)
        await take_in_notice(tx, fact.year, fact.digest, content.decode())
        await recount_terms(tx)
        await ensure_all(tx)

    @interests.on("people", CheckpointSigned, source="office")
    async def checkpoint_signed(tx: Tx, fact: CheckpointSigned) -> None:
        statement = insert(Witness).values(id=1, checkpoint=fact.checkpoint, heard_at=tx.now)
        await tx.session.execute(
            statement.on_conflict_do_update(
                index_elements=["id"], set_={"checkpoint": fact.checkpoint, "heard_at": tx.now}
            )
        )

    @interests.on("changes", StageChangeRequested, source="office")
    async def change_requested(tx: Tx, fact: StageChangeRequested) -> None:
        if fact.owner == tx.service:
            stage = await tx.session.get(Stage, fact.stage_id)
            await apply_change(tx, fact, minimum(stage) if stage is not None else None)
