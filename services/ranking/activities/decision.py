"""Activities of ``Decision``."""

import asyncio

from temporalio import activity

from services.ranking.actions.agenda import decision_next
from services.ranking.actions.decisions import freeze_shortlist
from services.ranking.actions.minutes import minute_paper, note_minute
from services.ranking.actions.ranking import rank_stage
from services.ranking.actions.recommendation import freeze_recommendations
from services.ranking.actions.stability import keep_stability, scored_cases, stability_due
from services.ranking.actions.stages import as_reviewed, begin_stage, finish, receive
from services.ranking.activities.papers import write_minute
from services.ranking.activities.receiving import Hands
from services.ranking.domain.stability import examine
from services.ranking.rules import rules_for, rules_of
from services.ranking.store import progress_of
from shared.contracts.workflows import StageRef, Todo
from shared.infra.stages import stage_row


class DecisionActivities(Hands):
    """Steps of the decision."""

    @activity.defn(name="ranking.load_decision")
    async def load_decision(self, ref: StageRef) -> Todo:
        """What comes next."""
        async with self.transaction() as tx:
            return await decision_next(tx, ref)

    @activity.defn(name="ranking.begin_decision")
    async def begin_decision(self, ref: StageRef) -> None:
        """Open the stage."""
        async with self.transaction() as tx:
            await begin_stage(tx, ref)

    @activity.defn(name="ranking.receive_for_decision")
    async def receive_for_decision(self, ref: StageRef) -> None:
        """Take the reviewed cases in, filings too where there is a scorecard; or cases that nobody scores."""
        category = rules_for(ref.rulebook_id, ref.rulebook_digest, ref.category_key).category
        manifest, received = await self.fetch(ref, filings=category.scorecard is not None)
        if not category.scored:
            received = [as_reviewed(one) for one in received]
        async with self.transaction() as tx:
            await receive(tx, ref.stage_id, manifest, received)

    @activity.defn(name="ranking.rank")
    async def rank(self, ref: StageRef) -> None:
        """Compute the ranking, and how firmly it stands; again when a case has fallen since."""
        async with self.transaction() as tx:
            await rank_stage(tx, ref.stage_id)
            await tx.session.flush()
            stage, progress = await stage_row(tx, ref.stage_id), await progress_of(tx, ref.stage_id)
            due = await stability_due(tx, stage, progress)
            cases, seed = await scored_cases(tx, ref.stage_id) if due else ([], "")
        if due:
            found = await asyncio.to_thread(
                examine, cases, rules_of(stage).quota, seed, trimmed=rules_of(stage).category.trimmed
            )
            async with self.transaction() as tx:
                await keep_stability(tx, ref.stage_id, found)

    @activity.defn(name="ranking.write_minute")
    async def write_minute(self, ref: StageRef) -> None:
        """Render the minute and lay it in S3."""
        async with self.transaction() as tx:
            paper = await minute_paper(tx, ref.stage_id)
        written = await write_minute(self.service, paper)
        async with self.transaction() as tx:
            await note_minute(tx, ref.stage_id, written)

    @activity.defn(name="ranking.freeze_decision")
    async def freeze_decision(self, ref: StageRef) -> None:
        """Freeze the shortlist, or the final list of recommendations."""
        async with self.transaction() as tx:
            if rules_of(await stage_row(tx, ref.stage_id)).recommends:
                await freeze_recommendations(tx, ref.stage_id)
            else:
                await freeze_shortlist(tx, ref.stage_id)

    @activity.defn(name="ranking.close_decision")
    async def close_decision(self, ref: StageRef) -> None:
        """Close the stage; recommendations are a final list."""
        async with self.transaction() as tx:
            await finish(tx, ref.stage_id, final=rules_of(await stage_row(tx, ref.stage_id)).recommends)
