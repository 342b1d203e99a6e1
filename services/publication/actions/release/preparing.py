"""Fixing what would be released, and gathering the parts that prove it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select

from services.publication import store
from services.publication.actions.release.readiness import cleared_entries, due_listings
from services.publication.domain import lists, releases
from services.publication.domain.releases import LEDGER, release_digest
from services.publication.domain.scanning import require_clean
from services.publication.tables import Listing, ReleaseRound
from shared.contracts.facts import BundleWanted
from shared.infra.database import Tx
from shared.infra.tables import Audit
from shared.kernel.canonical import canonical, digest

NOT_ASKED = "尚未通知各方提交证明包"
NOT_IN_LEDGER = "名单登记入账"


class ListToConfirm(BaseModel):
    """A list as two persons confirm it: the digest of its public content and how many entries."""

    category_id: UUID
    category: str
    supplement: int
    addendum: int
    digest: str
    entries: int


async def content_of(tx: Tx, listing: Listing) -> dict[str, Any]:
    """The public content of a list as it stands now."""
    cycle = await store.cycle(tx, listing.cycle_id)
    frame = lists.ListFrame(
        **listing.model_dump(include={"cycle_id", "category_id", "supplement", "addendum"}),
        year=cycle.year,
        manifest_digest=listing.manifest_digest or "",
        rehearsal=tx.rehearsal,
    )
    found = await cleared_entries(tx, listing)
    return lists.public_content(frame, found, store.rulebook_of(listing), store.rules_of(listing))


async def to_confirm(tx: Tx, listing: Listing) -> ListToConfirm:
    """The list as it would be confirmed now."""
    content = await content_of(tx, listing)
    return ListToConfirm(
        **listing.model_dump(include={"category_id", "supplement", "addendum"}),
        category=content["category"],
        digest=digest(content),
        entries=len(content["entries"]),
    )


async def digest_now(tx: Tx, now: ReleaseRound, due: Sequence[Listing]) -> str:
    """What two persons would confirm now."""
    found = [(await to_confirm(tx, listing)).model_dump(mode="json") for listing in due]
    return release_digest(now.cycle_id, now.round, found)


async def prepare_release(tx: Tx, cycle_id: UUID) -> None:
    """Fix what would be released: each list's public content, its digest on the way into the ledger.

    Under the lock that every change of an entry takes: what two persons confirm is the digest of what is kept here.
    """
    await tx.lock("release", cycle_id)
    now = await store.open_round(tx, cycle_id, update=True)
    if now is None or now.confirmed_at is not None:
        return
    due = await due_listings(tx, cycle_id)
    for listing in due:
        listing.prepared = await content_of(tx, listing)
        await _require_clean(tx, listing)
        listing.prepared_digest = await tx.put_dossier(listing.prepared, "public-list")
        tx.session.add(listing)
        await tx.audit(
            "list.prepared",
            cycle_id=cycle_id,
            category_id=listing.category_id,
            stage_id=listing.stage_id,
            public=listing.prepared_digest,
            entries=len(listing.prepared["entries"]),
        )
    now.prepared_digest, now.wanted_at = await digest_now(tx, now, due), None
    tx.session.add(now)


async def _require_clean(tx: Tx, listing: Listing) -> None:
    """A list with a personal number is never prepared: the release stays stuck until its source is corrected."""
    entries = [store.as_entry(row) for row in await store.entries(tx, listing.listing_id)]
    allowed = lists.allowed_codes(entries, store.rulebook_of(listing))
    require_clean("名单", canonical(listing.prepared).decode(), allowed)


async def missing_parts(tx: Tx, now: ReleaseRound, due: Sequence[Listing]) -> list[str]:
    """What is missing before two persons can confirm: the ledger entry, the asking, or named parts."""
    if now.wanted_at is None:
        return [NOT_ASKED if await _in_ledger(tx, due) else NOT_IN_LEDGER]
    missing: set[str] = set()
    for listing in due:
        there = {(part.source, part.audience, part.name): part for part in await store.parts(tx, listing.category_id)}
        fresh = LEDGER in there and there[LEDGER].deposited_at >= now.wanted_at
        missing |= set(releases.missing_parts(store.rules_of(listing), there, fresh_ledger=fresh))
    return sorted(missing)


async def _in_ledger(tx: Tx, due: Sequence[Listing]) -> bool:
    """Whether every prepared list's audit row stands in the ledger."""
    digests = {listing.prepared_digest for listing in due}
    query = (
        select(func.min(Audit.number))
        .where(Audit.action == "list.prepared", Audit.public.in_(digests), Audit.number.is_not(None))  # type: ignore[union-attr, arg-type]
        .group_by(Audit.public)
    )
    numbers = list((await tx.session.execute(query)).scalars())
    return len(numbers) == len(digests) and await store.ledger_mark(tx) >= max(numbers, default=0)


async def want_parts(tx: Tx, cycle_id: UUID) -> None:
    """Ask everybody for the parts of each category's bundle."""
    now = await store.open_round(tx, cycle_id, update=True)
    if now is None or now.wanted_at is not None:
        return
    for listing in await due_listings(tx, cycle_id):
        await tx.emit(
            BundleWanted(
                cycle_id=cycle_id,
                category_id=listing.category_id,
                list_digest=listing.prepared_digest or "",
                supplement=listing.supplement,
            )
        )
    now.wanted_at = tx.now
    tx.session.add(now)
