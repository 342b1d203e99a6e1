"""Terms: counting, recounting, extending, pausing, planning backwards.

The event's day is not counted (民法典第二百零一条); the last day ends at 24:00, and a term in calendar days that would
end on a rest day ends with the next workday (第二百零三条). The day of a pause is not counted, nor the day of resuming:
a person never loses part of a day.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.calendar.bounds import next_day
from shared.kernel.calendar.dates import ONE_DAY, end_of_day
from shared.kernel.calendar.working import NotCovered, WorkingCalendar

Unit = Literal["working_days", "calendar_days"]


class Term(BaseModel):
    """A counted term with everything needed to show, check and recount it.

    ``closes_at`` is the UTC instant of 24:00 in Asia/Shanghai of the last counted day. A provisional term reaches
    beyond the covered calendar: it closes at its latest bound, and may close earlier only once recounted.
    ``carried_days`` are days counted before a pause that ended on ``resumed_on``.
    """

    model_config = ConfigDict(frozen=True)

    unit: Unit
    length: int = Field(ge=1)
    starts_on: date
    counted_days: tuple[date, ...] = Field(min_length=1)
    closes_at: datetime
    provisional: bool
    earliest_closes_at: datetime
    latest_closes_at: datetime
    calendar_version: str
    carried_days: tuple[date, ...] = ()
    resumed_on: date | None = None

    @property
    def last_day(self) -> date:
        """The last counted day; the term ends at its 24:00."""
        return self.counted_days[-1]


class TermChange(NamedTuple):
    """A term as it stands and as the other calendar counts it."""

    before: Term
    after: Term


def count_term(calendar: WorkingCalendar, starts_on: date, length: int, unit: Unit) -> Term:
    """Count ``length`` days from the day after ``starts_on``.

    Raises:
        ValueError: ``length`` below 1.
        NotCovered: the start lies before the calendar, or the end beyond every forecast.
    """
    return _count(calendar, starts_on, length, unit)


def recount(term: Term, calendar: WorkingCalendar) -> Term:
    """The same term under another calendar; a firm term is never moved earlier, it is then returned unchanged."""
    fresh = _count(calendar, term.starts_on, term.length, term.unit, term.carried_days, term.resumed_on)
    return _never_earlier(term, fresh)


def extend_term(calendar: WorkingCalendar, term: Term, more_days: int) -> Term:
    """The term with ``more_days`` of its own unit added, days already counted kept; never ends before the old end."""
    if more_days < 1:
        raise ValueError("an extension adds at least one day")
    length = term.length + more_days
    if recount(term, calendar) is not term:
        return _count(calendar, term.starts_on, length, term.unit, term.carried_days, term.resumed_on)
    # A correction has made days workdays since: the published days stay, the added ones follow them.
    added = _count(calendar, term.last_day, more_days, term.unit)
    kept = {"length": length, "starts_on": term.starts_on, "carried_days": term.carried_days}
    days = (*term.counted_days, *added.counted_days)
    return added.model_copy(update={**kept, "resumed_on": term.resumed_on, "counted_days": days})


def days_counted_before(term: Term, paused_on: date) -> tuple[date, ...]:
    """The days a pause keeps: those counted and over before ``paused_on``; one day at least stays to be counted."""
    return tuple(day for day in term.counted_days if day < paused_on)[: term.length - 1]


def remaining_days(term: Term, paused_on: date) -> int:
    """How many days remain to be counted after a pause on that day; at least 1."""
    return term.length - len(days_counted_before(term, paused_on))


def resume_term(
    calendar: WorkingCalendar,
    counted_so_far: tuple[date, ...],
    resumed_on: date,
    length: int,
    *,
    unit: Unit = "working_days",
    starts_on: date | None = None,
) -> Term:
    """Go on after a pause: ``counted_so_far`` stay counted, the rest counts from the day after ``resumed_on``.

    ``starts_on`` is the event's day of the original term, kept for display; without it the day of resuming stands.
    """
    if len(counted_so_far) >= length:
        raise ValueError("nothing is left to be counted")
    if counted_so_far and counted_so_far[-1] > resumed_on:
        raise ValueError("a term is resumed after the days it has counted")
    return _count(calendar, starts_on or resumed_on, length, unit, counted_so_far, resumed_on)


def working_days_before(calendar: WorkingCalendar, day: date, n: int) -> date:
    """The ``n``-th workday before ``day``; beyond the covered calendar only sure workdays count, so rather earlier."""
    if n < 1:
        raise ValueError("at least one day before")
    while n:
        day -= ONE_DAY
        if day < calendar.first_day:
            raise NotCovered(day)
        n -= calendar.surely_workday(day)
    return day


def working_days_left(term: Term, today: date) -> int:
    """Counted days not yet over, today included; 0 once the term has ended."""
    return sum(day >= today for day in term.counted_days)


def paused_days(term: Term) -> Iterator[date]:
    """The days that a pause took out: from the day after the last one counted before it, that of resuming included."""
    if term.resumed_on is None:
        return
    day = term.carried_days[-1] if term.carried_days else term.starts_on
    while (day := next_day(day)) <= term.resumed_on:
        yield day


def diff(old: WorkingCalendar, new: WorkingCalendar, open_terms: Iterable[Term]) -> tuple[TermChange, ...]:
    """The open terms whose days, instants or certainty differ under the new calendar, before and after."""
    pairs = (TermChange(recount(term, old), recount(term, new)) for term in open_terms)
    return tuple(pair for pair in pairs if _substance(pair.before) != _substance(pair.after))


def _substance(term: Term) -> tuple[object, ...]:
    return (term.counted_days, term.closes_at, term.provisional, term.earliest_closes_at, term.latest_closes_at)


def _never_earlier(term: Term, fresh: Term) -> Term:
    """A published deadline may move later by a correction, never earlier; a provisional one was never promised."""
    return term if not term.provisional and fresh.closes_at < term.closes_at else fresh


def _count(
    calendar: WorkingCalendar,
    starts_on: date,
    length: int,
    unit: Unit,
    carried: tuple[date, ...] = (),
    resumed_on: date | None = None,
) -> Term:
    if length < 1:
        raise ValueError("a term has at least one day")
    if starts_on < calendar.first_day:
        raise NotCovered(starts_on)
    after, need = resumed_on or starts_on, length - len(carried)
    latest = _walk(after, need, unit, calendar.surely_workday)
    provisional = latest[-1] > calendar.covered_until
    earliest = _walk(after, need, unit, calendar.possibly_workday) if provisional else latest
    return Term(
        unit=unit,
        length=length,
        starts_on=starts_on,
        counted_days=(*carried, *latest),
        closes_at=end_of_day(latest[-1]),
        provisional=provisional,
        earliest_closes_at=end_of_day(earliest[-1]),
        latest_closes_at=end_of_day(latest[-1]),
        calendar_version=calendar.version,
        carried_days=carried,
        resumed_on=resumed_on,
    )


def _walk(after: date, need: int, unit: Unit, is_workday: Callable[[date], bool]) -> tuple[date, ...]:
    """The days counted after a day; in calendar days the last runs on to a workday (民法典第二百零三条)."""
    days: list[date] = []
    day = after
    while len(days) < need or (unit == "calendar_days" and not is_workday(day)):
        day = next_day(day)
        if unit == "calendar_days" or is_workday(day):
            days.append(day)
    return tuple(days)
