"""Publication of a confirmed round, and what follows a release: revocations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert

from services.publication import store
from services.publication.actions.release.rounds import look_at_release, round_workflow_id
from services.publication.actions.sites import want_result
from services.publication.tables import Cycle, Listing, Release, ReleaseRound, Revocation
from shared.contracts.facts import CaseAmended, CategoryReleased, CycleReleased, ReleaseDated
from shared.infra.database import Tx


class ReleasedFiles(BaseModel):
    """The files of one released list, as written: name, kind, size in bytes and digest of each."""

    listing_id: UUID
    files: tuple[dict[str, Any], ...]


async def publish(tx: Tx, cycle_id: UUID, written: Sequence[ReleasedFiles]) -> None:
    """Release every list of the confirmed round exactly once and say so."""
    await tx.lock("release", cycle_id)
    now = await store.open_round(tx, cycle_id, update=True)
    if now is None or now.confirmed_at is None:
        return
    for one in written:
        listing = await tx.session.get(Listing, one.listing_id)
        if listing is not None:
            await _release(tx, now, listing, one.files)
    now.published_at, now.waits_for = tx.now, None
    tx.session.add(now)
    await tx.session.flush()
    await tx.finish_work(round_workflow_id(cycle_id, now.round))
    if now.round == 0:
        await _release_cycle(tx, await store.cycle(tx, cycle_id))
    await look_at_release(tx, cycle_id)


async def _release(tx: Tx, now: ReleaseRound, listing: Listing, files: Sequence[dict[str, Any]]) -> None:
    content = listing.prepared
    if content is None or listing.prepared_digest is None:
        raise LookupError(f"list {listing.listing_id} was confirmed without being prepared")
    entries = len(content["entries"])
    names = {"listing_id", "cycle_id", "category_id", "supplement", "addendum"}
    row = insert(Release).values(
        **listing.model_dump(include=names),
        round=now.round,
        digest=listing.prepared_digest,
        entries=entries,
        content=content,
        files=list(files),
        released_at=tx.now,
    )
    fresh = await tx.session.execute(row.on_conflict_do_nothing().returning(Release.listing_id))  # type: ignore[call-overload]
    if fresh.one_or_none() is None:
        return
    place: dict[str, Any] = {"cycle_id": listing.cycle_id, "category_id": listing.category_id}
    await tx.audit("list.released", **place, stage_id=listing.stage_id, public=listing.prepared_digest, entries=entries)
    await tx.emit(
        CategoryReleased(**place, supplement=listing.supplement, digest=listing.prepared_digest, entries=entries)
    )
    await want_result(tx, listing.category_id)


async def _release_cycle(tx: Tx, cycle: Cycle) -> None:
    if cycle.released_at is None:
        cycle.released_at = tx.now
        tx.session.add(cycle)
        await tx.audit("cycle.released", cycle_id=cycle.cycle_id)
        await tx.emit(CycleReleased(cycle_id=cycle.cycle_id))


async def note_dated(tx: Tx, fact: ReleaseDated) -> None:
    """The office set the date after which the release waits no longer."""
    if fact.cycle_id is None:
        raise ValueError("the fact names no cycle")
    cycle = await store.cycle(tx, fact.cycle_id)
    cycle.release_at = fact.release_at
    tx.session.add(cycle)
    await look_at_release(tx, cycle.cycle_id)


async def mark_release_stuck(tx: Tx, cycle_id: UUID) -> None:
    """A step of the release was refused: shown to operators; the next look clears it."""
    now = await store.open_round(tx, cycle_id, update=True)
    if now is not None and now.stuck is None:
        now.stuck = "上一步未能完成，等待处理后自动重试"
        tx.session.add(now)
        await tx.audit("release.stuck", cycle_id=cycle_id, round=now.round)


async def revoke(tx: Tx, fact: CaseAmended) -> None:
    """A case fell after its release: a notice of revocation, once a case and list."""
    if fact.case_id is None or fact.kind not in ("withdrawn", "disqualified"):
        return
    for entry in await store.entries_of_case(tx, fact.case_id):
        if not await store.is_released(tx, entry):
            continue
        release = await tx.session.get_one(Release, entry.listing_id)
        row = insert(Revocation).values(
            listing_id=entry.listing_id,
            case_id=entry.case_id,
            category_id=release.category_id,
            number=entry.number,
            name=store.as_entry(entry).subject.full_name,
            kind=fact.kind,
            revoked_at=tx.now,
        )
        await tx.session.execute(row.on_conflict_do_nothing())
        await tx.audit("release.revoked", category_id=release.category_id, case_id=entry.case_id, kind=fact.kind)
        await want_result(tx, release.category_id)
