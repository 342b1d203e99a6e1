"""The procedures of review: a clock and a to-do list, never a record."""

from collections.abc import Callable, Coroutine
from typing import Any

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy

from services.review.inputs import Bound
from shared.contracts.names import ServiceName, standing_workflow_id
from shared.contracts.procedure import Procedure
from shared.contracts.stubs import ConfirmStanding
from shared.contracts.workflows import StageRef, StandingQuestion

with workflow.unsafe.imports_passed_through():
    from services.review.activities import ReviewActivities


class Review(Procedure):
    """What both procedures of review have in common."""

    def doing(self, act: Callable[[Any, StageRef], Coroutine[Any, Any, None]]) -> Callable[..., Any]:
        """A step that is one activity."""

        async def do(stage: StageRef) -> None:
            await self.ask(act, stage)

        return do

    def confirming(self, gate: str) -> Callable[..., Any]:
        """A step that asks the owner of the cases which still stand, and binds the stage to the answer."""

        async def confirm(stage: StageRef) -> None:
            if stage.manifest_id is None:
                raise ValueError("a stage without a manifest has no gate")
            answer = await workflow.execute_child_workflow(
                ConfirmStanding.run,
                StandingQuestion(manifest_id=stage.manifest_id, category_id=stage.category_id, gate=gate),
                id=standing_workflow_id(stage.manifest_id, gate),
                task_queue=ServiceName.SUBMISSION.value,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
            await self.ask(ReviewActivities.bind_gate, Bound(stage=stage, answer=answer))

        return confirm


@workflow.defn(name="PanelReview")
class PanelReview(Review):
    """The cases are received and their standing asked; a list is frozen, its parties commit and reveal, the panel is
    drawn (or the attempt void, because one was silent); each expert signs the undertaking and then scores alone; with
    the quorum sealed and the standing asked again, two persons unseal; the exact means are handed on."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the panel to its end."""
        acts = ReviewActivities
        await self.follow(
            acts.load_panel,
            acts.stuck,
            stage,
            begin=self.doing(acts.begin),
            receive=self.doing(acts.receive),
            confirm_draw=self.confirming("draw"),
            call_parties=self.doing(acts.call_parties),
            void_silent=self.doing(acts.void_silent),
            draw=self.doing(acts.draw),
            lapse=self.doing(acts.lapse),
            start_scoring=self.doing(acts.start_scoring),
            seal=self.doing(acts.seal),
            confirm_unsealing=self.confirming("unsealing"),
            settle=self.doing(acts.settle),
            close=self.doing(acts.close),
        )


@workflow.defn(name="EventOrdering")
class EventOrdering(Review):
    """The nominated events are received; members sign the undertaking and each hands in an order, sealed; with the
    quorum the standing is asked, two persons unseal, places are added, the chair orders ties; the result is handed on.
    """

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the ordering to its end."""
        acts = ReviewActivities
        await self.follow(
            acts.load_ordering,
            acts.stuck,
            stage,
            begin=self.doing(acts.begin),
            receive=self.doing(acts.receive),
            start=self.doing(acts.start_ordering),
            seal=self.doing(acts.seal_orders),
            confirm_unsealing=self.confirming("unsealing"),
            settle=self.doing(acts.settle_order),
            close=self.doing(acts.close),
        )
