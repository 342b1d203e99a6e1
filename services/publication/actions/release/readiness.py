"""Which lists a release may take, what it waits for, and the gate each list passes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from services.publication import store
from services.publication.domain import lists
from services.publication.domain.releases import ListStanding, Waiting, waiting_for
from services.publication.inputs import Questions
from services.publication.tables import Category, Listing
from shared.contracts.workflows import StandingAnswer, StandingQuestion
from shared.infra.database import Tx
from shared.infra.manifests import bind_standing, standing_at
from shared.infra.tables import Stage
from shared.kernel.stages import StageState

GATE = "release"


async def waits(tx: Tx, cycle_id: UUID) -> Waiting:
    """What the release of a cycle waits for; categories that were terminated are not waited for."""
    cycle = await store.cycle(tx, cycle_id)
    standings: list[ListStanding] = []
    for category in await store.categories(tx, cycle_id):
        standings += await _standings(tx, category)
    return waiting_for(standings, cycle.release_at, tx.now)


async def _standings(tx: Tx, category: Category) -> list[ListStanding]:
    title = store.rules_of(category).name
    known = [one for one in await store.listings(tx, category.cycle_id) if one.category_id == category.category_id]
    awaited = [one for one in known if one.addendum == 0 and await _is_awaited(tx, one)]
    found = [await _standing(tx, title, listing, known) for listing in awaited]
    if not any(listing.supplement == 0 for listing in known) and not await store.cancelled_stage(
        tx, category.category_id
    ):
        found.insert(0, ListStanding(title=title, supplement=0, ready=False))
    return found


async def _is_awaited(tx: Tx, listing: Listing) -> bool:
    """A list that is released or whose own publicity was cancelled is waited for no longer."""
    stage = await tx.session.get(Stage, listing.stage_id) if listing.stage_id else None
    cancelled = stage is not None and stage.state == StageState.CANCELLED
    return not cancelled and await store.released_at(tx, listing.listing_id) is None


async def _standing(tx: Tx, title: str, listing: Listing, known: Sequence[Listing]) -> ListStanding:
    rows = await store.entries(tx, listing.listing_id)
    held = await store.held_cases(tx, [listing.stage_id])
    removed = sum(row.state == "removed" for row in rows)
    refilled = sum(other.supplement > 0 for other in known)
    return ListStanding(
        title=title,
        supplement=listing.supplement,
        ready=listing.ended_at is not None,
        held=sum(row.state == "listed" and row.case_id in held for row in rows),
        open_seats=max(removed - refilled, 0) if listing.supplement == 0 else 0,
    )


async def due_listings(tx: Tx, cycle_id: UUID) -> list[Listing]:
    """The lists that the next round releases: over, not released, and with an entry unless it is a main list."""
    found = []
    for listing in await store.listings(tx, cycle_id):
        if listing.ended_at is None or await store.released_at(tx, listing.listing_id) is not None:
            continue
        is_main = listing.supplement == 0 and listing.addendum == 0
        if is_main or listing.received_at is None or await cleared_entries(tx, listing):
            found.append(listing)
    return found


async def cleared_entries(tx: Tx, listing: Listing) -> list[lists.Entry]:
    """The entries of a list that may be released: listed and without an open objection."""
    held = await store.held_cases(tx, [listing.stage_id])
    rows = await store.entries(tx, listing.listing_id)
    return [store.as_entry(row) for row in rows if row.state == "listed" and row.case_id not in held]


async def gated(tx: Tx, listing: Listing) -> bool:
    """Whether the owner of the cases has answered for this list."""
    return listing.manifest_id is None or await standing_at(tx, listing.manifest_id, GATE) is not None


async def questions(tx: Tx, cycle_id: UUID) -> Questions:
    """The questions this release asks the owner of the cases."""
    asked = [
        StandingQuestion(manifest_id=listing.manifest_id, category_id=listing.category_id, gate=GATE)
        for listing in await due_listings(tx, cycle_id)
        if listing.manifest_id is not None and not await gated(tx, listing)
    ]
    return Questions(questions=tuple(asked))


async def bind_answer(tx: Tx, answer: StandingAnswer) -> None:
    """Bind the list to the owner's answer; fallen cases are struck and ranks close up."""
    query = select(Listing).where(Listing.manifest_id == answer.manifest_id, Listing.addendum == 0)  # type: ignore[arg-type]
    listing = (await tx.session.execute(query)).scalar_one()
    await tx.lock("release", listing.cycle_id)
    # A list without publicity has no stage row of this service; only its place is audited.
    names = {"cycle_id", "category_id", "category_key", "rulebook_id", "rulebook_digest"}
    place = Stage(
        stage_id=listing.stage_id or listing.listing_id, kind=GATE, state="open", **listing.model_dump(include=names)
    )
    await bind_standing(tx, answer, place)
    fallen = set(answer.fallen)
    for entry in await store.entries(tx, listing.listing_id):
        if entry.case_id in fallen and entry.state == "listed":
            entry.state, entry.state_reason = "struck", "发布前资格已不存在"
            tx.session.add(entry)
