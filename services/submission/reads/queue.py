"""The queue of the desk: one page of cases in a constant number of statements, however many there are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlmodel import col, select

from services.submission import store, views
from services.submission.actions.rules import category_of
from services.submission.domain.cases import UNDECIDED, CaseState
from services.submission.domain.queue import (
    MINE,
    NOBODY,
    PAGE,
    UNDECIDED_ONLY,
    Wanted,
    days_waited,
    ends_within,
    waiting_at_least,
)
from services.submission.tables import Case, Colleague, Rectification
from services.submission.views import CaseLine
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.kernel.calendar import Term, WorkingCalendar, business_date, end_of_day, working_days_left

_BATCH = 500


class DeskLine(CaseLine):
    """A case in the desk's queue.

    ``waited``: working days with the office, while it waits there; ``days_left``: working days of the applicant's term.
    """

    assignee: UUID | None
    assignee_name: str | None
    waiting_since: datetime | None
    waited: int | None
    closes_at: datetime | None
    days_left: int | None
    open_findings: int
    variant_name: str | None


@dataclass(frozen=True)
class DeskPage:
    """One page of the queue, how many there are in all and by state, and what may be filtered by."""

    lines: list[DeskLine]
    total: int
    counts: Mapping[str, int]
    page: int
    pages: int
    categories: Mapping[UUID, str]
    districts: Sequence[str]
    assignable: Sequence[Colleague]


@dataclass(frozen=True)
class _Days:
    calendar: WorkingCalendar
    today: date


def _conditions(tx: Tx, wanted: Wanted, days: _Days) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [col(Case.state) != CaseState.DRAFT.value]
    if wanted.q:
        name, code = col(Case.subject)["name"].as_string(), col(Case.subject)["credit_code"].as_string()
        texts = (col(Case.number), name, code, col(Case.title))
        found.append(or_(*(text.icontains(wanted.q, autoescape=True) for text in texts)))
    if wanted.category is not None:
        found.append(col(Case.category_id) == wanted.category)
    if wanted.state == UNDECIDED_ONLY:
        found.append(col(Case.state).in_([state.value for state in UNDECIDED]))
    elif wanted.state:
        found.append(col(Case.state) == wanted.state)
    if wanted.district:
        found.append(col(Case.subject)["district"].as_string() == wanted.district)
    return found + _work_conditions(tx, wanted) + _term_conditions(wanted, days)


def _work_conditions(tx: Tx, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.assignee == NOBODY:
        found.append(col(Case.assignee).is_(None))
    elif wanted.assignee:
        found.append(col(Case.assignee) == (tx.actor.account_id if wanted.assignee == MINE else wanted.assignee))
    if wanted.findings:
        found.append(col(Case.open_findings) > 0 if wanted.findings == "open" else col(Case.open_findings) == 0)
    if wanted.paper:
        found.append(col(Case.paper).is_(wanted.paper == "yes"))
    return found


def _term_conditions(wanted: Wanted, days: _Days) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.waited is not None:
        latest = end_of_day(waiting_at_least(days.calendar, days.today, wanted.waited))
        found += [col(Case.state) == CaseState.ACCEPTED.value, col(Case.waiting_since) < latest]
    if wanted.due is not None:
        found.append(_due_within(days, wanted.due))
    return found


def _due_within(days: _Days, due: int) -> ColumnElement[bool]:
    """Terms with at most so many counted days left; of one that was asked today, today is not counted."""
    tomorrow = days.today + timedelta(days=1)
    ends = [end_of_day(ends_within(days.calendar, day, due)) for day in (days.today, tomorrow)]
    closes_at = col(Rectification.closes_at)
    asked_today = col(Rectification.asked_at) >= end_of_day(days.today - timedelta(days=1))
    return or_(closes_at <= ends[0], and_(asked_today, closes_at <= ends[1]))


def _joined(*columns: Any) -> Select[Any]:
    """Cases with the term that runs for their applicant, if one does."""
    running = and_(col(Rectification.case_id) == col(Case.case_id), col(Rectification.state) == "open")
    query: Select[Any] = select(*columns).select_from(Case).outerjoin(Rectification, running)
    return query


def _order(wanted: Wanted) -> list[Any]:
    name, descending = wanted.order
    key: Any = {
        "number": col(Case.number),
        "name": col(Case.subject)["name"].as_string(),
        "state": col(Case.state),
        "waiting": col(Case.waiting_since),
        "term": col(Rectification.closes_at),
        "assignee": col(Case.assignee),
        "findings": col(Case.open_findings),
    }[name]
    return [(key.desc() if descending else key.asc()).nulls_last(), col(Case.number), col(Case.case_id)]


async def _lines(
    tx: Tx, wanted: Wanted, days: _Days, people: Mapping[UUID, str], offset: int, most: int
) -> list[DeskLine]:
    query = _joined(Case, col(Rectification.closes_at), col(Rectification.term))
    query = query.where(*_conditions(tx, wanted, days)).order_by(*_order(wanted)).offset(offset).limit(most)
    rows: Sequence[Any] = (await tx.session.execute(query)).all()
    return [_line(case, closes_at, term, days, people) for case, closes_at, term in rows]


def _line(case: Case, closes_at: datetime | None, term: Any, days: _Days, people: Mapping[UUID, str]) -> DeskLine:
    category = category_of(case)
    since = case.waiting_since if case.state == CaseState.ACCEPTED else None
    return DeskLine(
        **views.line(case, category.name).model_dump(),
        assignee=case.assignee,
        assignee_name=people.get(case.assignee) if case.assignee else None,
        waiting_since=since,
        waited=days_waited(days.calendar, business_date(since), days.today) if since else None,
        closes_at=closes_at,
        days_left=working_days_left(Term.model_validate(term), days.today) if term else None,
        open_findings=case.open_findings,
        variant_name=next((one.name for one in category.variants if one.id == case.variant), None),
    )


async def desk_page(tx: Tx, wanted: Wanted) -> DeskPage:
    """The wanted page; beyond the last one, the last."""
    days = _Days(await current_calendar(tx), business_date(tx.now))
    people = await store.colleagues(tx)
    query = _joined(col(Case.state), func.count()).where(*_conditions(tx, wanted, days)).group_by(col(Case.state))
    counted: Sequence[Any] = (await tx.session.execute(query)).all()
    counts = {state: int(count) for state, count in counted}
    total = sum(counts.values())
    pages = max(1, -(-total // PAGE))
    page = min(wanted.page, pages)
    return DeskPage(
        lines=await _lines(tx, wanted, days, people, (page - 1) * PAGE, PAGE),
        total=total,
        counts=counts,
        page=page,
        pages=pages,
        categories=await _categories(tx),
        districts=await _districts(tx),
        assignable=await store.assignable(tx),
    )


async def every_line(tx: Tx, wanted: Wanted) -> AsyncIterator[DeskLine]:
    """All pages one after the other, for an export."""
    days = _Days(await current_calendar(tx), business_date(tx.now))
    people = await store.colleagues(tx)
    offset = 0
    while found := await _lines(tx, wanted, days, people, offset, _BATCH):
        for one in found:
            yield one
        tx.session.expunge_all()
        offset += _BATCH


async def _categories(tx: Tx) -> dict[UUID, str]:
    columns = (Case.category_id, Case.category_key, Case.rulebook_id, Case.rulebook_digest)
    query = select(*columns).where(col(Case.state) != CaseState.DRAFT.value).distinct()
    rows = (await tx.session.execute(query)).all()
    return dict(sorted(((row.category_id, category_of(row).name) for row in rows), key=lambda one: one[1]))


async def _districts(tx: Tx) -> list[str]:
    district = col(Case.subject)["district"].as_string()
    query = select(district).where(district.is_not(None), col(Case.state) != CaseState.DRAFT.value).distinct()
    return sorted(str(one) for one in (await tx.session.execute(query)).scalars())
