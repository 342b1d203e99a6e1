"""Rows on paper: what publication's activities would read and write, with the clock of the time-skipping server."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

from services.publication.domain.steps import Desk, Next, in_call, in_publicity, in_vote
from services.publication.inputs import Questions
from shared.contracts.workflows import CycleRef, StageRef, StandingAnswer, StandingQuestion, Todo
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
    """One stage and one release; the test writes what persons do, the activities what the workflow does."""

    now: Callable[[], Awaitable[datetime]]
    desk: Desk = field(default_factory=Desk)
    release: list[Todo] = field(default_factory=list)
    lists: int = 2
    refuse: str | None = None
    done: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        """Steps taken, in order."""
        return [step for step, _ in self.done]

    def at(self, step: str) -> datetime:
        """When a step was taken."""
        return next(moment for name, moment in self.done if name == step)

    async def note(self, step: str, **changes: object) -> None:
        """Write a step down and what it changes."""
        if self.refuse == step:
            raise ApplicationError("refused", type="refused", non_retryable=True)
        self.done.append((step, await self.now()))
        self.desk = replace(self.desk, **changes)  # type: ignore[arg-type]

    async def todo(self, plan: Next) -> Todo:
        """A plan as the workflow gets it."""
        seconds = 0.2 if plan.soon else seconds_until(plan.until, await self.now())
        return Todo(step=plan.step, wait_seconds=seconds)

    @activity.defn(name="publication.load_call")
    async def load_call(self, _ref: StageRef) -> Todo:
        return await self.todo(in_call(self.desk))

    @activity.defn(name="publication.load_publicity")
    async def load_publicity(self, _ref: StageRef) -> Todo:
        return await self.todo(in_publicity(self.desk, await self.now()))

    @activity.defn(name="publication.load_vote")
    async def load_vote(self, _ref: StageRef) -> Todo:
        return await self.todo(in_vote(self.desk, await self.now()))

    @activity.defn(name="publication.begin_call")
    async def begin_call(self, _ref: StageRef) -> None:
        await self.note("begin", state=StageState.OPEN)

    @activity.defn(name="publication.begin_publicity")
    async def begin_publicity(self, _ref: StageRef) -> None:
        await self.note("begin", state=StageState.OPEN)

    @activity.defn(name="publication.begin_vote")
    async def begin_vote(self, _ref: StageRef) -> None:
        await self.note("begin", state=StageState.OPEN)

    @activity.defn(name="publication.receive_list")
    async def receive_list(self, _ref: StageRef) -> None:
        await self.note("receive", received=True)

    @activity.defn(name="publication.freeze_cleared")
    async def freeze_cleared(self, _ref: StageRef) -> None:
        await self.note("freeze", frozen=True)

    @activity.defn(name="publication.close_call")
    async def close_call(self, _ref: StageRef) -> None:
        await self.note("close", state=StageState.CLOSED)

    @activity.defn(name="publication.close_publicity")
    async def close_publicity(self, _ref: StageRef) -> None:
        await self.note("close", state=StageState.CLOSED)

    @activity.defn(name="publication.close_vote")
    async def close_vote(self, _ref: StageRef) -> None:
        await self.note("close", state=StageState.CLOSED)

    @activity.defn(name="publication.stage_stuck")
    async def stage_stuck(self, _ref: StageRef) -> None:
        self.refuse = None
        await self.note("stuck")

    @activity.defn(name="publication.load_release")
    async def load_release(self, _ref: CycleRef) -> Todo:
        return self.release.pop(0)

    @activity.defn(name="publication.begin_release")
    async def begin_release(self, _ref: CycleRef) -> None:
        await self.note("begin")

    @activity.defn(name="publication.receive_direct_lists")
    async def receive_direct_lists(self, _ref: CycleRef) -> None:
        await self.note("receive")

    @activity.defn(name="publication.standing_questions")
    async def standing_questions(self, _ref: CycleRef) -> Questions:
        asked = [StandingQuestion(manifest_id=uuid4(), category_id=uuid4(), gate="release") for _ in range(self.lists)]
        return Questions(questions=tuple(asked))

    @activity.defn(name="publication.bind_standing")
    async def bind_standing(self, _answer: StandingAnswer) -> None:
        await self.note("bind")

    @activity.defn(name="publication.prepare_release")
    async def prepare_release(self, _ref: CycleRef) -> None:
        await self.note("prepare")

    @activity.defn(name="publication.want_parts")
    async def want_parts(self, _ref: CycleRef) -> None:
        await self.note("collect")

    @activity.defn(name="publication.publish_release")
    async def publish_release(self, _ref: CycleRef) -> None:
        await self.note("publish")

    @activity.defn(name="publication.release_stuck")
    async def release_stuck(self, _ref: CycleRef) -> None:
        self.refuse = None
        await self.note("stuck")
