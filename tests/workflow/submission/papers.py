"""Rows on paper: what submission's activities would read and write, with the clock of the time-skipping server."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.submission.domain.cases import CaseState
from services.submission.domain.steps import HandOver, Next, OpenTerm, ended_by_act, in_screening, in_window
from shared.contracts.workflows import CaseRef, StageRef, StandingAnswer, StandingQuestion, Todo
from shared.infra.stages import seconds_until
from shared.kernel.stages import StageState


@dataclass
class Papers:
    """One case and one stage; the test writes what persons do, the activities what the workflow does."""

    now: Callable[[], Awaitable[datetime]]
    case: CaseState = CaseState.ACCEPTED
    term: OpenTerm | None = None
    stage: StageState | None = None
    cycle_known: bool = True
    remind_at: datetime | None = None
    closes_at: datetime | None = None
    ended: bool = False
    prepared: bool = False
    stored: bool = True
    frozen: bool = False
    refuse: bool = False
    done: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        """Steps taken, in order."""
        return [step for step, _ in self.done]

    def ask_rectification(self, at: datetime) -> None:
        """The office sends the case back: five days, reminder two days before."""
        self.case = CaseState.RECTIFYING
        self.term = OpenTerm(at + timedelta(days=5), at + timedelta(days=3), reminded=False, held=False)

    async def note(self, step: str) -> None:
        """Write a step down."""
        if self.refuse:
            raise ApplicationError("refused", type="refused", non_retryable=True)
        self.done.append((step, await self.now()))

    async def _todo(self, plan: Next) -> Todo:
        if plan.step != "wait":
            return Todo(step=plan.step)
        if plan.soon:
            return Todo(step="wait", wait_seconds=0.2)
        return Todo(step="wait", wait_seconds=seconds_until(plan.until, await self.now()))

    @activity.defn(name="submission.load_window")
    async def load_window(self, _ref: StageRef) -> Todo:
        if self.stage is None:
            return Todo(step="begin") if self.cycle_known else Todo(step="wait", wait_seconds=0.2)
        return await self._todo(in_window(self.stage, await self.now(), self.remind_at, self.closes_at))

    @activity.defn(name="submission.load_ended_by_act")
    async def load_ended_by_act(self, _ref: StageRef) -> Todo:
        if self.stage is None:
            return Todo(step="begin")
        hand_over = HandOver(self.prepared, self.stored, self.frozen) if self.ended else None
        called = "call_office" in self.steps
        return await self._todo(ended_by_act(self.stage, await self.now(), self.closes_at, called, hand_over))

    @activity.defn(name="submission.begin_stage")
    async def begin_stage(self, _ref: StageRef) -> None:
        await self.note("begin")
        self.stage = StageState.OPEN

    @activity.defn(name="submission.remind_window")
    async def remind_window(self, _ref: StageRef) -> None:
        await self.note("remind")
        self.remind_at = None

    @activity.defn(name="submission.close_window")
    async def close_window(self, _ref: StageRef) -> None:
        await self.note("close")
        self.stage = StageState.CLOSED

    @activity.defn(name="submission.hold")
    async def hold(self, _ref: StageRef) -> None:
        await self.note("hold")

    @activity.defn(name="submission.resume")
    async def resume(self, _ref: StageRef) -> None:
        await self.note("resume")

    @activity.defn(name="submission.call_office")
    async def call_office(self, _ref: StageRef) -> None:
        await self.note("call_office")

    @activity.defn(name="submission.prepare")
    async def prepare(self, _ref: StageRef) -> None:
        await self.note("prepare")
        self.prepared = True

    @activity.defn(name="submission.freeze")
    async def freeze(self, _ref: StageRef) -> None:
        await self.note("freeze")
        self.frozen = True

    @activity.defn(name="submission.close")
    async def close(self, _ref: StageRef) -> None:
        await self.note("close")
        self.stage = StageState.CLOSED

    @activity.defn(name="submission.stage_stuck")
    async def stage_stuck(self, _ref: StageRef) -> None:
        self.done.append(("stuck", await self.now()))

    @activity.defn(name="submission.load_application")
    async def load_application(self, _ref: CaseRef) -> Todo:
        return await self._todo(in_screening(self.case, await self.now(), self.term))

    @activity.defn(name="submission.remind_rectification")
    async def remind_rectification(self, _ref: CaseRef) -> None:
        assert self.term is not None
        await self.note("remind")
        self.term = OpenTerm(self.term.closes_at, self.term.remind_at, reminded=True, held=self.term.held)

    @activity.defn(name="submission.lapse")
    async def lapse(self, _ref: CaseRef) -> None:
        await self.note("lapse")
        self.case = CaseState.LAPSED

    @activity.defn(name="submission.application_stuck")
    async def application_stuck(self, _ref: CaseRef) -> None:
        self.done.append(("stuck", await self.now()))

    @activity.defn(name="submission.answer_standing")
    async def answer_standing(self, question: StandingQuestion) -> StandingAnswer:
        await self.note("answer")
        return StandingAnswer(manifest_id=question.manifest_id, gate=question.gate, fallen=(), digest="0" * 64)
