"""What each stage workflow has to do next, read from the database alone."""

from uuid import UUID

from services.ranking.actions.consultation import next_look, unruled_concerns
from services.ranking.rules import StageRules, rules_of
from services.ranking.store import minute_of
from services.ranking.tables import StageProgress
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef, Todo
from shared.infra.database import Tx
from shared.infra.manifests import standing_at, unstored_dossiers
from shared.infra.stages import seconds_until, term_is_over
from shared.infra.tables import Stage
from shared.kernel.stages import RUNNING, StageState

WAIT, DONE = "wait", "done"
STORING_SECONDS = 0.2


async def evaluation_next(tx: Tx, ref: StageRef) -> Todo:
    """Begin, receive and score, wait for the office, freeze, close."""
    stage, progress = await _where(tx, ref)
    if stage is None or progress is None:
        return Todo(step="begin")
    if (ended := _ended_or_paused(stage)) is not None:
        return ended
    if progress.received_at is None:
        return Todo(step="receive")
    if progress.completed_at is None:
        return Todo(step=WAIT)
    return await _hand_over(tx, progress)


async def decision_next(tx: Tx, ref: StageRef) -> Todo:
    """Begin, receive, gate, rank, wait for the decision, minute, (gate of the final list,) freeze, close."""
    stage, progress = await _where(tx, ref)
    if stage is None or progress is None:
        return Todo(step="begin")
    if (ended := _ended_or_paused(stage)) is not None:
        return ended
    if progress.received_at is None:
        return Todo(step="receive")
    if not await _bound(tx, stage, "ranking"):
        return Todo(step="gate_ranking")
    if progress.ranked_at is None:
        return Todo(step="rank")
    if progress.completed_at is None:
        return Todo(step=WAIT)
    return await _after_decision(tx, stage, progress, rules_of(stage))


async def _after_decision(tx: Tx, stage: Stage, progress: StageProgress, rules: StageRules) -> Todo:
    if rules.recommends:
        if not await _bound(tx, stage, "final_list"):
            return Todo(step="gate_final_list")
    elif await _minute_unwritten(tx, stage.stage_id):
        return Todo(step="minute")
    return await _hand_over(tx, progress)


async def consultation_next(tx: Tx, ref: StageRef) -> Todo:
    """Begin, write the letters, remind, wait for the term, count silence, wait for rulings, gate, freeze, close."""
    stage, progress = await _where(tx, ref)
    if stage is None or progress is None:
        return Todo(step="begin")
    if (ended := _ended_or_paused(stage)) is not None:
        return ended
    if progress.received_at is None:
        return Todo(step="receive")
    if progress.tallied_at is None:
        return await _during_consultation(tx, stage, progress)
    if await unruled_concerns(tx, stage.stage_id):
        return Todo(step=WAIT)
    if not await _bound(tx, stage, "final_list"):
        return Todo(step="gate_final_list")
    return await _hand_over(tx, progress)


async def _during_consultation(tx: Tx, stage: Stage, progress: StageProgress) -> Todo:
    if term_is_over(stage, tx.now) or progress.closed_early_at is not None:
        return Todo(step="tally")
    reminder = next_look(stage, progress, rules_of(stage))
    if reminder is not None and tx.now >= reminder:
        return Todo(step="remind")
    due = min(moment for moment in (reminder, stage.closes_at) if moment is not None)
    await tx.expect(stage_workflow_id(stage.stage_id), due)
    return Todo(step=WAIT, wait_seconds=seconds_until(due, tx.now))


async def _where(tx: Tx, ref: StageRef) -> tuple[Stage | None, StageProgress | None]:
    return await tx.session.get(Stage, ref.stage_id), await tx.session.get(StageProgress, ref.stage_id)


def _ended_or_paused(stage: Stage) -> Todo | None:
    if StageState(stage.state) not in RUNNING:
        return Todo(step=DONE)
    return Todo(step=WAIT) if stage.state == StageState.PAUSED else None


async def _bound(tx: Tx, stage: Stage, gate: str) -> bool:
    return stage.manifest_in is not None and await standing_at(tx, stage.manifest_in, gate) is not None


async def _minute_unwritten(tx: Tx, subject: UUID) -> bool:
    minute = await minute_of(tx, subject)
    return minute is not None and minute.pdf_key is None


async def _hand_over(tx: Tx, progress: StageProgress) -> Todo:
    if progress.frozen_manifest is None:
        return Todo(step="freeze")
    if await unstored_dossiers(tx, progress.frozen_dossiers or ()):
        return Todo(step=WAIT, wait_seconds=STORING_SECONDS)
    return Todo(step="close")
