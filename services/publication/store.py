"""Reads and writes of this service, named by intent; never commits."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.publication.domain.lists import Entry
from services.publication.domain.objections import OPEN
from services.publication.tables import (
    BundlePart,
    Category,
    Cycle,
    LedgerMark,
    ListEntry,
    Listing,
    Objection,
    Page,
    Posting,
    Release,
    ReleaseRound,
    Revocation,
    StageSeen,
)
from shared.contracts.facts import CategoryOpened, CycleOpened
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import StageRef
from shared.infra.database import Tx
from shared.infra.rulebooks import by_digest
from shared.infra.tables import Stage
from shared.kernel.refusals import NotFound
from shared.rulebook import Category as Rules
from shared.rulebook import Rulebook

PAGES = "pages"


async def keep_cycle(tx: Tx, fact: CycleOpened) -> None:
    """Keep a cycle's read copy."""
    row = {"cycle_id": fact.cycle_id, **fact.model_dump(include={"rulebook_id", "rulebook_digest", "year"})}
    await tx.session.execute(insert(Cycle).values(**row).on_conflict_do_nothing(index_elements=["cycle_id"]))


async def keep_category(tx: Tx, fact: CategoryOpened) -> None:
    """Keep a category's read copy."""
    names = {"cycle_id", "category_id", "category_key", "rulebook_id", "rulebook_digest"}
    statement = insert(Category).values(**fact.model_dump(include=names))
    await tx.session.execute(statement.on_conflict_do_nothing(index_elements=["category_id"]))


async def cycle(tx: Tx, cycle_id: UUID) -> Cycle:
    """The cycle; refused when unknown."""
    found = await tx.session.get(Cycle, cycle_id)
    if found is None:
        raise NotFound("没有找到这个活动年度。")
    return found


async def cycles(tx: Tx) -> list[Cycle]:
    """All cycles, newest year first."""
    return list((await tx.session.execute(select(Cycle).order_by(Cycle.year.desc(), Cycle.rulebook_id))).scalars())  # type: ignore[attr-defined]


async def categories(tx: Tx, cycle_id: UUID) -> list[Category]:
    """The categories of a cycle, in the rulebook's order."""
    query = select(Category).where(Category.cycle_id == cycle_id)  # type: ignore[arg-type]
    found = list((await tx.session.execute(query)).scalars())
    if not found:
        return []
    order = [rules.key for rules in rulebook_of(found[0]).categories]
    return sorted(found, key=lambda row: order.index(row.category_key))


async def category(tx: Tx, category_id: UUID) -> Category:
    """The category; refused when unknown."""
    found = await tx.session.get(Category, category_id)
    if found is None:
        raise NotFound("没有找到这个发布项目。")
    return found


def rulebook_of(row: Category | Cycle | Listing | Stage | StageRef) -> Rulebook:
    """The exact rulebook version a row is pinned to."""
    return by_digest(row.rulebook_id, row.rulebook_digest)


def rules_of(row: Category | Listing | Stage | StageRef) -> Rules:
    """The rules of the category a row belongs to."""
    return rulebook_of(row).category(row.category_key)


async def cancelled_stage(tx: Tx, category_id: UUID) -> StageSeen | None:
    """The stage with which a category was terminated, if it was."""
    query = select(StageSeen).where(StageSeen.category_id == category_id, StageSeen.state == "cancelled").limit(1)  # type: ignore[arg-type]
    return (await tx.session.execute(query)).scalar_one_or_none()


async def stages_seen(tx: Tx, category_id: UUID) -> dict[str, StageSeen]:
    """How the category's stages stand, by kind; the first of a kind is the main track's."""
    query = select(StageSeen).where(StageSeen.category_id == category_id).order_by(StageSeen.opens_at.desc())  # type: ignore[arg-type, union-attr]
    return {row.kind: row for row in (await tx.session.execute(query)).scalars()}


async def posting(tx: Tx, stage_id: UUID) -> Posting | None:
    """The call or notice that was posted for a stage, if it was."""
    query = select(Posting).where(col(Posting.stage_id) == stage_id, col(Posting.kind) != "termination")
    return (await tx.session.execute(query)).scalar_one_or_none()


async def postings(tx: Tx, kind: str) -> list[Posting]:
    """All postings of a kind, newest first."""
    query = select(Posting).where(Posting.kind == kind).order_by(Posting.posted_at.desc())  # type: ignore[arg-type, attr-defined]
    return list((await tx.session.execute(query)).scalars())


async def posted_stages(tx: Tx, category_id: UUID) -> list[UUID]:
    """The stages of a category that have a call or notice."""
    query = select(Posting).where(Posting.category_id == category_id)  # type: ignore[arg-type]
    return [row.stage_id for row in (await tx.session.execute(query)).scalars()]


async def listing_of_stage(tx: Tx, stage_id: UUID) -> Listing | None:
    """The list that a stage puts up for objections (or that ranking's stage fixed)."""
    query = select(Listing).where(Listing.stage_id == stage_id, Listing.addendum == 0)  # type: ignore[arg-type]
    return (await tx.session.execute(query)).scalar_one_or_none()


async def listing_at(tx: Tx, category_id: UUID, supplement: int, addendum: int = 0) -> Listing | None:
    """A category's list by its place."""
    query = select(Listing).where(
        Listing.category_id == category_id,  # type: ignore[arg-type]
        Listing.supplement == supplement,  # type: ignore[arg-type]
        Listing.addendum == addendum,  # type: ignore[arg-type]
    )
    return (await tx.session.execute(query)).scalar_one_or_none()


async def listings(tx: Tx, cycle_id: UUID) -> list[Listing]:
    """All lists of a cycle in order of category, supplement and addendum."""
    query = (
        select(Listing)
        .where(Listing.cycle_id == cycle_id)  # type: ignore[arg-type]
        .order_by(Listing.category_key, Listing.supplement, Listing.addendum)  # type: ignore[arg-type]
    )
    return list((await tx.session.execute(query)).scalars())


async def entries(tx: Tx, listing_id: UUID) -> list[ListEntry]:
    """The entries of a list by case number."""
    query = select(ListEntry).where(ListEntry.listing_id == listing_id).order_by(ListEntry.number)  # type: ignore[arg-type]
    return list((await tx.session.execute(query)).scalars())


async def entries_of_case(tx: Tx, case_id: UUID) -> list[ListEntry]:
    """Everywhere a case stands in a list."""
    return list((await tx.session.execute(select(ListEntry).where(ListEntry.case_id == case_id))).scalars())  # type: ignore[arg-type]


def as_entry(row: ListEntry) -> Entry:
    """The row as the rules see it."""
    return Entry(
        case_id=row.case_id,
        number=row.number,
        position=row.position,
        subject=CaseSubject.model_validate(row.subject),
        score=row.score,
        rank=row.rank,
        outcome=row.outcome,
        reason=row.reason,
    )


async def held_cases(tx: Tx, stage_ids: Iterable[UUID | None]) -> set[UUID]:
    """Cases with an open objection in these stages."""
    query = select(Objection.case_id).where(  # type: ignore[call-overload]
        Objection.stage_id.in_([stage for stage in stage_ids if stage]),  # type: ignore[attr-defined]
        Objection.state.in_([state.value for state in OPEN]),  # type: ignore[attr-defined]
    )
    return set((await tx.session.execute(query)).scalars())


async def objections(tx: Tx, stage_id: UUID | None = None) -> list[Objection]:
    """Objections, oldest first."""
    query = select(Objection).order_by(Objection.filed_at)  # type: ignore[arg-type]
    if stage_id is not None:
        query = query.where(Objection.stage_id == stage_id)  # type: ignore[arg-type]
    return list((await tx.session.execute(query)).scalars())


async def objection_of_receipt(tx: Tx, receipt: str) -> Objection | None:
    """The objection with this number on its receipt."""
    return (await tx.session.execute(select(Objection).where(Objection.receipt == receipt))).scalar_one_or_none()  # type: ignore[arg-type]


async def rounds(tx: Tx, cycle_id: UUID) -> list[ReleaseRound]:
    """The release rounds of a cycle, first one first."""
    query = select(ReleaseRound).where(ReleaseRound.cycle_id == cycle_id).order_by(ReleaseRound.round)  # type: ignore[arg-type]
    return list((await tx.session.execute(query)).scalars())


async def open_round(tx: Tx, cycle_id: UUID, *, update: bool = False) -> ReleaseRound | None:
    """The round that is not published yet; there is at most one."""
    query = select(ReleaseRound).where(ReleaseRound.cycle_id == cycle_id, ReleaseRound.published_at.is_(None))  # type: ignore[arg-type, union-attr]
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await tx.session.execute(query)).scalar_one_or_none()


async def releases(tx: Tx, category_id: UUID | None = None) -> list[Release]:
    """What was released, oldest first."""
    query = select(Release).order_by(Release.released_at, Release.supplement, Release.addendum)  # type: ignore[arg-type]
    if category_id is not None:
        query = query.where(Release.category_id == category_id)  # type: ignore[arg-type]
    return list((await tx.session.execute(query)).scalars())


async def revocations(tx: Tx, category_id: UUID) -> list[Revocation]:
    """Entries that fell after their release."""
    query = select(Revocation).where(Revocation.category_id == category_id).order_by(Revocation.revoked_at)  # type: ignore[arg-type]
    return list((await tx.session.execute(query)).scalars())


async def parts(tx: Tx, category_id: UUID) -> list[BundlePart]:
    """The deposited parts of a category's bundles."""
    query = select(BundlePart).where(BundlePart.category_id == category_id)  # type: ignore[arg-type]
    rows = list((await tx.session.execute(query)).scalars())
    return sorted(rows, key=lambda row: (row.audience, row.source, row.name))


async def keep_part(tx: Tx, row: dict[str, Any]) -> None:
    """Keep the newest deposit of a part."""
    statement = insert(BundlePart).values(**row, deposited_at=tx.now)
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["category_id", "source", "audience", "name"],
            set_={"digest": row["digest"], "deposited_at": tx.now},
        )
    )


async def keep_ledger_mark(tx: Tx, number: int) -> None:
    """Keep up to which audit number the ledger stands; it only grows."""
    statement = insert(LedgerMark).values(id=1, number=number)
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"number": func.greatest(LedgerMark.number, statement.excluded.number)}
        )
    )


async def ledger_mark(tx: Tx) -> int:
    """Up to which audit number of this service the ledger stands."""
    row = await tx.session.get(LedgerMark, 1)
    return row.number if row else 0


async def want_page(tx: Tx, path: str, kind: str, ref: UUID | None = None) -> None:
    """Have a public page rendered anew after the commit."""
    statement = insert(Page).values(path=path, kind=kind, ref=ref, wanted=1, rendered=0, basis="")
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["path"], set_={"wanted": Page.wanted + 1}))
    await tx.notify(PAGES)


async def pages(tx: Tx) -> list[tuple[Page, int | None, str | None]]:
    """Every registered page with version and state of the stage it shows, if it shows one."""
    query = select(Page, Stage).outerjoin(Stage, Stage.stage_id == Page.ref).order_by(Page.path)  # type: ignore[arg-type]
    rows: Sequence[Any] = (await tx.session.execute(query)).all()
    return [(page, stage.version if stage else None, stage.state if stage else None) for page, stage in rows]


async def keep_stage_seen(tx: Tx, row: dict[str, Any]) -> bool:
    """Keep how a stage stands unless something newer is known; True when people would see a difference."""
    known = await tx.session.get(StageSeen, row["stage_id"], with_for_update=True)
    shown = {name: row[name] for name in ("state", "opens_at", "closes_at", "provisional", "closed_at") if name in row}
    differs = known is None or any(getattr(known, name) != value for name, value in shown.items())
    statement = insert(StageSeen).values(**{"provisional": False, **row})
    changed = {name: statement.excluded[name] for name in row if name != "stage_id"}
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["stage_id"], set_=changed, where=StageSeen.version <= statement.excluded.version
        )
    )
    return differs


async def is_released(tx: Tx, entry: ListEntry) -> bool:
    """Whether exactly this entry went out with its list; one that was held then did not."""
    release = await tx.session.get(Release, entry.listing_id)
    return release is not None and entry.number in {one["number"] for one in release.content["entries"]}


async def released_at(tx: Tx, listing_id: UUID) -> datetime | None:
    """When a list was released, if it was."""
    row = await tx.session.get(Release, listing_id)
    return row.released_at if row else None
