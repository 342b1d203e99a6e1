"""Temporal activities of cycles: what to do next, and the acts that a workflow may ask for."""

from pydantic import BaseModel, ConfigDict
from temporalio import activity

from services.office.cycles import actions, domain, store
from services.office.cycles.domain import CategoryState, CycleState, TrackState
from shared.contracts.stubs import STAGE_WORKFLOWS
from shared.contracts.workflows import CategoryRef, CycleRef, StageRef, Todo
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.infra.telemetry import current_trace
from shared.infra.temporal import attempt


class StageStart(BaseModel):
    """A stage workflow to start: its type, its owner's queue, its input; no ``ref`` when there is none to start."""

    model_config = ConfigDict(frozen=True)

    workflow: str = ""
    queue: str = ""
    ref: StageRef | None = None


class CycleActivities:
    """Office's activities for ``CycleLifecycle`` and ``CategoryLifecycle``."""

    def __init__(self, service: Service) -> None:
        self.service = service

    @activity.defn(name="office.load_cycle")
    async def load_cycle(self, ref: CycleRef) -> Todo:
        """What the cycle does next."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            return await cycle_todo(tx, ref)

    @activity.defn(name="office.open_categories")
    async def open_categories(self, ref: CycleRef) -> None:
        """Open the planned categories."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            await actions.open_categories(tx, ref.cycle_id)

    @activity.defn(name="office.cancel_cycle")
    async def cancel_cycle(self, ref: CycleRef) -> None:
        """End a cycle whose categories were all cancelled."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            await actions.cancel_cycle(tx, ref.cycle_id)

    @activity.defn(name="office.cycle_stuck")
    async def cycle_stuck(self, ref: CycleRef) -> None:
        """Show operators that the cycle does not go on."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            cycle = await store.cycle_row(tx, ref.cycle_id, update=True)
            if cycle.stuck is None:
                cycle.stuck = "step_refused"
                tx.session.add(cycle)
                await tx.audit("cycle.stuck", cycle_id=ref.cycle_id)

    @activity.defn(name="office.load_category")
    async def load_category(self, ref: CategoryRef) -> Todo:
        """What the track does next."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            return await track_todo(tx, ref)

    @activity.defn(name="office.prepare_stage")
    async def prepare_stage(self, ref: CategoryRef) -> StageStart:
        """Mark the next stage as started and name its workflow."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            # A second attempt means that the first one's answer was lost with its worker.
            stage = await actions.prepare_stage(tx, ref, again=attempt() > 1)
        if stage is None:
            return StageStart()
        queue, workflow = STAGE_WORKFLOWS[stage.kind]
        return StageStart(workflow=workflow, queue=queue, ref=stage)

    @activity.defn(name="office.end_track")
    async def end_track(self, ref: CategoryRef) -> None:
        """Close a track whose stages are over."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            await actions.end_track(tx, ref)

    @activity.defn(name="office.track_stuck")
    async def track_stuck(self, ref: CategoryRef) -> None:
        """Show operators that the track does not go on."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            track = await store.track_row(tx, ref.category_id, ref.supplement, update=True)
            if track.stuck is None:
                track.stuck = "step_refused"
                tx.session.add(track)
                await tx.audit("track.stuck", cycle_id=ref.cycle_id, category_id=ref.category_id)


async def cycle_todo(tx: Tx, ref: CycleRef) -> Todo:
    """``open_categories``, then wait for the main tracks, then ``release`` (or ``cancel``), then done."""
    cycle = await store.cycle_row(tx, ref.cycle_id)
    if cycle.state != CycleState.OPEN:
        return Todo(step="done")
    categories = await store.categories_of(tx, ref.cycle_id)
    if any(category.state == CategoryState.PLANNED for category in categories):
        return Todo(step="open_categories")
    states = [track.state for track in await store.main_tracks(tx, ref.cycle_id)]
    if not domain.all_ended(states):
        return Todo(step="wait")
    return Todo(step="cancel" if set(states) == {TrackState.CANCELLED} else "release")


async def track_todo(tx: Tx, ref: CategoryRef) -> Todo:
    """``start`` the next stage, wait for its owner, ``close`` the track after the last."""
    track = await store.track_row(tx, ref.category_id, ref.supplement)
    if track.state != TrackState.RUNNING:
        return Todo(step="done")
    plans = await store.stages_of_track(tx, ref.category_id, ref.supplement)
    step = domain.next_step([store.standing(plan) for plan in plans], tx.system_now)
    return Todo(step=step.step, wait_seconds=actions.wait_seconds(step.wait))
