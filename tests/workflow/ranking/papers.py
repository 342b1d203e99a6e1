"""Rows on paper: what ranking's activities would read and write, with the clock of the time-skipping server."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

from services.ranking.domain.steps import Consulting, Deciding, Desk, Next, in_consultation, in_decision, in_evaluation
from services.ranking.inputs import GateAnswer
from shared.contracts.workflows import StageRef, StandingAnswer, StandingQuestion, Todo
from shared.infra.stages import seconds_until
from shared.kernel.stages import StageState


@workflow.defn(name="ConfirmStanding")
class AnsweredStanding:
    """Submission's answer at a gate: everybody stands."""

    @workflow.run
    async def run(self, question: StandingQuestion) -> StandingAnswer:
        return StandingAnswer(manifest_id=question.manifest_id, gate=question.gate, fallen=(), digest="0" * 64)


@dataclass
class Papers:
    """One stage; the test writes what persons do, the activities what the workflow does."""

    now: Callable[[], Awaitable[datetime]]
    desk: Desk = field(default_factory=Desk)
    deciding: Deciding = field(default_factory=lambda: Deciding(recommends=False))
    consulting: Consulting = field(default_factory=lambda: Consulting(closes_at=None))
    concern_raised: bool = False
    refuse: str | None = None
    done: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        """Steps taken, in order."""
        return [step for step, _ in self.done]

    def at(self, step: str) -> datetime:
        """When a step was taken."""
        return next(moment for name, moment in self.done if name == step)

    async def note(self, step: str) -> None:
        """Write a step down."""
        if self.refuse == step:
            raise ApplicationError("refused", type="refused", non_retryable=True)
        self.done.append((step, await self.now()))

    async def todo(self, plan: Next) -> Todo:
        """A plan as the workflow gets it."""
        seconds = 0.2 if plan.soon else seconds_until(plan.until, await self.now())
        return Todo(step=plan.step, wait_seconds=seconds)

    async def begin(self) -> None:
        """The stage is open."""
        await self.note("begin")
        self.desk = replace(self.desk, state=StageState.OPEN)

    async def receive(self) -> None:
        """The manifest is in."""
        await self.note("receive")
        self.desk = replace(self.desk, received=True)

    async def freeze(self) -> None:
        """What leaves is frozen; S3 takes a moment."""
        await self.note("freeze")
        self.desk = replace(self.desk, frozen=True)

    async def close(self) -> None:
        """The stage is closed."""
        await self.note("close")
        self.desk = replace(self.desk, state=StageState.CLOSED)

    @activity.defn(name="ranking.load_evaluation")
    async def load_evaluation(self, _ref: StageRef) -> Todo:
        return await self.todo(in_evaluation(self.desk))

    @activity.defn(name="ranking.load_decision")
    async def load_decision(self, _ref: StageRef) -> Todo:
        return await self.todo(in_decision(self.desk, self.deciding))

    @activity.defn(name="ranking.load_consultation")
    async def load_consultation(self, _ref: StageRef) -> Todo:
        return await self.todo(in_consultation(self.desk, self.consulting, await self.now()))

    @activity.defn(name="ranking.begin_evaluation")
    async def begin_evaluation(self, _ref: StageRef) -> None:
        await self.begin()

    @activity.defn(name="ranking.begin_decision")
    async def begin_decision(self, _ref: StageRef) -> None:
        await self.begin()

    @activity.defn(name="ranking.begin_consultation")
    async def begin_consultation(self, _ref: StageRef) -> None:
        await self.begin()

    @activity.defn(name="ranking.receive_for_evaluation")
    async def receive_for_evaluation(self, _ref: StageRef) -> None:
        await self.receive()

    @activity.defn(name="ranking.receive_for_decision")
    async def receive_for_decision(self, _ref: StageRef) -> None:
        await self.receive()

    @activity.defn(name="ranking.receive_for_consultation")
    async def receive_for_consultation(self, _ref: StageRef) -> None:
        await self.receive()

    @activity.defn(name="ranking.bind_gate")
    async def bind_gate(self, given: GateAnswer) -> None:
        await self.note(f"bind {given.answer.gate}")
        self.deciding = replace(self.deciding, bound=self.deciding.bound | {given.answer.gate})
        self.consulting = replace(self.consulting, bound=given.answer.gate == "final_list")

    @activity.defn(name="ranking.rank")
    async def rank(self, _ref: StageRef) -> None:
        await self.note("rank")
        self.deciding = replace(self.deciding, ranked=True)

    @activity.defn(name="ranking.write_minute")
    async def write_minute(self, _ref: StageRef) -> None:
        await self.note("minute")
        self.deciding = replace(self.deciding, minute_missing=False)

    @activity.defn(name="ranking.remind_departments")
    async def remind_departments(self, _ref: StageRef) -> None:
        await self.note("remind")
        self.consulting = replace(self.consulting, remind_at=None)

    @activity.defn(name="ranking.tally_replies")
    async def tally_replies(self, _ref: StageRef) -> None:
        await self.note("tally")
        self.consulting = replace(self.consulting, tallied=True, unruled=self.concern_raised)

    @activity.defn(name="ranking.freeze_evaluation")
    async def freeze_evaluation(self, _ref: StageRef) -> None:
        await self.freeze()

    @activity.defn(name="ranking.freeze_decision")
    async def freeze_decision(self, _ref: StageRef) -> None:
        await self.freeze()

    @activity.defn(name="ranking.freeze_consultation")
    async def freeze_consultation(self, _ref: StageRef) -> None:
        await self.freeze()

    @activity.defn(name="ranking.close_evaluation")
    async def close_evaluation(self, _ref: StageRef) -> None:
        await self.close()

    @activity.defn(name="ranking.close_decision")
    async def close_decision(self, _ref: StageRef) -> None:
        await self.close()

    @activity.defn(name="ranking.close_consultation")
    async def close_consultation(self, _ref: StageRef) -> None:
        await self.close()

    @activity.defn(name="ranking.stuck")
    async def stuck(self, _ref: StageRef) -> None:
        self.done.append(("stuck", await self.now()))
