"""Writing the files of a confirmed release: list as data, table and paper, and the bundles. Same rows, same bytes."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from services.publication import bundles, store
from services.publication.actions.postings import STATED
from services.publication.actions.release.publishing import ReleasedFiles
from services.publication.actions.release.readiness import due_listings
from services.publication.domain.lists import allowed_codes, as_csv
from services.publication.site.files import write_public
from services.publication.site.results import folder, shown_list
from services.publication.tables import BundlePart, Listing
from shared.infra.database import Tx
from shared.infra.files import DOSSIERS, PUBLIC
from shared.infra.service import Service
from shared.kernel.canonical import canonical, digest_bytes
from shared.web.documents import public_list_pdf

_TYPES = {"json": "application/json", "csv": "text/csv", "pdf": "application/pdf", "zip": "application/zip"}


async def write_release(service: Service, cycle_id: UUID) -> list[ReleasedFiles]:
    """Write the files of every list of the confirmed round to S3 and to the public folder."""
    async with service.database.transaction() as tx:
        now = await store.open_round(tx, cycle_id)
        due = await due_listings(tx, cycle_id) if now and now.confirmed_at else []
        confirmed = [listing for listing in due if listing.prepared is not None]
    return [await _write_list(service, listing) for listing in confirmed]


async def _write_list(service: Service, listing: Listing) -> ReleasedFiles:
    async with service.database.transaction() as tx:
        papers, allowed = await _papers(service, tx, listing)
        parts = await store.parts(tx, listing.category_id)
        postings = await _postings(tx, listing)
    open_parts = [part for part in parts if part.audience == "public"]
    public = {**papers, "postings.json": postings, **await _parts(service, open_parts)}
    bundles.require_clean_members(public, allowed)
    about = {
        "category_id": str(listing.category_id),
        "cycle_id": str(listing.cycle_id),
        "category": (listing.prepared or {})["category"],
        "supplement": listing.supplement,
        "addendum": listing.addendum,
        "list_digest": listing.prepared_digest,
        "manifest_digest": listing.manifest_digest,
        "rehearsal": service.rehearsal,
    }
    handed_out = {**papers, "bundle.zip": bundles.build({**about, "audience": "public"}, public)}
    audited = {**public, **await _parts(service, parts)}
    audited |= await _dossiers(service, audited.get("ranking/ranking.json"))
    auditor = bundles.build({**about, "audience": "auditor"}, audited)
    base = folder(listing.category_id, listing.supplement, listing.addendum)
    await _store(service, base, handed_out, allowed)
    await service.files.put(DOSSIERS, auditor_key(listing.listing_id), auditor, _TYPES["zip"])
    files = [{"name": name, "octets": len(body), "sha256": digest_bytes(body)} for name, body in handed_out.items()]
    kept = {"name": "auditor.zip", "octets": len(auditor), "sha256": digest_bytes(auditor)}
    return ReleasedFiles(listing_id=listing.listing_id, files=(*files, kept))


def auditor_key(listing_id: UUID) -> str:
    """Where the auditor's bundle lies; never in the public bucket."""
    return f"publication/bundles/{listing_id}-auditor.zip"


async def _papers(service: Service, tx: Tx, listing: Listing) -> tuple[dict[str, bytes], frozenset[str]]:
    content: dict[str, Any] = listing.prepared or {}
    entries = [store.as_entry(row) for row in await store.entries(tx, listing.listing_id)]
    allowed = allowed_codes(entries, store.rulebook_of(listing))
    shown = await shown_list(tx, listing, content)
    url = f"{service.settings.public_origin}{folder(listing.category_id, listing.supplement, listing.addendum)}"
    pdf = await asyncio.to_thread(public_list_pdf, shown, verify_url=url, rehearsal=tx.rehearsal)
    return {"list.json": canonical(content), "list.csv": as_csv(content).encode(), "list.pdf": pdf}, allowed


async def _postings(tx: Tx, listing: Listing) -> bytes:
    """What was posted for the category: texts, channels, instants, digests."""
    rows = [
        row
        for kind in ("call", "notice")
        for row in await store.postings(tx, kind)
        if row.category_id == listing.category_id
    ]
    rows.sort(key=lambda row: row.posted_at)
    return canonical({"postings": [row.model_dump(include={*STATED, "text"}) for row in rows]})


async def _parts(service: Service, parts: list[BundlePart]) -> dict[str, bytes]:
    """The deposited parts, each in its source's folder."""
    return {f"{part.source}/{part.name}": await service.files.get_dossier(part.source, part.digest) for part in parts}


async def _dossiers(service: Service, ranking: bytes | None) -> dict[str, bytes]:
    """The dossiers that the ranks were taken from, each under its digest: the sheets behind every mean."""
    found: dict[str, bytes] = {}
    for entry in json.loads(ranking)["entries"] if ranking else ():
        digest = entry["dossier_digest"]
        for source in ("review", "ranking"):
            if digest and await service.files.has_dossier(source, digest):
                found[f"{source}/dossiers/{digest}.json"] = await service.files.get_dossier(source, digest)
                break
    return found


async def _store(service: Service, base: str, files: dict[str, bytes], allowed: frozenset[str]) -> None:
    for name, body in files.items():
        await service.files.put(PUBLIC, f"{base.lstrip('/')}/{name}", body, _TYPES[name.rsplit(".", 1)[1]])
        if service.settings.public_dir is not None:
            root: Path = service.settings.public_dir
            await asyncio.to_thread(write_public, root, f"{base}/{name}", body, allowed)
