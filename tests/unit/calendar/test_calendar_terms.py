"""Terms by example: dates a clerk can check with a wall calendar."""

from datetime import UTC, date, datetime

import pytest

from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import (
    NotCovered,
    Term,
    Unit,
    YearNotice,
    business_date,
    count_term,
    days_counted_before,
    describe,
    diff,
    end_of_day,
    extend_term,
    parse_notice,
    recount,
    remaining_days,
    resume_term,
    working_days_before,
    working_days_left,
)


def working(starts_on: date, length: int) -> Term:
    return count_term(load_shipped_calendar(), starts_on, length, "working_days")


def correction(day: date, kind: str) -> YearNotice:
    return parse_notice(
        f'{{"year": {day.year}, "paper": "国办发明电〔{day.year}〕999号", "published_on": "{day.year}-01-02",'
        f' "days": [{{"day": "{day}", "kind": "{kind}", "name": "调整"}}]}}'
    )


def test_five_working_days_over_a_make_up_saturday() -> None:
    term = working(date(2026, 5, 7), 5)

    assert term == Term(
        unit="working_days",
        length=5,
        starts_on=date(2026, 5, 7),
        counted_days=tuple(date(2026, 5, day) for day in (8, 9, 11, 12, 13)),
        closes_at=datetime(2026, 5, 13, 16, tzinfo=UTC),
        provisional=False,
        earliest_closes_at=datetime(2026, 5, 13, 16, tzinfo=UTC),
        latest_closes_at=datetime(2026, 5, 13, 16, tzinfo=UTC),
        calendar_version=load_shipped_calendar().version,
    )


@pytest.mark.parametrize(
    ("starts_on", "length", "last_day"),
    [
        (date(2026, 5, 7), 1, date(2026, 5, 8)),
        (date(2026, 5, 7), 3, date(2026, 5, 11)),  # from Sunday on to Monday
        (date(2026, 5, 7), 2, date(2026, 5, 9)),  # a make-up Saturday is a workday
        (date(2026, 9, 20), 10, date(2026, 9, 30)),
        (date(2026, 9, 20), 11, date(2026, 10, 8)),  # from 1 October on over the whole block
    ],
)
def test_calendar_days_end_on_a_workday(starts_on: date, length: int, last_day: date) -> None:
    term = count_term(load_shipped_calendar(), starts_on, length, "calendar_days")

    assert term.last_day == last_day
    assert len(term.counted_days) == (last_day - starts_on).days


def test_a_term_ends_at_midnight_in_shanghai() -> None:
    closes_at = working(date(2026, 5, 7), 5).closes_at

    assert closes_at == end_of_day(date(2026, 5, 13)) == datetime(2026, 5, 13, 16, tzinfo=UTC)
    assert business_date(closes_at) == date(2026, 5, 14)


def test_a_naive_time_has_no_business_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        business_date(datetime(2026, 5, 7, 12))  # noqa: DTZ001 - the point of the test


def test_extension_of_2020_moves_open_terms_later() -> None:
    full = load_shipped_calendar()
    cut = [notice for notice in full.notices if notice.published_on < date(2020, 1, 27)]
    before = type(full)(tuple(cut), full.festivals)
    extension = next(notice for notice in full.notices if notice.paper == "国办发明电〔2020〕1号")
    terms = [count_term(before, date(2020, 1, day), 5, "working_days") for day in (22, 6)]

    after = before.with_year(extension)
    changed = diff(before, after, terms)

    moved = [(change.before.last_day, change.after.last_day) for change in changed]
    assert moved == [(date(2020, 2, 4), date(2020, 2, 6))]
    assert (after.covered_until, before.covered_until) == (date(2020, 11, 30), date(2020, 11, 30))


def test_a_firm_term_is_never_recounted_earlier() -> None:
    calendar = load_shipped_calendar()
    term = working(date(2026, 4, 27), 5)
    worked = calendar.with_year(correction(date(2026, 5, 5), "work"))

    assert count_term(worked, date(2026, 4, 27), 5, "working_days").closes_at < term.closes_at
    assert recount(term, worked) == term
    assert extend_term(worked, term, 1).last_day > term.last_day


def test_extending_keeps_what_was_counted() -> None:
    term = working(date(2026, 5, 7), 5)

    extended = extend_term(load_shipped_calendar(), term, 2)

    assert extended == working(date(2026, 5, 7), 7)
    assert extended.counted_days[:5] == term.counted_days


def test_pause_keeps_days_already_counted() -> None:
    calendar = load_shipped_calendar()
    term = working(date(2026, 5, 7), 5)
    paused_on, resumed_on = date(2026, 5, 11), date(2026, 5, 20)

    kept = days_counted_before(term, paused_on)
    resumed = resume_term(calendar, kept, resumed_on, term.length, starts_on=term.starts_on)

    assert kept == (date(2026, 5, 8), date(2026, 5, 9))
    assert remaining_days(term, paused_on) == 3
    assert resumed.counted_days == (*kept, date(2026, 5, 21), date(2026, 5, 22), date(2026, 5, 25))
    assert recount(resumed, calendar) == resumed
    assert extend_term(calendar, resumed, 1).counted_days == (*resumed.counted_days, date(2026, 5, 26))


def test_pause_in_the_days_a_term_runs_on_leaves_one_day() -> None:
    calendar = load_shipped_calendar()
    term = count_term(calendar, date(2026, 9, 20), 11, "calendar_days")

    kept = days_counted_before(term, date(2026, 10, 5))
    resumed = resume_term(calendar, kept, date(2026, 10, 12), 11, unit="calendar_days", starts_on=term.starts_on)

    assert (len(kept), remaining_days(term, date(2026, 10, 5))) == (10, 1)
    assert resumed.last_day == date(2026, 10, 13)


def test_reminder_two_working_days_before() -> None:
    calendar = load_shipped_calendar()

    assert working_days_before(calendar, date(2026, 5, 11), 2) == date(2026, 5, 8)
    assert working_days_before(calendar, date(2026, 2, 24), 1) == date(2026, 2, 14)
    assert working_days_before(calendar, date(2027, 1, 6), 3) == date(2026, 12, 29)
    with pytest.raises(NotCovered):
        working_days_before(calendar, date(2004, 1, 5), 3)


@pytest.mark.parametrize(("today", "left"), [(7, 5), (8, 5), (9, 4), (10, 3), (13, 1), (14, 0)])
def test_working_days_left_counts_today(today: int, left: int) -> None:
    assert working_days_left(working(date(2026, 5, 7), 5), date(2026, 5, today)) == left


def test_a_term_beyond_the_covered_calendar_is_provisional() -> None:
    term = working(date(2026, 12, 25), 5)

    assert term.provisional
    assert term.earliest_closes_at == end_of_day(date(2026, 12, 30))
    assert term.closes_at == term.latest_closes_at == end_of_day(date(2027, 1, 6))


def test_a_provisional_term_becomes_firm_with_the_next_notice() -> None:
    full = load_shipped_calendar()
    before = type(full)(tuple(notice for notice in full.notices if notice.year < 2026), full.festivals)
    after = before.with_year(full.notices[-1])
    term = count_term(before, date(2026, 2, 9), 10, "working_days")

    (change,) = diff(before, after, [term])

    assert (after.version, after.covered_until) == (full.version, date(2026, 11, 30))
    assert term.provisional
    assert not change.after.provisional
    assert term.earliest_closes_at <= change.after.closes_at <= term.closes_at


def test_last_december_is_provisional_although_it_has_data() -> None:
    calendar = load_shipped_calendar()

    assert not working(date(2026, 11, 23), 5).provisional
    assert working(date(2026, 11, 24), 5).provisional
    assert calendar.is_workday(date(2026, 12, 31))


def test_terms_beyond_every_forecast_are_refused() -> None:
    with pytest.raises(NotCovered):
        working(date(2050, 12, 1), 60)
    with pytest.raises(NotCovered):
        working(date(2003, 12, 31), 5)


@pytest.mark.parametrize("length", [0, -1])
def test_a_term_has_at_least_one_day(length: int) -> None:
    with pytest.raises(ValueError, match="at least one day"):
        working(date(2026, 5, 7), length)


@pytest.mark.parametrize(
    ("starts_on", "length", "unit", "sentence"),
    [
        (
            date(2026, 5, 7),
            5,
            "working_days",
            "自2026年5月7日次日起算，第5个工作日为5月13日，至当日24时止（调休上班：5月9日）",
        ),
        (date(2026, 5, 11), 2, "working_days", "自2026年5月11日次日起算，第2个工作日为5月13日，至当日24时止"),
        (
            date(2026, 9, 18),
            15,
            "working_days",
            "自2026年9月18日次日起算，第15个工作日为10月15日，至当日24时止"
            "（调休上班：9月20日、10月10日；放假不计：9月25日、10月1日至2日、10月5日至7日）",
        ),
        (
            date(2026, 5, 7),
            10,
            "calendar_days",
            "自2026年5月7日次日起算，第10日为5月17日，逢休息日顺延至5月18日，至当日24时止",
        ),
        (
            date(2025, 12, 29),
            5,
            "working_days",
            "自2025年12月29日次日起算，第5个工作日为2026年1月6日，至当日24时止"
            "（调休上班：2026年1月4日；放假不计：2026年1月1日至2日）",
        ),
        (
            date(2026, 11, 25),
            5,
            "working_days",
            "自2026年11月25日次日起算，第5个工作日预计在2026年12月2日，暂按2026年12月2日24时止"
            "（所跨年度的放假安排尚未全部公布，公布后重新计算）",
        ),
        (
            date(2026, 12, 28),
            5,
            "calendar_days",
            "自2026年12月28日次日起算，第5日预计在2027年1月2日至2027年1月4日之间，暂按2027年1月4日24时止"
            "（所跨年度的放假安排尚未全部公布，公布后重新计算）",
        ),
    ],
)
def test_describe_tells_the_derivation(starts_on: date, length: int, unit: Unit, sentence: str) -> None:
    assert describe(count_term(load_shipped_calendar(), starts_on, length, unit)) == sentence


def test_describe_tells_of_a_pause() -> None:
    calendar = load_shipped_calendar()
    kept = (date(2026, 5, 8), date(2026, 5, 9))

    term = resume_term(calendar, kept, date(2026, 5, 20), 5, starts_on=date(2026, 5, 7))

    assert describe(term) == (
        "自2026年5月7日次日起算，暂停前已计2个工作日，5月20日恢复后续计，第5个工作日为5月25日，至当日24时止（调休上班：5月9日）"
    )


def test_a_term_survives_json() -> None:
    term = working(date(2026, 12, 25), 5)

    assert Term.model_validate_json(term.model_dump_json()) == term
