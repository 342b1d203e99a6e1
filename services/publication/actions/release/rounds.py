"""Rounds of a cycle's release: round 0 is the release, later ones bring supplements and entries cleared afterwards."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.publication import store
from services.publication.actions.release.readiness import due_listings
from services.publication.tables import ListEntry, Listing, Release, ReleaseRound
from shared.contracts.names import release_workflow_id
from shared.contracts.workflows import CycleRef
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tables import OpenWork


def round_workflow_id(cycle_id: UUID, number: int) -> str:
    """The release's fixed id; later rounds have ids of their own, since a completed workflow never starts again."""
    return release_workflow_id(cycle_id) if number == 0 else f"{release_workflow_id(cycle_id)}/{number}"


async def open_next_round(tx: Tx, cycle_id: UUID, number: int) -> None:
    """Open a round and register its workflow as open work; each round is opened once."""
    statement = insert(ReleaseRound).values(cycle_id=cycle_id, round=number, opened_at=tx.now)
    written = await tx.session.execute(
        statement.on_conflict_do_nothing(index_elements=["cycle_id", "round"]).returning(ReleaseRound.round)  # type: ignore[call-overload]
    )
    if written.one_or_none() is None:
        return
    cycle = await store.cycle(tx, cycle_id)
    ref = CycleRef(cycle_id=cycle_id, rulebook_id=cycle.rulebook_id, rulebook_digest=cycle.rulebook_digest)
    work = {"workflow_id": round_workflow_id(cycle_id, number), "workflow": "Release", "queue": tx.service}
    row = insert(OpenWork).values(**work, ref=ref.model_dump(mode="json"), due_at=None, nudged_for=None)
    await tx.session.execute(row.on_conflict_do_nothing(index_elements=["workflow_id"]))
    await tx.audit("release.round_opened", cycle_id=cycle_id, round=number)


async def look_at_release(tx: Tx, cycle_id: UUID) -> None:
    """Something a release waits for has changed: nudge its round, or open a later one when lists are due.

    The rounds are read at once: one that opens between two looks would be taken for one that is over.
    """
    known = await store.rounds(tx, cycle_id)
    if not known:
        return
    if known[-1].published_at is None:
        await tx.nudge(round_workflow_id(cycle_id, known[-1].round))
        return
    await tx.lock("release", cycle_id)
    await _open_addenda(tx, cycle_id)
    if await due_listings(tx, cycle_id):
        await open_next_round(tx, cycle_id, len(known))
        await tx.nudge(round_workflow_id(cycle_id, len(known)))


async def _open_addenda(tx: Tx, cycle_id: UUID) -> None:
    """Give entries that were held when their list was released a list of their own once they are cleared."""
    known = await store.listings(tx, cycle_id)
    for listing in known:
        if listing.addendum == 0 and await store.released_at(tx, listing.listing_id) is not None:
            family = list(_family(listing, known))
            cleared = await _cleared_since(tx, listing, family)
            if cleared:
                await _addendum(tx, listing, cleared, 1 + max(other.addendum for other in family))


def _family(listing: Listing, known: Sequence[Listing]) -> Iterator[Listing]:
    """The list with its addenda."""
    for other in known:
        if (other.category_id, other.supplement) == (listing.category_id, listing.supplement):
            yield other


async def _cleared_since(tx: Tx, listing: Listing, family: Sequence[Listing]) -> list[ListEntry]:
    """Entries of a released list that are clear now and stand in none of its releases or addenda."""
    taken = await store.held_cases(tx, [listing.stage_id])
    for other in family:
        if other.addendum:
            taken |= {row.case_id for row in await store.entries(tx, other.listing_id)}
    release = await tx.session.get(Release, listing.listing_id)
    numbers = {entry["number"] for entry in release.content["entries"]} if release else set()
    rows = await store.entries(tx, listing.listing_id)
    return [row for row in rows if row.state == "listed" and row.case_id not in taken and row.number not in numbers]


async def _addendum(tx: Tx, listing: Listing, cleared: Sequence[ListEntry], number: int) -> None:
    left_out = {"listing_id", "addendum", "prepared_digest", "prepared"}
    row = Listing(**listing.model_dump(exclude=left_out), listing_id=new_id(), addendum=number)
    tx.session.add(row)
    await tx.session.flush()
    for entry in cleared:
        tx.session.add(ListEntry(**entry.model_dump(exclude={"listing_id"}), listing_id=row.listing_id))
    await tx.session.flush()
