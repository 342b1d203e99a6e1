"""Activities of ``Consultation``."""

from temporalio import activity

from services.ranking.actions.agenda import consultation_next
from services.ranking.actions.consultation import begin_consultation, receive_for_consultation, remind, tally
from services.ranking.actions.final_list import freeze_final_list
from services.ranking.actions.minutes import minute_paper, note_minute
from services.ranking.actions.seats import unwritten_minute
from services.ranking.actions.stages import finish
from services.ranking.activities.papers import write_minute
from services.ranking.activities.receiving import Hands
from shared.contracts.workflows import StageRef, Todo


class ConsultationActivities(Hands):
    """Steps of the consultation."""

    @activity.defn(name="ranking.load_consultation")
    async def load_consultation(self, ref: StageRef) -> Todo:
        """What comes next."""
        async with self.transaction() as tx:
            return await consultation_next(tx, ref)

    @activity.defn(name="ranking.begin_consultation")
    async def begin_consultation(self, ref: StageRef) -> None:
        """Open the stage with its term; a supplement's minute is rendered now if it was not."""
        async with self.transaction() as tx:
            await begin_consultation(tx, ref)
            seat_id = await unwritten_minute(tx, ref.category_id, ref.supplement)
            paper = await minute_paper(tx, seat_id) if seat_id is not None else None
        if seat_id is not None and paper is not None:
            written = await write_minute(self.service, paper)
            async with self.transaction() as tx:
                await note_minute(tx, seat_id, written)

    @activity.defn(name="ranking.receive_for_consultation")
    async def receive_for_consultation(self, ref: StageRef) -> None:
        """Take the shortlist in and write to the departments."""
        manifest, received = await self.fetch(ref)
        async with self.transaction() as tx:
            await receive_for_consultation(tx, ref.stage_id, manifest, received)

    @activity.defn(name="ranking.remind_departments")
    async def remind_departments(self, ref: StageRef) -> None:
        """Remind those who have not answered all."""
        async with self.transaction() as tx:
            await remind(tx, ref.stage_id)

    @activity.defn(name="ranking.tally_replies")
    async def tally_replies(self, ref: StageRef) -> None:
        """The term is over: count silence, see whose ruling is needed."""
        async with self.transaction() as tx:
            await tally(tx, ref.stage_id)

    @activity.defn(name="ranking.freeze_consultation")
    async def freeze_consultation(self, ref: StageRef) -> None:
        """Freeze the final list."""
        async with self.transaction() as tx:
            await freeze_final_list(tx, ref.stage_id)

    @activity.defn(name="ranking.close_consultation")
    async def close_consultation(self, ref: StageRef) -> None:
        """State the final list and close the stage."""
        async with self.transaction() as tx:
            await finish(tx, ref.stage_id, final=True)
