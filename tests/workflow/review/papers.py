"""Rows on paper: what review's activities would read and write, with the clock of the time-skipping server."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

from services.review.domain.ordering import OrderingView, next_ordering_step
from services.review.domain.panel import Next, PanelState, PanelView, next_step
from services.review.domain.parties import Phase
from services.review.inputs import Bound
from shared.contracts.workflows import StageRef, StandingAnswer, StandingQuestion, Todo
from shared.infra.stages import seconds_until

DAY = timedelta(days=1)
ANSWER, UNDERTAKING, SCORING = DAY, 3 * DAY, 10 * DAY


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
    begun: bool = False
    closed: bool = False
    panel: PanelView = field(default_factory=lambda: PanelView(state=PanelState.RECEIVING, standing_cases=2))
    order: OrderingView = field(
        default_factory=lambda: OrderingView(state=PanelState.RECEIVING, standing_cases=2, quorum=7)
    )
    closes_at: datetime | None = None
    refuse: str | None = None
    done: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def steps(self) -> list[str]:
        """Steps taken, in order."""
        return [step for step, _ in self.done]

    def at(self, step: str) -> datetime:
        """When a step was taken first."""
        return next(moment for name, moment in self.done if name == step)

    def change(self, **changes: Any) -> None:
        """Rows of the panel change."""
        self.panel = self.panel.model_copy(update=changes)

    def change_order(self, **changes: Any) -> None:
        """Rows of the ordering change."""
        self.order = self.order.model_copy(update=changes)

    async def note(self, step: str) -> None:
        """Write a step down."""
        if self.refuse == step:
            raise ApplicationError("refused", type="refused", non_retryable=True)
        self.done.append((step, await self.now()))

    async def over(self) -> bool:
        """Whether the term has ended."""
        return self.closes_at is not None and await self.now() >= self.closes_at

    async def todo(self, following: Next) -> Todo:
        """The step as the workflow gets it."""
        if not self.begun:
            return Todo(step="begin")
        if self.closed:
            return Todo(step="done")
        seconds = seconds_until(self.closes_at, await self.now()) if following.until_term else None
        return Todo(step=following.step, wait_seconds=0.2 if following.soon else seconds)

    @activity.defn(name="review.load_panel")
    async def load_panel(self, _ref: StageRef) -> Todo:
        self.change(term_over=await self.over())
        return await self.todo(next_step(self.panel))

    @activity.defn(name="review.load_ordering")
    async def load_ordering(self, _ref: StageRef) -> Todo:
        self.change_order(term_over=await self.over())
        return await self.todo(next_ordering_step(self.order))

    @activity.defn(name="review.stuck")
    async def stuck(self, _ref: StageRef) -> None:
        self.done.append(("stuck", await self.now()))

    @activity.defn(name="review.begin")
    async def begin(self, _ref: StageRef) -> None:
        await self.note("begin")
        self.begun = True

    @activity.defn(name="review.receive")
    async def receive(self, _ref: StageRef) -> None:
        await self.note("receive")
        self.change(state=PanelState.POOLING)
        self.change_order(state=PanelState.POOLING)

    @activity.defn(name="review.bind_gate")
    async def bind_gate(self, bound: Bound) -> None:
        await self.note(f"bind {bound.answer.gate}")
        self.change(**{f"{bound.answer.gate}_confirmed": True})
        self.change_order(unsealing_confirmed=True)

    @activity.defn(name="review.call_parties")
    async def call_parties(self, _ref: StageRef) -> None:
        await self.note("call_parties")
        listing = self.panel.phase is Phase.LISTING
        self.change(phase=Phase.COMMITTING if listing else Phase.REVEALING, party="office")
        self.closes_at = await self.now() + ANSWER

    @activity.defn(name="review.void_silent")
    async def void_silent(self, _ref: StageRef) -> None:
        await self.note("void_silent")
        self.change(state=PanelState.POOLING, phase=None, party=None)
        self.closes_at = None

    @activity.defn(name="review.draw")
    async def draw(self, _ref: StageRef) -> None:
        await self.note("draw")
        self.change(state=PanelState.UNDERTAKING, phase=None, party=None, pending=7)
        self.closes_at = await self.now() + UNDERTAKING

    @activity.defn(name="review.lapse")
    async def lapse(self, _ref: StageRef) -> None:
        await self.note("lapse")
        self.change(pending=0)

    @activity.defn(name="review.start_scoring")
    async def start_scoring(self, _ref: StageRef) -> None:
        await self.note("start_scoring")
        self.change(state=PanelState.SCORING, unsigned=14)
        self.closes_at = await self.now() + SCORING

    @activity.defn(name="review.seal")
    async def seal(self, _ref: StageRef) -> None:
        await self.note("seal")
        self.change(state=PanelState.SHORT if self.panel.short else PanelState.SEALED)

    @activity.defn(name="review.settle")
    async def settle(self, _ref: StageRef) -> None:
        await self.note("settle")
        self.change(state=PanelState.SETTLED)

    @activity.defn(name="review.start_ordering")
    async def start_ordering(self, _ref: StageRef) -> None:
        await self.note("start")
        self.change_order(state=PanelState.SCORING, expected=self.order.ready)
        self.closes_at = await self.now() + 5 * DAY

    @activity.defn(name="review.seal_orders")
    async def seal_orders(self, _ref: StageRef) -> None:
        await self.note("seal")
        enough = self.order.handed_in >= self.order.quorum
        self.change_order(state=PanelState.SEALED if enough else PanelState.SHORT, ready=0)

    @activity.defn(name="review.settle_order")
    async def settle_order(self, _ref: StageRef) -> None:
        await self.note("settle")
        self.change_order(state=PanelState.SETTLED)

    @activity.defn(name="review.close")
    async def close(self, _ref: StageRef) -> None:
        await self.note("close")
        self.closed = True
