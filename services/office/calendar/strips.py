"""A year's calendar as strips, a month each: rest, make-up days, and the counted days of a running term. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta

from shared.kernel.calendar import WorkingCalendar
from shared.web.parts import CalendarDay, DayKind

_ONE_DAY = timedelta(days=1)


def month_strip(
    calendar: WorkingCalendar, month: date, today: date, numbers: Mapping[date, int]
) -> tuple[CalendarDay, ...]:
    """The weeks of a month; ``numbers`` are the counted days of a term with their place."""
    first = month.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - _ONE_DAY
    day, days = first - timedelta(days=first.weekday()), []
    while day <= last or day.weekday() != 0:
        days.append(_day(calendar, day, first <= day <= last, today, numbers))
        day += _ONE_DAY
    return tuple(days)


def _day(calendar: WorkingCalendar, day: date, within: bool, today: date, numbers: Mapping[date, int]) -> CalendarDay:
    if not within:
        return CalendarDay(day=day, kind=DayKind.OUTSIDE)
    found = calendar.kind(day)
    if found.reason == "make_up":
        kind, label = DayKind.MAKEUP, None if day in numbers else "上班"
    elif found.kind == "rest":
        kind, label = (DayKind.HOLIDAY, found.name or None) if found.reason == "statutory" else (DayKind.REST, None)
    else:
        kind, label = DayKind.COUNTED if day in numbers else DayKind.PLAIN, None
    return CalendarDay(day=day, kind=kind, number=numbers.get(day), label=label, today=day == today)
