"""What each stage workflow has to do next, read from the database alone."""

from services.ranking.actions.concerns import unruled_concerns
from services.ranking.actions.consultation import next_look
from services.ranking.actions.stability import stability_due
from services.ranking.domain.steps import Consulting, Deciding, Desk, Next, in_consultation, in_decision, in_evaluation
from services.ranking.rules import rules_for
from services.ranking.store import minute_of
from services.ranking.tables import StageProgress
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef, Todo
from shared.infra.database import Tx
from shared.infra.manifests import standing_at, unstored_dossiers
from shared.infra.stages import seconds_until
from shared.infra.tables import Stage
from shared.kernel.stages import StageState

STORING_SECONDS = 0.2
GATES = ("ranking", "final_list")


async def evaluation_next(tx: Tx, ref: StageRef) -> Todo:
    """The next step of an evaluation."""
    stage, progress = await _where(tx, ref)
    return await _todo(tx, ref, in_evaluation(await _desk(tx, stage, progress)))


async def decision_next(tx: Tx, ref: StageRef) -> Todo:
    """The next step of a decision."""
    stage, progress = await _where(tx, ref)
    minute = await minute_of(tx, ref.stage_id)
    at = Deciding(
        recommends=rules_for(ref.rulebook_id, ref.rulebook_digest, ref.category_key).recommends,
        ranked=await _ranked(tx, stage, progress),
        minute_missing=minute is not None and minute.pdf_key is None,
        bound=frozenset([gate for gate in GATES if await _bound(tx, stage, gate)]),
    )
    return await _todo(tx, ref, in_decision(await _desk(tx, stage, progress), at))


async def _ranked(tx: Tx, stage: Stage | None, progress: StageProgress | None) -> bool:
    """Whether the ranking is there and examined as it stands."""
    if stage is None or progress is None or progress.ranked_at is None:
        return False
    return not await stability_due(tx, stage, progress)


async def consultation_next(tx: Tx, ref: StageRef) -> Todo:
    """The next step of a consultation."""
    stage, progress = await _where(tx, ref)
    at = Consulting(closes_at=None)
    if stage is not None and progress is not None:
        at = Consulting(
            closes_at=stage.closes_at,
            remind_at=next_look(stage, progress),
            closed_early=progress.closed_early_at is not None,
            tallied=progress.tallied_at is not None,
            unruled=bool(await unruled_concerns(tx, ref.stage_id)),
            bound=await _bound(tx, stage, "final_list"),
        )
    return await _todo(tx, ref, in_consultation(await _desk(tx, stage, progress), at, tx.now))


async def _where(tx: Tx, ref: StageRef) -> tuple[Stage | None, StageProgress | None]:
    return await tx.session.get(Stage, ref.stage_id), await tx.session.get(StageProgress, ref.stage_id)


async def _desk(tx: Tx, stage: Stage | None, progress: StageProgress | None) -> Desk:
    if stage is None or progress is None:
        return Desk()
    return Desk(
        state=StageState(stage.state),
        received=progress.received_at is not None,
        completed=progress.completed_at is not None,
        frozen=progress.frozen_manifest is not None,
        stored=not await unstored_dossiers(tx, progress.frozen_dossiers or ()),
    )


async def _bound(tx: Tx, stage: Stage | None, gate: str) -> bool:
    if stage is None or stage.manifest_in is None:
        return False
    return await standing_at(tx, stage.manifest_in, gate) is not None


async def _todo(tx: Tx, ref: StageRef, plan: Next) -> Todo:
    """The step for the workflow; the business instant of a wait is kept with the open work as well."""
    if plan.until is not None:
        await tx.expect(stage_workflow_id(ref.stage_id), plan.until)
        return Todo(step=plan.step, wait_seconds=seconds_until(plan.until, tx.now))
    return Todo(step=plan.step, wait_seconds=STORING_SECONDS if plan.soon else None)
