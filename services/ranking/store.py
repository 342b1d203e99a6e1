"""Reads and writes of ranking, named by intent; never commits."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from services.ranking.domain.decisions import Choice
from services.ranking.domain.ranks import Ranked, Standing, rank
from services.ranking.domain.scoring import ByHand
from services.ranking.tables import (
    CaseCopy,
    ConcernFile,
    ConcernRuling,
    Confirmation,
    Decision,
    EvaluationResult,
    ItemDecision,
    Letter,
    ListEntry,
    Meeting,
    Member,
    MinuteRow,
    RankedEntry,
    Recusal,
    Reply,
    Seat,
    StageProgress,
)
from shared.infra.database import Tx
from shared.infra.tables import Amendment, Person, Stage
from shared.kernel.refusals import NotFound

Row = TypeVar("Row", bound=SQLModel)
FALLEN = ("withdrawn", "disqualified")
_ENTRY: Any = RankedEntry


async def progress_of(tx: Tx, stage_id: UUID) -> StageProgress:
    """How far a stage has come; the row is made when the stage opens."""
    found = await tx.session.get(StageProgress, stage_id)
    if found is None:
        raise NotFound("没有找到这个阶段。")
    return found


async def rows(tx: Tx, table: type[Row], *where: Any, order: Any = None) -> list[Row]:
    """All rows of a table that meet the conditions."""
    query = select(table).where(*where)
    if order is not None:
        query = query.order_by(*order) if isinstance(order, tuple) else query.order_by(order)
    return list((await tx.session.execute(query)).scalars())


async def cases_of(tx: Tx, stage_id: UUID) -> list[CaseCopy]:
    """The cases of a stage by number, struck ones among them."""
    return await rows(tx, CaseCopy, CaseCopy.stage_id == stage_id, order=CaseCopy.number)


async def cases_counted(tx: Tx, stage_id: UUID, hidden: frozenset[UUID]) -> int:
    """How many cases of a stage a reader sees."""
    query = select(func.count()).select_from(CaseCopy).where(CaseCopy.stage_id == stage_id)  # type: ignore[arg-type]
    return int((await tx.session.execute(query.where(CaseCopy.case_id.not_in(hidden)))).scalar_one())  # type: ignore[attr-defined]


async def case_of(tx: Tx, stage_id: UUID, case_id: UUID) -> CaseCopy:
    """One case of a stage."""
    found = await tx.session.get(CaseCopy, (stage_id, case_id))
    if found is None:
        raise NotFound("本阶段没有这个案件。")
    return found


async def keep_cases(tx: Tx, copies: Sequence[CaseCopy]) -> None:
    """Keep the cases that a manifest handed over, once."""
    if copies:
        values = [copy.model_dump() for copy in copies]
        await tx.session.execute(insert(CaseCopy).values(values).on_conflict_do_nothing())


async def fallen_before(tx: Tx, case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Which of these cases fell by an amendment already taken in, and why; the newest amendment counts."""
    query = select(Amendment).where(Amendment.case_id.in_(list(case_ids))).order_by(Amendment.occurred_at)  # type: ignore[attr-defined, arg-type]
    newest = {one.case_id: one.kind for one in (await tx.session.execute(query)).scalars()}
    return {case_id: kind for case_id, kind in newest.items() if kind in FALLEN}


async def stages_with(tx: Tx, category_id: UUID, case_id: UUID) -> list[Stage]:
    """Stages that still work with a case, as they opened: those not closed, and the decision, whose ranking others
    refer to."""
    query = (
        select(Stage)
        .join(CaseCopy, CaseCopy.stage_id == Stage.stage_id)  # type: ignore[arg-type]
        .where(
            CaseCopy.case_id == case_id,  # type: ignore[arg-type]
            CaseCopy.category_id == category_id,  # type: ignore[arg-type]
            or_(Stage.closed_at.is_(None), Stage.kind == "decision"),  # type: ignore[union-attr, arg-type]
        )
        .order_by(Stage.opens_at, Stage.stage_id)  # type: ignore[arg-type]
    )
    return list((await tx.session.execute(query)).scalars())


# -- evaluation --------------------------------------------------------------------------------------------------------


async def results_of(tx: Tx, stage_id: UUID) -> dict[UUID, EvaluationResult]:
    """The results of an evaluation by case."""
    query = select(EvaluationResult).where(EvaluationResult.stage_id == stage_id)  # type: ignore[arg-type]
    found = await tx.session.execute(query.execution_options(populate_existing=True))
    return {one.case_id: one for one in found.scalars()}


async def keep_results(tx: Tx, results: Sequence[EvaluationResult]) -> None:
    """Write results over older ones, in one statement."""
    if not results:
        return
    new = insert(EvaluationResult).values([one.model_dump() for one in results])
    columns = ("total", "open_items", "result", "scored_at")
    await tx.session.execute(
        new.on_conflict_do_update(
            index_elements=["stage_id", "case_id"], set_={name: new.excluded[name] for name in columns}
        )
    )


async def item_decisions(tx: Tx, stage_id: UUID) -> list[ItemDecision]:
    """All points given by hand in a stage."""
    return await rows(tx, ItemDecision, ItemDecision.stage_id == stage_id, order=ItemDecision.item)


async def by_hand(tx: Tx, stage_id: UUID) -> dict[UUID, ByHand]:
    """Points given by hand, by case."""
    overrides: dict[UUID, dict[str, Decimal]] = {}
    judgements: dict[UUID, dict[str, Decimal]] = {}
    for one in await item_decisions(tx, stage_id):
        target = overrides if one.kind == "override" else judgements
        target.setdefault(one.case_id, {})[one.item] = Decimal(one.points)
    cases = overrides.keys() | judgements.keys()
    return {case: ByHand(overrides.get(case, {}), judgements.get(case, {})) for case in cases}


async def put(tx: Tx, row: SQLModel) -> None:
    """Write a row, over an older one of the same key."""
    await tx.session.merge(row)


# -- ranking and decision ----------------------------------------------------------------------------------------------


async def entries_of(tx: Tx, stage_id: UUID, cases: Sequence[UUID] | None = None) -> list[RankedEntry]:
    """The ranking of a stage: ranked ones by class and place, then vetoed and struck ones; with ``cases`` these."""
    order = (_ENTRY.division, _ENTRY.place.asc().nulls_last(), _ENTRY.number)
    where = [_ENTRY.stage_id == stage_id, *([] if cases is None else [_ENTRY.case_id.in_(cases)])]
    return await rows(tx, RankedEntry, *where, order=order)


def standing_of(entry: RankedEntry) -> Standing:
    """An entry's exact inputs."""
    return Standing(
        case_id=entry.case_id,
        number=entry.number,
        numerator=int(entry.numerator),
        denominator=int(entry.denominator),
        group=entry.division,
        tie_values=tuple(None if value is None else Decimal(value) for value in entry.tie_values),
    )


def ranked_of(entries: Sequence[RankedEntry]) -> list[Ranked]:
    """The entries that have a rank, as the rules see them."""
    return [
        Ranked(one.case_id, one.number, one.division, one.rank, one.place, one.tied)
        for one in entries
        if one.rank is not None and one.place is not None
    ]


def ranked_among(entries: Sequence[RankedEntry], hidden: frozenset[UUID]) -> list[Ranked]:
    """The entries that have a rank, ranked among those that are not hidden from the reader."""
    if not hidden:
        return ranked_of(entries)
    return rank([standing_of(one) for one in entries if one.rank is not None and one.case_id not in hidden])


async def decisions_of(tx: Tx, stage_id: UUID, cases: Sequence[UUID] | None = None) -> dict[UUID, Decision]:
    """The decisions of a stage by case; with ``cases`` only those of these."""
    where = [Decision.stage_id == stage_id]
    if cases is not None:
        where.append(Decision.case_id.in_(cases))  # type: ignore[attr-defined]
    return {one.case_id: one for one in await rows(tx, Decision, *where)}


def choices_of(decisions: Iterable[Decision]) -> dict[UUID, Choice]:
    """Decisions of a shortlist as the rules see them."""
    return {one.case_id: Choice(one.outcome == "shortlisted", one.reason) for one in decisions}


async def confirmations_of(tx: Tx, stage_id: UUID) -> list[Confirmation]:
    """What persons have confirmed in a stage, each the last time."""
    return await rows(tx, Confirmation, Confirmation.stage_id == stage_id, order=Confirmation.confirmed_at)


async def members_of(tx: Tx) -> list[Member]:
    """Who has a place in the committee and may still act, by seat."""
    gone = select(Person.account_id)  # type: ignore[call-overload]
    query = select(Member).where(Member.account_id.not_in(gone)).order_by(Member.seat)  # type: ignore[attr-defined]
    return list((await tx.session.execute(query)).scalars())


async def recusals_of(tx: Tx, category_id: UUID) -> list[Recusal]:
    """Who stands aside from which case of a category."""
    return await rows(tx, Recusal, Recusal.category_id == category_id, order=(Recusal.seat, Recusal.case_id))


async def recused_cases(tx: Tx, account_id: UUID) -> frozenset[UUID]:
    """The cases from which the seat of an account stands aside."""
    same_seat = Member.seat == Recusal.seat
    query = select(Recusal).join(Member, same_seat).where(Member.account_id == account_id)  # type: ignore[arg-type]
    return frozenset(one.case_id for one in (await tx.session.execute(query)).scalars())


async def meeting_of(tx: Tx, stage_id: UUID) -> Meeting | None:
    """The stage's meeting."""
    return await tx.session.get(Meeting, stage_id)


async def minute_of(tx: Tx, subject: UUID, *, update: bool = False) -> MinuteRow | None:
    """The minute of a stage or of a seat's refill."""
    return await tx.session.get(MinuteRow, subject, with_for_update=update or None, populate_existing=update)


async def minutes_of(tx: Tx, category_id: UUID) -> list[MinuteRow]:
    """All minutes of a category."""
    return await rows(tx, MinuteRow, MinuteRow.category_id == category_id, order=MinuteRow.supplement)


async def decision_stage(tx: Tx, category_id: UUID) -> Stage:
    """The stage in which a category's ranking was decided."""
    query = select(Stage).where(Stage.category_id == category_id, Stage.kind == "decision")  # type: ignore[arg-type]
    found: Stage | None = (await tx.session.execute(query)).scalars().first()
    if found is None:
        raise NotFound("这个项目还没有研究决定。")
    return found


# -- consultation and lists --------------------------------------------------------------------------------------------


async def letters_of(tx: Tx, stage_id: UUID) -> list[Letter]:
    """The letters of a consultation."""
    return await rows(tx, Letter, Letter.stage_id == stage_id, order=Letter.department)


async def replies_of(tx: Tx, stage_id: UUID) -> list[Reply]:
    """All replies of a consultation."""
    return await rows(tx, Reply, Reply.stage_id == stage_id, order=(Reply.case_id, Reply.replied_at))


async def files_of(tx: Tx, stage_id: UUID) -> list[ConcernFile]:
    """The files that departments gave with their concerns."""
    return await rows(tx, ConcernFile, ConcernFile.stage_id == stage_id)


async def rulings_of(tx: Tx, stage_id: UUID) -> dict[UUID, ConcernRuling]:
    """Rulings on concerns by case, those that wait for their second person among them."""
    return {one.case_id: one for one in await rows(tx, ConcernRuling, ConcernRuling.stage_id == stage_id)}


async def list_of(tx: Tx, stage_id: UUID) -> list[ListEntry]:
    """The lines of a stage's list."""
    return await rows(tx, ListEntry, ListEntry.stage_id == stage_id, order=ListEntry.position)


async def final_entries(tx: Tx, category_id: UUID) -> list[ListEntry]:
    """All lines of a category's final lists, supplements after the main one."""
    return await rows(
        tx,
        ListEntry,
        ListEntry.category_id == category_id,
        ListEntry.final.is_(True),  # type: ignore[attr-defined]
        order=(ListEntry.supplement, ListEntry.position),
    )


async def seats_of(tx: Tx, category_id: UUID | None = None) -> list[Seat]:
    """Seats that fell empty, oldest first."""
    where = () if category_id is None else (Seat.category_id == category_id,)
    return await rows(tx, Seat, *where, order=Seat.opened_at)
