"""Activities: thin calls of actions and reads, each in a transaction of its own."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio import activity

from services.submission import store
from services.submission.actions import screening, stages, standing
from services.submission.actions.cases import case_place
from services.submission.domain.cases import CaseState
from services.submission.domain.steps import WAIT, HandOver, Next, OpenTerm, ended_by_act, in_screening, in_window
from services.submission.tables import Closing
from shared.contracts.names import application_workflow_id, stage_workflow_id
from shared.contracts.workflows import CaseRef, StageRef, StandingAnswer, StandingQuestion, Todo
from shared.infra.database import Tx
from shared.infra.manifests import unstored_dossiers
from shared.infra.service import Service
from shared.infra.stages import mark_stuck, seconds_until
from shared.infra.tables import Stage
from shared.infra.telemetry import current_trace
from shared.kernel.stages import StageState

MOMENT = 0.2
STUCK = "上一步被规则拒绝，请运维人员查看日志后重试"

Answer = TypeVar("Answer")


class SubmissionActivities:
    """All activities of submission's workflows."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def _do(self, work: Callable[[Tx], Awaitable[Answer]]) -> Answer:
        async with self._service.database.transaction(trace=current_trace.get()) as tx:
            return await work(tx)

    # -- stages ------------------------------------------------------------------------------------------------------

    @activity.defn(name="submission.load_window")
    async def load_window(self, ref: StageRef) -> Todo:
        """What an application window has to do next."""

        async def plan(tx: Tx, stage: Stage) -> Next:
            remind_at = await stages.window_reminder_at(tx, stage)
            return in_window(StageState(stage.state), tx.now, remind_at, stage.closes_at)

        return await self._load_stage(ref, plan)

    @activity.defn(name="submission.load_ended_by_act")
    async def load_ended_by_act(self, ref: StageRef) -> Todo:
        """What an intake, a nomination or a screening has to do next."""

        async def plan(tx: Tx, stage: Stage) -> Next:
            held = await _holding(tx, stage)
            if held is not None:
                return held
            hand_over = await _hand_over(tx, stage)
            called = stage.waits_for == "office"
            return ended_by_act(StageState(stage.state), tx.now, stage.closes_at, called, hand_over)

        return await self._load_stage(ref, plan)

    async def _load_stage(self, ref: StageRef, plan: Callable[[Tx, Stage], Awaitable[Next]]) -> Todo:
        """A stage begins only when its cycle is known here, because the case numbers carry its year."""

        async def load(tx: Tx) -> Todo:
            stage = await tx.session.get(Stage, ref.stage_id)
            if stage is None:
                known = await store.cycle_of(tx, ref.cycle_id) is not None
                return Todo(step="begin") if known else Todo(step="wait", wait_seconds=MOMENT)
            return await _todo(tx, stage_workflow_id(ref.stage_id), await plan(tx, stage))

        return await self._do(load)

    @activity.defn(name="submission.begin_stage")
    async def begin_stage(self, ref: StageRef) -> None:
        """Open the stage row with its term."""
        await self._do(lambda tx: stages.begin_stage(tx, ref))

    @activity.defn(name="submission.remind_window")
    async def remind_window(self, ref: StageRef) -> None:
        """Remind enterprises with drafts."""
        await self._do(lambda tx: stages.remind_window(tx, ref.stage_id))

    @activity.defn(name="submission.close_window")
    async def close_window(self, ref: StageRef) -> None:
        """End the window at the end of its term."""
        await self._do(lambda tx: stages.close_window(tx, ref.stage_id))

    @activity.defn(name="submission.hold")
    async def hold(self, ref: StageRef) -> None:
        """Let rectification terms stand still."""
        await self._do(lambda tx: screening.hold_rectifications(tx, ref.stage_id))

    @activity.defn(name="submission.resume")
    async def resume(self, ref: StageRef) -> None:
        """Let rectification terms go on."""
        await self._do(lambda tx: screening.resume_rectifications(tx, ref.stage_id))

    @activity.defn(name="submission.call_office")
    async def call_office(self, ref: StageRef) -> None:
        """The term is over: the office must end the stage."""
        await self._do(lambda tx: stages.call_for_office(tx, ref.stage_id))

    @activity.defn(name="submission.prepare")
    async def prepare(self, ref: StageRef) -> None:
        """Put the dossiers of the cases that go on."""
        await self._do(lambda tx: stages.prepare_hand_over(tx, ref.stage_id))

    @activity.defn(name="submission.freeze")
    async def freeze(self, ref: StageRef) -> None:
        """Freeze the manifest."""
        await self._do(lambda tx: stages.freeze(tx, ref.stage_id))

    @activity.defn(name="submission.close")
    async def close(self, ref: StageRef) -> None:
        """Close the stage with its manifest."""
        await self._do(lambda tx: stages.close_handed_over(tx, ref.stage_id))

    @activity.defn(name="submission.stage_stuck")
    async def stage_stuck(self, ref: StageRef) -> None:
        """Show operators that a step was refused; a stage that could not even begin has no row to show it on."""

        async def mark(tx: Tx) -> None:
            if await tx.session.get(Stage, ref.stage_id) is not None:
                await mark_stuck(tx, ref.stage_id, STUCK)
            else:
                place = {"cycle_id": ref.cycle_id, "category_id": ref.category_id, "stage_id": ref.stage_id}
                await tx.audit("stage.not_begun", kind=ref.kind, rulebook=ref.rulebook_id, **place)  # type: ignore[arg-type]

        await self._do(mark)

    # -- one filing --------------------------------------------------------------------------------------------------

    @activity.defn(name="submission.load_application")
    async def load_application(self, ref: CaseRef) -> Todo:
        """What a filing has to do next."""

        async def load(tx: Tx) -> Todo:
            await screening.recount_rectification(tx, ref.case_id)
            case = await store.case_of(tx, ref.case_id)
            plan = in_screening(CaseState(case.state), tx.now, await _open_term(tx, ref))
            return await _todo(tx, application_workflow_id(ref.case_id), plan)

        return await self._do(load)

    @activity.defn(name="submission.remind_rectification")
    async def remind_rectification(self, ref: CaseRef) -> None:
        """Remind the applicant of the term."""
        await self._do(lambda tx: screening.remind_rectification(tx, ref.case_id))

    @activity.defn(name="submission.lapse")
    async def lapse(self, ref: CaseRef) -> None:
        """End the case whose term is over."""
        await self._do(lambda tx: screening.lapse_case(tx, ref.case_id))

    @activity.defn(name="submission.application_stuck")
    async def application_stuck(self, ref: CaseRef) -> None:
        """Write down that a step was refused."""

        async def mark(tx: Tx) -> None:
            await tx.audit("application.stuck", **case_place(await store.case_of(tx, ref.case_id)), reason=STUCK)

        await self._do(mark)

    # -- gates -------------------------------------------------------------------------------------------------------

    @activity.defn(name="submission.answer_standing")
    async def answer_standing(self, question: StandingQuestion) -> StandingAnswer:
        """Which cases still stand."""
        return await self._do(lambda tx: standing.answer_standing(tx, question))


async def _todo(tx: Tx, workflow_id: str, plan: Next) -> Todo:
    """The plan for the workflow; what it waits for is also noted for the sweeper."""
    if plan.step != "wait":
        return Todo(step=plan.step)
    if plan.soon:
        return Todo(step="wait", wait_seconds=MOMENT)
    await tx.expect(workflow_id, plan.until)
    return Todo(step="wait", wait_seconds=seconds_until(plan.until, tx.now))


async def _holding(tx: Tx, stage: Stage) -> Next | None:
    """Rectification terms follow their stage: they stand still while it is paused."""
    if stage.kind != "screening" or stage.state not in (StageState.OPEN, StageState.PAUSED):
        return None
    paused = stage.state == StageState.PAUSED
    if await store.open_rectifications(tx, stage.stage_id, paused=not paused):
        return Next("hold" if paused else "resume")
    return WAIT if paused else None


async def _hand_over(tx: Tx, stage: Stage) -> HandOver | None:
    closing = await store.closing_of(tx, stage.stage_id)
    if closing is None:
        return None
    return HandOver(
        prepared=closing.prepared_at is not None,
        stored=not await unstored_dossiers(tx, await _digests(tx, stage, closing)),
        frozen=closing.manifest_id is not None,
    )


async def _digests(tx: Tx, stage: Stage, closing: Closing) -> list[str]:
    """What must lie in S3 before the next step: the dossiers, and then the manifest too."""
    cases = await store.cases_of_category(tx, stage.category_id, [CaseState.PASSED])
    digests = [case.dossier_digest for case in cases if case.dossier_digest is not None]
    return [*digests, closing.manifest_digest] if closing.manifest_digest is not None else digests


async def _open_term(tx: Tx, ref: CaseRef) -> OpenTerm | None:
    rectification = await store.rectification_of(tx, ref.case_id, state="open")
    if rectification is None:
        return None
    stage = await tx.session.get(Stage, rectification.stage_id)
    paused = rectification.paused_on is not None or stage is None or stage.state != StageState.OPEN
    return OpenTerm(
        closes_at=rectification.closes_at,
        remind_at=rectification.remind_at,
        reminded=rectification.reminded_at is not None,
        held=paused,
    )
