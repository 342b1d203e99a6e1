"""Temporal activities: thin calls of actions, and what needs files beside the database."""

from contextlib import AbstractAsyncContextManager

from temporalio import activity

from services.publication import store
from services.publication.actions import postings, publicity, votes
from services.publication.actions.release import preparing, publishing, readiness, steps
from services.publication.inputs import Questions
from services.publication.releasing import write_release
from services.publication.tables import Listing
from shared.contracts.dossiers import FinalEntryDossier
from shared.contracts.workflows import CycleRef, StageRef, StandingAnswer, Todo
from shared.infra.database import Tx
from shared.infra.manifests import fetch_dossiers, fetch_manifest
from shared.infra.service import Service
from shared.infra.stages import mark_stuck
from shared.infra.telemetry import current_trace


class PublicationActivities:
    """What this service's workflows have done for them."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def _tx(self) -> AbstractAsyncContextManager[Tx]:
        return self.service.database.transaction(trace=current_trace.get())

    @activity.defn(name="publication.load_call")
    async def load_call(self, ref: StageRef) -> Todo:
        """What the call does next."""
        async with self._tx() as tx:
            return await postings.call_step(tx, ref)

    @activity.defn(name="publication.begin_call")
    async def begin_call(self, ref: StageRef) -> None:
        """Open the call's stage."""
        async with self._tx() as tx:
            await postings.begin_call(tx, ref)

    @activity.defn(name="publication.close_call")
    async def close_call(self, ref: StageRef) -> None:
        """Close the call; what follows counts from its posting."""
        async with self._tx() as tx:
            await postings.close_call(tx, ref.stage_id)

    @activity.defn(name="publication.load_publicity")
    async def load_publicity(self, ref: StageRef) -> Todo:
        """What the publicity does next."""
        async with self._tx() as tx:
            return await publicity.publicity_step(tx, ref)

    @activity.defn(name="publication.begin_publicity")
    async def begin_publicity(self, ref: StageRef) -> None:
        """Open the publicity's stage."""
        async with self._tx() as tx:
            await publicity.begin_publicity(tx, ref)

    @activity.defn(name="publication.receive_list")
    async def receive_list(self, ref: StageRef) -> None:
        """Take in the final list; waits (by retrying) until every dossier is there."""
        async with self._tx() as tx:
            listing = await store.listing_of_stage(tx, ref.stage_id)
        if listing is not None:
            await self._receive(listing)

    @activity.defn(name="publication.freeze_cleared")
    async def freeze_cleared(self, ref: StageRef) -> None:
        """Freeze what was cleared at the end of the term."""
        async with self._tx() as tx:
            await publicity.freeze_cleared(tx, ref.stage_id)

    @activity.defn(name="publication.close_publicity")
    async def close_publicity(self, ref: StageRef) -> None:
        """Close the publicity and let the release look."""
        async with self._tx() as tx:
            await publicity.close_publicity(tx, ref.stage_id)

    @activity.defn(name="publication.load_vote")
    async def load_vote(self, ref: StageRef) -> Todo:
        """What the public vote does next."""
        async with self._tx() as tx:
            return await votes.vote_step(tx, ref)

    @activity.defn(name="publication.begin_vote")
    async def begin_vote(self, ref: StageRef) -> None:
        """Open the vote over the nominated cases; waits (by retrying) until their manifest is there."""
        manifest = await fetch_manifest(self.service.files, ref.manifest_source or "", ref.manifest_digest or "")
        async with self._tx() as tx:
            await votes.begin_vote(tx, ref, manifest)

    @activity.defn(name="publication.close_vote")
    async def close_vote(self, ref: StageRef) -> None:
        """Count the votes and close."""
        async with self._tx() as tx:
            await votes.close_vote(tx, ref.stage_id)

    @activity.defn(name="publication.stage_stuck")
    async def stage_stuck(self, ref: StageRef) -> None:
        """A step of a stage was refused."""
        async with self._tx() as tx:
            await mark_stuck(tx, ref.stage_id, "上一步未能完成，等待处理后自动重试")

    @activity.defn(name="publication.load_release")
    async def load_release(self, ref: CycleRef) -> Todo:
        """What the release does next."""
        async with self._tx() as tx:
            return await steps.release_step(tx, ref)

    @activity.defn(name="publication.begin_release")
    async def begin_release(self, ref: CycleRef) -> None:
        """Open the release's first round."""
        async with self._tx() as tx:
            await steps.begin_release(tx, ref)

    @activity.defn(name="publication.receive_direct_lists")
    async def receive_direct_lists(self, ref: CycleRef) -> None:
        """Take in the lists that had no publicity."""
        async with self._tx() as tx:
            due = await readiness.due_listings(tx, ref.cycle_id)
        for listing in due:
            if listing.received_at is None:
                await self._receive(listing)

    @activity.defn(name="publication.standing_questions")
    async def standing_questions(self, ref: CycleRef) -> Questions:
        """What the release asks the owner of the cases."""
        async with self._tx() as tx:
            return await readiness.questions(tx, ref.cycle_id)

    @activity.defn(name="publication.bind_standing")
    async def bind_answer(self, answer: StandingAnswer) -> None:
        """Bind a list to the owner's answer."""
        async with self._tx() as tx:
            await readiness.bind_answer(tx, answer)

    @activity.defn(name="publication.prepare_release")
    async def prepare_release(self, ref: CycleRef) -> None:
        """Fix what would be released."""
        async with self._tx() as tx:
            await preparing.prepare_release(tx, ref.cycle_id)

    @activity.defn(name="publication.want_parts")
    async def want_parts(self, ref: CycleRef) -> None:
        """Ask everybody for the parts of the bundles."""
        async with self._tx() as tx:
            await preparing.want_parts(tx, ref.cycle_id)

    @activity.defn(name="publication.publish_release")
    async def publish_release(self, ref: CycleRef) -> None:
        """Write the files of the confirmed lists, then release them exactly once."""
        written = await write_release(self.service, ref.cycle_id)
        async with self._tx() as tx:
            await publishing.publish(tx, ref.cycle_id, written)

    @activity.defn(name="publication.release_stuck")
    async def release_stuck(self, ref: CycleRef) -> None:
        """A step of the release was refused."""
        async with self._tx() as tx:
            await publishing.mark_release_stuck(tx, ref.cycle_id)

    async def _receive(self, listing: Listing) -> None:
        source, digest = listing.manifest_source or "ranking", listing.manifest_digest or ""
        manifest = await fetch_manifest(self.service.files, source, digest)
        digests = [entry.dossier_digest for entry in manifest.entries]
        dossiers = await fetch_dossiers(self.service.files, source, FinalEntryDossier, digests)
        async with self._tx() as tx:
            await publicity.take_in_list(tx, listing.listing_id, manifest, dossiers)
