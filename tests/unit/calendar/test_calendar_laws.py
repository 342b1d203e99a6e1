"""Laws of counting that hold for every start and length; none depends on the day of the run."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import (
    NoticeDay,
    Term,
    Unit,
    WorkingCalendar,
    YearNotice,
    business_date,
    count_term,
    days_counted_before,
    end_of_day,
    extend_term,
    recount,
    resume_term,
    working_days_before,
)

STARTS = st.dates(date(2004, 1, 1), date(2028, 12, 31))
LENGTHS = st.integers(1, 60)
LAW = settings(deadline=None, derandomize=True)
UNITS: st.SearchStrategy[Unit] = st.sampled_from(["working_days", "calendar_days"])
# Orders nobody could foresee: the victory day of 2015 and the extension of 2020.
UNFORESEEN = {"国发明电〔2015〕1号", "国办发明电〔2020〕1号"}


@cache
def known_in(year: int) -> WorkingCalendar:
    """The calendar as the notices up to a year gave it, without the orders nobody could foresee."""
    shipped = load_shipped_calendar()
    notices = (notice for notice in shipped.notices if notice.year <= year and notice.paper not in UNFORESEEN)
    return WorkingCalendar(tuple(notices), shipped.festivals)


def shipped(starts_on: date, length: int, unit: Unit) -> Term:
    return count_term(load_shipped_calendar(), starts_on, length, unit)


@LAW
@given(STARTS, st.integers(0, 40), LENGTHS, UNITS)
def test_a_later_start_never_ends_earlier(starts_on: date, later: int, length: int, unit: Unit) -> None:
    first, second = shipped(starts_on, length, unit), shipped(starts_on + timedelta(days=later), length, unit)

    assert first.closes_at <= second.closes_at
    assert first.earliest_closes_at <= second.earliest_closes_at


@LAW
@given(STARTS, LENGTHS, st.integers(1, 20), UNITS)
def test_a_longer_term_never_ends_earlier(starts_on: date, length: int, more: int, unit: Unit) -> None:
    short, long = shipped(starts_on, length, unit), shipped(starts_on, length + more, unit)

    assert short.closes_at <= long.closes_at
    assert long == extend_term(load_shipped_calendar(), short, more)
    assert unit == "calendar_days" or short.closes_at < long.closes_at


@LAW
@given(st.dates(date(2008, 1, 1), date(2026, 11, 30)), st.integers(-10, 40), LENGTHS, UNITS)
def test_adding_a_rest_day_never_shortens(rest: date, before: int, length: int, unit: Unit) -> None:
    calendar = load_shipped_calendar()
    starts_on = max(rest - timedelta(days=before), calendar.first_day)
    paper = f"国办发明电〔{rest.year}〕999号"
    row = NoticeDay(day=rest, kind="rest", name="调整")
    order = YearNotice(year=rest.year, paper=paper, published_on=rest, days=(row,))

    term = count_term(calendar, starts_on, length, unit)
    changed = count_term(calendar.with_year(order), starts_on, length, unit)

    assert changed.closes_at >= term.closes_at
    assert recount(term, calendar.with_year(order)) == changed


@LAW
@given(st.dates(date(2004, 1, 1), date(2026, 9, 1)), LENGTHS)
def test_exactly_the_workdays_between_start_and_end_are_counted(starts_on: date, length: int) -> None:
    calendar = load_shipped_calendar()

    term = shipped(starts_on, length, "working_days")
    between = [starts_on + timedelta(days=n) for n in range(1, (term.last_day - starts_on).days + 1)]

    assert term.counted_days == tuple(day for day in between if calendar.is_workday(day))
    assert len(term.counted_days) == length


@LAW
@given(st.dates(date(2004, 1, 1), date(2026, 9, 1)), LENGTHS)
def test_calendar_days_never_end_early_nor_on_a_rest_day(starts_on: date, length: int) -> None:
    term = shipped(starts_on, length, "calendar_days")

    assert term.last_day >= starts_on + timedelta(days=length)
    assert load_shipped_calendar().is_workday(term.last_day)


@LAW
@given(st.sampled_from(sorted(load_shipped_calendar().exceptions)))
def test_every_make_up_weekend_counts(day: date) -> None:
    calendar = load_shipped_calendar()
    eve = day - timedelta(days=1)

    counted = day in shipped(max(eve, calendar.first_day), 1, "working_days").counted_days

    assert counted == (calendar.exceptions[day].kind == "work" and eve >= calendar.first_day)


@pytest.mark.parametrize("year", range(2008, 2026))
def test_day_forecasts_hold_every_notice_since_2008(year: int) -> None:
    forecast, truth = known_in(year), known_in(2026)

    day, wrong = forecast.covered_until, []
    while day < truth.covered_until and day.year <= year + 1:
        day += timedelta(days=1)
        if not forecast.surely_workday(day) <= truth.is_workday(day) <= forecast.possibly_workday(day):
            wrong.append(day)

    assert wrong == []


@settings(LAW, max_examples=200)
@given(st.integers(2008, 2025), st.integers(-40, 250), LENGTHS, UNITS)
def test_provisional_bounds_bracket_what_came(year: int, offset: int, length: int, unit: Unit) -> None:
    starts_on = date(year, 12, 1) + timedelta(days=offset)

    guess = count_term(known_in(year), starts_on, length, unit)
    truth = recount(guess, known_in(2026))

    assert guess.earliest_closes_at <= guess.closes_at == guess.latest_closes_at
    assert guess.earliest_closes_at <= truth.earliest_closes_at
    assert truth.closes_at <= guess.closes_at


@LAW
@given(STARTS, LENGTHS, UNITS, st.data())
def test_a_pause_loses_no_day_and_gives_none(starts_on: date, length: int, unit: Unit, data: st.DataObject) -> None:
    calendar = load_shipped_calendar()
    term = shipped(starts_on, length, unit)
    paused_on = data.draw(st.dates(starts_on, term.last_day))
    resumed_on = paused_on + timedelta(days=data.draw(st.integers(0, 30)))

    kept = days_counted_before(term, paused_on)
    resumed = resume_term(calendar, kept, resumed_on, length, unit=unit, starts_on=starts_on)

    assert resumed.counted_days[: len(kept)] == kept
    assert len(resumed.counted_days) >= length
    assert all(day > resumed_on for day in resumed.counted_days[len(kept) :])
    assert resumed.closes_at >= term.closes_at or unit == "calendar_days"


@LAW
@given(st.dates(date(2004, 6, 1), date(2026, 9, 1)), st.integers(1, 60))
def test_planning_backwards_undoes_counting(starts_on: date, length: int) -> None:
    calendar = load_shipped_calendar()
    last_day = shipped(starts_on, length, "working_days").last_day

    first = working_days_before(calendar, last_day, length) if calendar.is_workday(starts_on) else starts_on

    assert first == starts_on


@LAW
@given(st.dates(date(2004, 1, 1), date(2050, 12, 31)))
def test_shanghai_has_no_summer_time(day: date) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)

    assert end_of_day(day) == midnight
    assert business_date(midnight) == day + timedelta(days=1)
    assert business_date(midnight - timedelta(microseconds=1)) == day
