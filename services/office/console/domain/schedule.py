"""Planning a category: forwards from a day, and backwards from the day of its release. Pure.

Every step begins on a workday. Its terms count one after the other from the day after (as all terms do); the next
step begins on the workday after the last counted day, or on the same day where a step has no term. What a rulebook
leaves without a term (decision, call) takes no day of its own, so a plan is the least that the terms allow.
"""

import calendar as gregorian
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.kernel.calendar import Unit, WorkingCalendar, count_term
from shared.rulebook import Stage, StageKind, TermUnit, terms_of

ONE_DAY = timedelta(days=1)
_UNITS: dict[TermUnit, Unit] = {TermUnit.WORKING_DAYS: "working_days", TermUnit.CALENDAR_DAYS: "calendar_days"}


@dataclass(frozen=True)
class PlanStep:
    """A stage to plan: its terms in order as (length, unit), and the least length of the last that is lawful."""

    kind: str
    title: str
    terms: tuple[tuple[int, Unit], ...] = ()
    minimum: int | None = None


@dataclass(frozen=True)
class Span:
    """When a step begins and the last day of its terms; ``provisional``: counted beyond the published calendar."""

    begins_on: date
    ends_on: date
    next_on: date
    provisional: bool = False


def plan_step(stage: Stage) -> PlanStep:
    """A stage of the rulebook as a step."""
    terms = list(terms_of(stage))
    return PlanStep(
        kind=stage.kind.value,
        title=stage.title,
        terms=tuple((term.length, _UNITS[term.unit]) for term in terms),
        minimum=terms[-1].minimum if terms else None,
    )


def workday_from(calendar: WorkingCalendar, day: date) -> date:
    """The first day from ``day`` on that is worked under every notice still to come."""
    while not calendar.surely_workday(day):
        day += ONE_DAY
    return day


def workday_until(calendar: WorkingCalendar, day: date) -> date:
    """The last such day up to ``day``."""
    while not calendar.surely_workday(day):
        day -= ONE_DAY
    return day


def span_of(calendar: WorkingCalendar, step: PlanStep, begins: date) -> Span:
    """The step from the first workday on or after ``begins``."""
    begins_on = next_on = ends_on = workday_from(calendar, begins)
    provisional = False
    for length, unit in step.terms:
        term = count_term(calendar, next_on, length, unit)
        ends_on, provisional = term.last_day, provisional or term.provisional
        next_on = workday_from(calendar, ends_on + ONE_DAY)
    return Span(begins_on, ends_on, next_on, provisional)


def forwards(calendar: WorkingCalendar, steps: Sequence[PlanStep], begins: date) -> tuple[Span, ...]:
    """Every step as early as possible when the first begins on that day."""
    spans: list[Span] = []
    for step in steps:
        spans.append(span_of(calendar, step, spans[-1].next_on if spans else begins))
    return tuple(spans)


def backwards(calendar: WorkingCalendar, steps: Sequence[PlanStep], ceremony: date) -> tuple[Span, ...]:
    """Every step as late as possible, the last of them beginning on ``ceremony`` or the workday before it.

    A step that begins a day later than here misses the ceremony; ``forwards`` from here reaches it.
    """
    spans: list[Span] = []
    limit = workday_until(calendar, ceremony)
    for step in reversed(steps):
        span = span_of(calendar, step, limit)
        # A release that had a term of its own would still have to begin, not to end, by the ceremony.
        while spans and span.next_on > limit:
            span = span_of(calendar, step, workday_until(calendar, span.begins_on - ONE_DAY))
        spans.append(span)
        limit = span.begins_on
    return tuple(reversed(spans))


def reaches(spans: Sequence[Span], ceremony: date) -> bool:
    """Whether the last step, the release, begins in time."""
    return spans[-1].begins_on <= ceremony


RELEASE = PlanStep(kind=StageKind.RELEASE, title="发布")
"""What a track without a release of its own (a refilled seat) leads to."""


def ceremony_by_default(calendar: WorkingCalendar, month: int, opened_on: date) -> date:
    """The last workday of the rulebook's month of release, in the first such month that ends after the opening."""
    for year in (opened_on.year, opened_on.year + 1):
        last = workday_until(calendar, date(year, month, gregorian.monthrange(year, month)[1]))
        if last >= opened_on:
            return last
    raise ValueError("one of two years' months ends after any day of the first")
