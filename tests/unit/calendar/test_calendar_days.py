"""The shipped calendar against two independent packages, and around every long holiday."""

from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped]
import holidays
import pytest

from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import ArrangementAlarm, DayKind, NotCovered, arrangement_alarm, count_term

# Year by year from the notices: last workday before the block, first workday after it.
SPRING_FESTIVALS = """
2004-01-21 2004-01-29 | 2005-02-08 2005-02-16 | 2006-01-28 2006-02-05 | 2007-02-17 2007-02-25 | 2008-02-05 2008-02-13
2009-01-24 2009-02-01 | 2010-02-12 2010-02-20 | 2011-02-01 2011-02-09 | 2012-01-21 2012-01-29 | 2013-02-08 2013-02-16
2014-01-30 2014-02-07 | 2015-02-17 2015-02-25 | 2016-02-06 2016-02-14 | 2017-01-26 2017-02-03 | 2018-02-14 2018-02-22
2019-02-03 2019-02-11 | 2020-01-23 2020-02-03 | 2021-02-10 2021-02-18 | 2022-01-30 2022-02-07 | 2023-01-20 2023-01-28
2024-02-09 2024-02-18 | 2025-01-27 2025-02-05 | 2026-02-14 2026-02-24
"""
NATIONAL_DAYS = """
2004-09-30 2004-10-08 | 2005-09-30 2005-10-08 | 2006-09-30 2006-10-08 | 2007-09-30 2007-10-08 | 2008-09-28 2008-10-06
2009-09-30 2009-10-09 | 2010-09-30 2010-10-08 | 2011-09-30 2011-10-08 | 2012-09-29 2012-10-08 | 2013-09-30 2013-10-08
2014-09-30 2014-10-08 | 2015-09-30 2015-10-08 | 2016-09-30 2016-10-08 | 2017-09-30 2017-10-09 | 2018-09-30 2018-10-08
2019-09-30 2019-10-08 | 2020-09-30 2020-10-09 | 2021-09-30 2021-10-08 | 2022-09-30 2022-10-08 | 2023-09-28 2023-10-07
2024-09-30 2024-10-08 | 2025-09-30 2025-10-09 | 2026-09-30 2026-10-08
"""


def blocks(table: str) -> list[tuple[date, date]]:
    pairs = (cell.split() for line in table.split("\n") for cell in line.split("|") if cell.strip())
    return [(date.fromisoformat(before), date.fromisoformat(after)) for before, after in pairs]


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def test_shipped_calendar_covers_2004_to_november_2026() -> None:
    calendar = load_shipped_calendar()

    assert calendar.years == tuple(range(2004, 2027))
    assert (calendar.first_day, calendar.last_day) == (date(2004, 1, 1), date(2026, 12, 31))
    assert calendar.covered_until == date(2026, 11, 30)


def test_every_notice_has_number_date_and_source() -> None:
    notices = load_shipped_calendar().notices

    assert len({notice.paper for notice in notices}) == 26
    assert [notice.year for notice in notices if not notice.url] == [2005]
    assert all(date(notice.year - 1, 10, 1) <= notice.published_on for notice in notices)


def test_calendar_equals_chinesecalendar_on_every_day() -> None:
    calendar = load_shipped_calendar()

    different = [
        day
        for day in every_day(calendar.first_day, calendar.last_day)
        if calendar.is_workday(day) != chinese_calendar.is_workday(day)
    ]

    assert different == []


def test_calendar_equals_holidays_2020_to_2026() -> None:
    calendar = load_shipped_calendar()
    china = holidays.country_holidays("CN", years=range(2020, 2027))

    days = every_day(date(2020, 1, 1), date(2026, 12, 31))
    different = [day for day in days if calendar.is_workday(day) != china.is_working_day(day)]

    assert different == []


def test_moving_festivals_equal_holidays_until_2050() -> None:
    feasts = load_shipped_calendar().festivals
    names = ("春节", "清明节", "端午节", "中秋节", "国庆节", "劳动节", "元旦")

    for year in range(2027, 2051):
        known = holidays.country_holidays("CN", years=year, observed=False, language="zh_CN")
        assert set(feasts.certain_in(year)) <= {day for day in known if known[day].startswith(names)}


@pytest.mark.parametrize(("before", "after"), blocks(SPRING_FESTIVALS) + blocks(NATIONAL_DAYS))
def test_one_working_day_over_a_long_holiday(before: date, after: date) -> None:
    calendar = load_shipped_calendar()

    term = count_term(calendar, before, 1, "working_days")

    assert term.counted_days == (after,)
    assert calendar.is_workday(before)
    assert not any(calendar.is_workday(day) for day in every_day(before, after)[1:-1])


def test_kind_names_the_reason() -> None:
    calendar = load_shipped_calendar()

    assert calendar.kind(date(2026, 5, 8)) == DayKind("workday", "plain", "")
    assert calendar.kind(date(2026, 5, 9)) == DayKind("workday", "make_up", "劳动节")
    assert calendar.kind(date(2026, 5, 10)) == DayKind("rest", "weekend", "")
    assert calendar.kind(date(2026, 5, 5)) == DayKind("rest", "statutory", "劳动节")
    assert calendar.kind(date(2025, 10, 6)) == DayKind("rest", "statutory", "国庆节、中秋节")


def test_spring_festival_2020_was_extended_by_a_second_notice() -> None:
    calendar = load_shipped_calendar()

    assert [calendar.kind(date(2020, 2, day)).reason for day in (1, 2, 3)] == ["statutory", "statutory", "plain"]
    assert calendar.kind(date(2020, 1, 31)) == DayKind("rest", "statutory", "春节")


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2027, 1, 1), date(2030, 6, 1)])
def test_days_without_data_are_refused(day: date) -> None:
    calendar = load_shipped_calendar()

    with pytest.raises(NotCovered, match="请先导入当年的放假安排"):
        calendar.is_workday(day)
    with pytest.raises(NotCovered):
        calendar.kind(day)


@pytest.mark.parametrize(
    ("today", "alarm"),
    [
        (date(2026, 10, 31), ArrangementAlarm.NONE),
        (date(2026, 11, 1), ArrangementAlarm.DUE),
        (date(2026, 12, 9), ArrangementAlarm.DUE),
        (date(2026, 12, 10), ArrangementAlarm.RED),
        (date(2027, 1, 1), ArrangementAlarm.RED),
    ],
)
def test_missing_arrangement_raises_the_alarm(today: date, alarm: ArrangementAlarm) -> None:
    assert arrangement_alarm(load_shipped_calendar(), today) is alarm
