"""Publicity: the list is received, posted, open to objections for its term, and closed with what was cleared."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.publication import store
from services.publication.actions.release.rounds import look_at_release
from services.publication.actions.sites import want_notice
from services.publication.domain.steps import Desk, Next, in_publicity
from services.publication.tables import ListEntry, Listing
from shared.contracts.dossiers import FinalEntryDossier, Manifest, ManifestEntry
from shared.contracts.facts import CaseAmended, ListFixed, SeatFilled
from shared.contracts.workflows import StageRef, Todo
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.manifests import freeze_manifest, hold_amendments, keep_manifest, unstored_dossiers
from shared.infra.stages import close_stage, open_stage, seconds_until, stage_row, term_is_over, wait_for
from shared.infra.tables import Amendment, Stage
from shared.kernel.refusals import Conflict
from shared.kernel.stages import StageState
from shared.rulebook import StageKind

STORE_WAIT = 0.2
STRIKES = {"withdrawn": "已撤回", "disqualified": "已取消资格"}


async def publicity_step(tx: Tx, ref: StageRef) -> Todo:
    """What a publicity's workflow does next."""
    stage = await tx.session.get(Stage, ref.stage_id)
    if stage is None:
        return plan(tx, Next("begin"))
    listing = await _listing(tx, ref.stage_id)
    desk = Desk(
        state=StageState(stage.state),
        received=listing.received_at is not None,
        posted=await store.posting(tx, ref.stage_id) is not None,
        closes_at=stage.closes_at,
        frozen=listing.frozen_at is not None,
        stored=not await unstored_dossiers(tx, [listing.cleared_digest or ""]),
    )
    return plan(tx, in_publicity(desk, tx.now))


def plan(tx: Tx, found: Next) -> Todo:
    """A plan in business time as the workflow gets it."""
    seconds = STORE_WAIT if found.soon else seconds_until(found.until, tx.now)
    return Todo(step=found.step, wait_seconds=seconds)


async def begin_publicity(tx: Tx, ref: StageRef) -> None:
    """Open the stage without a term: it has one once the notice is posted."""
    if ref.manifest_id is None or ref.manifest_digest is None:
        raise Conflict("no_manifest", "没有收到最终名单的移交清单，不能公示。")
    await open_stage(tx, ref)
    await _keep_listing(
        tx,
        ref,
        supplement=ref.supplement,
        stage_id=ref.stage_id,
        manifest_id=ref.manifest_id,
        manifest_digest=ref.manifest_digest,
        manifest_source=ref.manifest_source or "ranking",
    )


async def note_fixed(tx: Tx, fact: ListFixed) -> None:
    """Ranking fixed a list. Where the rulebook has no publicity it goes straight to release."""
    category = await store.category(tx, _required(fact.category_id))
    has_publicity = store.rules_of(category).stage(StageKind.PUBLICITY) is not None
    if has_publicity:
        return
    await _keep_listing(
        tx,
        category,
        supplement=fact.supplement,
        publicity=False,
        stage_id=fact.stage_id,
        manifest_id=fact.manifest_id,
        manifest_digest=fact.manifest_digest,
        manifest_source="ranking",
        ended_at=tx.now,
    )


async def note_filled(tx: Tx, fact: SeatFilled) -> None:
    """A seat was refilled: its own list is on the way and the release waits for it until the office's date."""
    category = await store.category(tx, _required(fact.category_id))
    await _keep_listing(tx, category, supplement=fact.supplement)


async def _keep_listing(tx: Tx, of: object, *, supplement: int, **known: object) -> None:
    """Write a list's row, or fill in what was not known when it was announced."""
    names = ("cycle_id", "category_id", "category_key", "rulebook_id", "rulebook_digest")
    row = {name: getattr(of, name) for name in names}
    statement = insert(Listing).values(
        listing_id=new_id(),
        **row,
        supplement=supplement,
        addendum=0,
        **{"publicity": True, "cleared_cases": 0, **known},
    )
    unique = ["category_id", "supplement", "addendum"]
    if known:
        late = statement.on_conflict_do_update(
            index_elements=unique,
            set_=known,
            where=Listing.manifest_id.is_(None),  # type: ignore[union-attr]
        )
        await tx.session.execute(late)
    else:
        await tx.session.execute(statement.on_conflict_do_nothing(index_elements=unique))


async def take_in_list(tx: Tx, listing_id: UUID, manifest: Manifest, dossiers: Sequence[FinalEntryDossier]) -> None:
    """Keep the entries of a final list, those amended meanwhile struck."""
    await hold_amendments(tx, manifest.category_id)
    listing = await tx.session.get(Listing, listing_id, with_for_update=True)
    if listing is None or listing.received_at is not None:
        return
    digests = {entry.case_id: entry.dossier_digest for entry in manifest.entries}
    await keep_manifest(tx, manifest, listing.manifest_digest or "")
    for dossier in dossiers:
        tx.session.add(_entry(listing_id, dossier, digests[dossier.case_id]))
    await tx.session.flush()
    listing.received_at = tx.now
    await _apply_known_amendments(tx, listing)
    await tx.audit(
        "list.received",
        cycle_id=listing.cycle_id,
        category_id=listing.category_id,
        stage_id=listing.stage_id,
        public=listing.manifest_digest,
        cases=len(dossiers),
    )
    if listing.publicity and listing.stage_id is not None:
        await wait_for(tx, await stage_row(tx, listing.stage_id, update=True), "office")


def _entry(listing_id: UUID, dossier: FinalEntryDossier, digest: str) -> ListEntry:
    return ListEntry(
        listing_id=listing_id,
        case_id=dossier.case_id,
        number=dossier.number,
        position=dossier.position,
        subject=dossier.subject.model_dump(mode="json"),
        score=dossier.score,
        rank=dossier.rank,
        outcome=dossier.outcome,
        reason=dossier.reason,
        dossier_digest=digest,
    )


async def _apply_known_amendments(tx: Tx, listing: Listing) -> None:
    cases = {row.case_id: row for row in await store.entries(tx, listing.listing_id)}
    query = select(Amendment).where(Amendment.case_id.in_(list(cases))).order_by(Amendment.occurred_at)  # type: ignore[attr-defined, arg-type]
    for amendment in (await tx.session.execute(query)).scalars():
        amend_entry(tx, cases[amendment.case_id], amendment.kind)


def amend_entry(tx: Tx, entry: ListEntry, kind: str) -> bool:
    """Strike an entry whose case fell, or list it again when it was reinstated; True when it changed."""
    if kind in STRIKES and entry.state == "listed":
        entry.state, entry.state_reason = "struck", STRIKES[kind]
    elif kind == "reinstated" and entry.state == "struck":
        entry.state, entry.state_reason = "listed", None
    else:
        return False
    tx.session.add(entry)
    return True


async def note_amended(tx: Tx, fact: CaseAmended) -> list[tuple[Listing, ListEntry]]:
    """Strike the case wherever it is not released yet; returns the lists and entries that changed."""
    changed = []
    for entry in await store.entries_of_case(tx, _required(fact.case_id)):
        listing = await tx.session.get_one(Listing, entry.listing_id)
        if await store.is_released(tx, entry):
            continue
        if amend_entry(tx, entry, fact.kind):
            changed.append((listing, entry))
            if listing.publicity and listing.stage_id is not None:
                await want_notice(tx, listing.stage_id)
    return changed


async def freeze_cleared(tx: Tx, stage_id: UUID) -> None:
    """Freeze what was cleared at the end of the term; entries with an open objection are held."""
    stage = await stage_row(tx, stage_id, update=True)
    listing = await _listing(tx, stage_id)
    if listing.frozen_at is not None or not term_is_over(stage, tx.now):
        return
    held = await store.held_cases(tx, [stage_id])
    rows = [row for row in await store.entries(tx, listing.listing_id) if row.state == "listed"]
    cleared = [row for row in rows if row.case_id not in held]
    manifest = await freeze_manifest(tx, stage, [_manifest_entry(row) for row in cleared])
    listing.cleared_id, listing.cleared_digest, listing.cleared_cases = manifest
    listing.frozen_at = tx.now
    tx.session.add(listing)


def _manifest_entry(row: ListEntry) -> ManifestEntry:
    subject = store.as_entry(row).subject
    return ManifestEntry(case_id=row.case_id, number=row.number, dossier_digest=row.dossier_digest, subject=subject)


async def close_publicity(tx: Tx, stage_id: UUID) -> None:
    """The term is over: hand on what was cleared and let the release look; what is held follows its ruling."""
    stage = await stage_row(tx, stage_id, update=True)
    listing = await _listing(tx, stage_id)
    if listing.cleared_id is None or listing.cleared_digest is None:
        return
    await close_stage(tx, stage, manifest=(listing.cleared_id, listing.cleared_digest, listing.cleared_cases))
    listing.ended_at = tx.now
    tx.session.add(listing)
    await tx.session.flush()
    await look_at_release(tx, stage.cycle_id)
    await want_notice(tx, stage_id)


async def _listing(tx: Tx, stage_id: UUID) -> Listing:
    listing = await store.listing_of_stage(tx, stage_id)
    if listing is None:
        raise LookupError(f"stage {stage_id} has no list")
    return listing


def _required(value: UUID | None) -> UUID:
    if value is None:
        raise ValueError("the fact names no cycle, category or case")
    return value
