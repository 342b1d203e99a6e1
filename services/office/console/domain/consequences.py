"""What a change of a running stage leads to, before it is asked: this term, all later ones, the ceremony. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.office.console.domain.schedule import ONE_DAY, PlanStep, Span, forwards, reaches, span_of, workday_from
from shared.kernel.calendar import Term, WorkingCalendar, days_counted_before, extend_term, resume_term
from shared.kernel.refusals import Conflict, Refusal
from shared.kernel.stages import StageChange, StageState, may_change

MOST_DAYS = 60
_UNITS = {"working_days": "个工作日", "calendar_days": "日"}


@dataclass(frozen=True)
class Running:
    """The stage as its owner last stated it; ``paused_on`` while it is paused."""

    step: PlanStep
    term: Term | None
    paused_on: date | None = None


@dataclass(frozen=True)
class Consequence:
    """This stage's last day and the later steps, as things stand and after the change.

    ``before`` is empty where nothing is known of it (the stage is paused), ``after`` where nothing follows (cancelled).
    ``most_days``: by how much an extension may be without missing the ceremony; ``resume_by``: until when a pause may
    last. Both None where they do not apply, or where the ceremony is missed anyway.
    """

    change: StageChange
    ends_before: date | None
    ends_after: date | None
    before: tuple[Span, ...] = ()
    after: tuple[Span, ...] = ()
    misses_before: bool = False
    misses_after: bool = False
    most_days: int | None = None
    resume_by: date | None = None


class _After(NamedTuple):
    ends_on: date | None
    most_days: int | None = None
    resume_by: date | None = None


@dataclass(frozen=True)
class _Outlook:
    calendar: WorkingCalendar
    running: Running
    later: Sequence[PlanStep]
    today: date
    ceremony: date | None

    def after(self, ends_on: date) -> tuple[Span, ...]:
        """The later steps when this stage's last day is this one."""
        return forwards(self.calendar, self.later, ends_on + ONE_DAY)

    def misses(self, spans: tuple[Span, ...]) -> bool:
        return self.ceremony is not None and bool(spans) and not reaches(spans, self.ceremony)

    def as_things_stand(self) -> date | None:
        """The last day of this stage; without a term, that of its planned terms from today on."""
        if self.running.paused_on is not None:
            return None
        if self.running.term is None:
            return span_of(self.calendar, self.running.step, self.today).ends_on
        return max(self.running.term.last_day, self.today - ONE_DAY)

    def resumed(self, on: date) -> date:
        """The last day when the stage, paused before or today, goes on that day."""
        term = self.running.term
        if term is None:
            return span_of(self.calendar, self.running.step, on).ends_on
        kept = days_counted_before(term, self.running.paused_on or self.today)
        return resume_term(self.calendar, kept, on, term.length, unit=term.unit, starts_on=term.starts_on).last_day


def consequence_of(
    calendar: WorkingCalendar,
    running: Running,
    later: Sequence[PlanStep],
    change: StageChange,
    today: date,
    *,
    days: int | None = None,
    ceremony: date | None = None,
) -> Consequence:
    """What the change leads to. ``later`` ends with the release.

    Raises:
        Refusal: the change cannot be had: it does not fit the stage's state, there is no term, days out of range,
            below the lawful minimum.
    """
    may_change(StageState.OPEN if running.paused_on is None else StageState.PAUSED, change)
    outlook = _Outlook(calendar, running, later, today, ceremony)
    ends = outlook.as_things_stand()
    before = outlook.after(ends) if ends is not None else ()
    changed = _CHANGES[change](outlook, days)
    after = outlook.after(changed.ends_on) if changed.ends_on is not None else ()
    return Consequence(
        change=change,
        ends_before=ends,
        ends_after=changed.ends_on,
        before=before,
        after=after,
        misses_before=outlook.misses(before),
        misses_after=change is not StageChange.CANCEL and outlook.misses(after),
        most_days=changed.most_days,
        resume_by=changed.resume_by,
    )


def standing(
    calendar: WorkingCalendar, running: Running, later: Sequence[PlanStep], today: date
) -> tuple[date, tuple[Span, ...]]:
    """The last day of a running stage and the later steps as things stand; a paused one as if it went on today."""
    outlook = _Outlook(calendar, running, later, today, None)
    ends_on = outlook.as_things_stand() or outlook.resumed(today)
    return ends_on, outlook.after(ends_on)


def lawful_from(term: Term, minimum: int | None) -> date | None:
    """The first day on which the lawful minimum is over, so that the term may be ended; None without a minimum."""
    if minimum is None or minimum > len(term.counted_days):
        return None
    return term.counted_days[minimum - 1] + ONE_DAY


def _extend(outlook: _Outlook, days: int | None) -> _After:
    term = _term(outlook, "本阶段没有期限，不能延长。")
    if days is None or not 1 <= days <= MOST_DAYS:
        raise Refusal("bad_days", f"延长须写明1至{MOST_DAYS}日。", field="days")
    reached = [n for n in range(1, MOST_DAYS + 1) if not _missed_by(outlook, term, n)] if outlook.ceremony else []
    most = max(reached) if reached else None
    return _After(extend_term(outlook.calendar, term, days).last_day, most_days=most)


def _missed_by(outlook: _Outlook, term: Term, days: int) -> bool:
    return outlook.misses(outlook.after(extend_term(outlook.calendar, term, days).last_day))


def _pause(outlook: _Outlook, _days: int | None) -> _After:
    """Shown for the shortest pause, that until the next workday; and until when it may last."""
    day = first = workday_from(outlook.calendar, outlook.today + ONE_DAY)
    by = None
    while outlook.ceremony is not None and not outlook.misses(outlook.after(outlook.resumed(day))):
        by, day = day, workday_from(outlook.calendar, day + ONE_DAY)
    return _After(outlook.resumed(first), resume_by=by)


def _resume(outlook: _Outlook, _days: int | None) -> _After:
    return _After(outlook.resumed(outlook.today))


def _advance(outlook: _Outlook, _days: int | None) -> _After:
    term = _term(outlook, "本阶段没有期限，不能提前结束。")
    minimum = outlook.running.step.minimum
    passed = sum(day < outlook.today for day in term.counted_days)
    if minimum is not None and passed < minimum:
        free = lawful_from(term, minimum)
        when = f"，最早可在{free.year}年{free.month}月{free.day}日提前结束" if free else ""
        unit = _UNITS[term.unit]
        raise Conflict("lawful_minimum", f"法定期限不少于{minimum}{unit}，目前只满{passed}{unit}{when}。")
    # The stage closes now, so that the next one may begin today.
    return _After(outlook.today - ONE_DAY)


def _cancel(_outlook: _Outlook, _days: int | None) -> _After:
    return _After(None)


def _term(outlook: _Outlook, otherwise: str) -> Term:
    if outlook.running.term is None:
        raise Conflict("no_term", otherwise)
    return outlook.running.term


_CHANGES: dict[StageChange, Callable[[_Outlook, int | None], _After]] = {
    StageChange.EXTEND: _extend,
    StageChange.PAUSE: _pause,
    StageChange.RESUME: _resume,
    StageChange.ADVANCE: _advance,
    StageChange.CANCEL: _cancel,
}
