"""Activities of ``Evaluation``."""

from temporalio import activity

from services.ranking.actions.agenda import evaluation_next
from services.ranking.actions.evaluation import freeze_evaluation, receive_for_evaluation
from services.ranking.actions.stages import OFFICE, begin_stage, finish
from services.ranking.activities.receiving import Hands
from shared.contracts.workflows import StageRef, Todo


class EvaluationActivities(Hands):
    """Steps of scoring by rule."""

    @activity.defn(name="ranking.load_evaluation")
    async def load_evaluation(self, ref: StageRef) -> Todo:
        """What comes next."""
        async with self.transaction() as tx:
            return await evaluation_next(tx, ref)

    @activity.defn(name="ranking.begin_evaluation")
    async def begin_evaluation(self, ref: StageRef) -> None:
        """Open the stage."""
        async with self.transaction() as tx:
            await begin_stage(tx, ref, waits_for=OFFICE)

    @activity.defn(name="ranking.receive_for_evaluation")
    async def receive_for_evaluation(self, ref: StageRef) -> None:
        """Take the filings in and score them."""
        manifest, received = await self.fetch(ref)
        async with self.transaction() as tx:
            await receive_for_evaluation(tx, ref.stage_id, manifest, received)

    @activity.defn(name="ranking.freeze_evaluation")
    async def freeze_evaluation(self, ref: StageRef) -> None:
        """Freeze the results for the decision."""
        async with self.transaction() as tx:
            await freeze_evaluation(tx, ref.stage_id)

    @activity.defn(name="ranking.close_evaluation")
    async def close_evaluation(self, ref: StageRef) -> None:
        """Close the stage."""
        async with self.transaction() as tx:
            await finish(tx, ref.stage_id, final=False)
