"""The two workflows of office. They remember nothing: every wake-up begins with a look at the database."""

import contextlib

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from shared.contracts.names import release_workflow_id, stage_workflow_id
from shared.contracts.procedure import Procedure
from shared.contracts.stubs import Release
from shared.contracts.workflows import CategoryRef, CycleRef

with workflow.unsafe.imports_passed_through():
    from services.office.cycles.activities import CycleActivities

RELEASE_AGAIN = 3600.0


@workflow.defn(name="CycleLifecycle")
class CycleLifecycle(Procedure):
    """A year's run: open its categories, wait until all their stages are over, have publication release it."""

    @workflow.run
    async def run(self, cycle: CycleRef) -> None:
        """From the opening to the release."""
        await self.follow(
            CycleActivities.load_cycle,
            CycleActivities.cycle_stuck,
            cycle,
            open_categories=self._open_categories,
            release=self._release,
            cancel=self._cancel,
        )

    async def _open_categories(self, cycle: CycleRef) -> None:
        await self.ask(CycleActivities.open_categories, cycle)

    async def _release(self, cycle: CycleRef) -> None:
        """Start the release and wait for the fact that it is done; an already started one is as good."""
        with contextlib.suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                Release.run,
                cycle,
                id=release_workflow_id(cycle.cycle_id),
                task_queue="publication",
                parent_close_policy=ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            )
        await self.wait(RELEASE_AGAIN, cycle)

    async def _cancel(self, cycle: CycleRef) -> None:
        await self.ask(CycleActivities.cancel_cycle, cycle)


@workflow.defn(name="CategoryLifecycle")
class CategoryLifecycle(Procedure):
    """A category's stages in the rulebook's order: start one, wait until its owner has closed it, start the next.

    A refilled seat has a run of its own (``supplement`` 1, 2, …) beside the main one.
    """

    @workflow.run
    async def run(self, category: CategoryRef) -> None:
        """From the first stage to the last before the release."""
        await self.follow(
            CycleActivities.load_category,
            CycleActivities.track_stuck,
            category,
            start=self._start_stage,
            close=self._close,
        )

    async def _start_stage(self, category: CategoryRef) -> None:
        """Start the stage on its owner's queue. Started, already started or failed: its row's closing is awaited."""
        start = await self.ask(CycleActivities.prepare_stage, category)
        if start.ref is None:
            return
        with contextlib.suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                start.workflow,
                start.ref,
                id=stage_workflow_id(start.ref.stage_id),
                task_queue=start.queue,
                parent_close_policy=ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            )

    async def _close(self, category: CategoryRef) -> None:
        await self.ask(CycleActivities.end_track, category)
