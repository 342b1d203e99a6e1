"""Office's activities over a plan in memory, by the same rules; and the environment the workflows run in."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from services.office.cycles import domain
from services.office.cycles.activities import StageStart
from services.office.cycles.domain import Handover, PlanState, Standing
from services.office.cycles.workflows import CategoryLifecycle, CycleLifecycle
from shared.contracts.stubs import STAGE_WORKFLOWS
from shared.contracts.workflows import CategoryRef, CycleRef, StageRef, Todo
from shared.infra.temporal import activities_of, build_worker
from tests.workflow.office.neighbours import AnyStage

QUEUE = "office"
KINDS = ("application_window", "screening", "evaluation", "decision", "release")


def category_ref() -> CategoryRef:
    """A category to run."""
    return CategoryRef(
        cycle_id=uuid4(), category_id=uuid4(), category_key="k", rulebook_id="r", rulebook_digest="d" * 64
    )


def cycle_ref() -> CycleRef:
    """A cycle to run."""
    return CycleRef(cycle_id=uuid4(), rulebook_id="r", rulebook_digest="d" * 64)


@dataclass
class FakePlan:
    """A track and a cycle in memory; ``refusals`` counts down refused starts, ``calls`` keeps what was asked.

    ``answered``: a stage that was started is opened by its owner at once.
    """

    env: WorkflowEnvironment
    stages: list[Standing] = field(default_factory=list)
    ended: bool = False
    refusals: int = 0
    answered: bool = True
    cycle_state: str = "planned"
    calls: list[str] = field(default_factory=list)

    async def now(self) -> datetime:
        """The environment's time, which skips."""
        return await self.env.get_current_time()

    def change(self, position: int, **more: object) -> None:
        """What the owner of a stage has said."""
        self.stages[position] = replace(self.stages[position], **more)  # type: ignore[arg-type]

    @activity.defn(name="office.load_category")
    async def load_category(self, _ref: CategoryRef) -> Todo:
        if self.ended:
            return Todo(step="done")
        step = domain.next_step(self.stages, await self.now())
        return Todo(step=step.step, wait_seconds=step.wait.total_seconds() if step.wait else None)

    @activity.defn(name="office.prepare_stage")
    async def prepare_stage(self, ref: CategoryRef) -> StageStart:
        if self.refusals:
            self.refusals -= 1
            raise ApplicationError("拒绝", type="refused", non_retryable=True)
        step = domain.next_step(self.stages, await self.now())
        stage = next((one for one in self.stages if one.stage_id == step.stage_id), None)
        if stage is None:
            return StageStart()
        self.calls.append(f"start {stage.kind}")
        state = PlanState.OPEN if self.answered else PlanState.STARTED
        self.change(stage.position, state=state, started_at=await self.now())
        given = domain.handover(self.stages, stage.position, Handover())
        queue, name = STAGE_WORKFLOWS[stage.kind]
        return StageStart(
            workflow=name,
            queue=queue,
            ref=StageRef(stage_id=stage.stage_id, kind=stage.kind, **ref.model_dump(), manifest_id=given.manifest_id),
        )

    @activity.defn(name="office.end_track")
    async def end_track(self, _ref: CategoryRef) -> None:
        self.calls.append("end track")
        self.ended = True

    @activity.defn(name="office.track_stuck")
    async def track_stuck(self, _ref: CategoryRef) -> None:
        self.calls.append("stuck")

    @activity.defn(name="office.load_cycle")
    async def load_cycle(self, _ref: CycleRef) -> Todo:
        steps = {"planned": "open_categories", "open": "wait", "awaiting": "release", "cancelled": "cancel"}
        return Todo(step=steps.get(self.cycle_state, "done"))

    @activity.defn(name="office.open_categories")
    async def open_categories(self, _ref: CycleRef) -> None:
        self.calls.append("open categories")
        self.cycle_state = "open"

    @activity.defn(name="office.cancel_cycle")
    async def cancel_cycle(self, _ref: CycleRef) -> None:
        self.calls.append("cancel cycle")
        self.cycle_state = "over"

    @activity.defn(name="office.cycle_stuck")
    async def cycle_stuck(self, _ref: CycleRef) -> None:
        self.calls.append("stuck")


def planned(*kinds: str) -> list[Standing]:
    """Planned stages of these kinds."""
    return [
        Standing(stage_id=UUID(int=uuid4().int), position=at, kind=kind, state=PlanState.PLANNED)
        for at, kind in enumerate(kinds or KINDS)
    ]


@asynccontextmanager
async def office_running(*kinds: str) -> AsyncIterator[tuple[Client, FakePlan]]:
    """A fresh time-skipping server with office's workflows on a fake plan; time moves by ``FakePlan.env.sleep``."""
    binary = Path(sys.executable).parent / "temporal-test-server"
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(binary), data_converter=pydantic_data_converter
    ) as env:
        plan = FakePlan(env, planned(*kinds))
        async with AsyncExitStack() as stack:
            office = build_worker(env.client, QUEUE, [CycleLifecycle, CategoryLifecycle], activities_of(plan))
            await stack.enter_async_context(office)
            for queue in ("submission", "ranking", "publication"):
                # Time does not skip while a workflow waits for a worker that never comes.
                await stack.enter_async_context(build_worker(env.client, queue, [AnyStage], []))
            with env.auto_time_skipping_disabled():
                yield env.client, plan


async def start_category(client: Client, ref: CategoryRef) -> WorkflowHandle[CategoryLifecycle, None]:
    """Start a category's workflow."""
    return await client.start_workflow(CategoryLifecycle.run, ref, id=f"category/{ref.category_id}", task_queue=QUEUE)


async def start_cycle(client: Client, ref: CycleRef) -> WorkflowHandle[CycleLifecycle, None]:
    """Start a cycle's workflow."""
    return await client.start_workflow(CycleLifecycle.run, ref, id=f"cycle/{ref.cycle_id}", task_queue=QUEUE)
