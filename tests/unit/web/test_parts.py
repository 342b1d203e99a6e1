"""Stage steps and the days of a term."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from shared.web.parts import DayKind, StageStep, StepState, calendar_days, in_weeks

MAY_DAY = (date(2026, 5, 6), date(2026, 5, 7), date(2026, 5, 8), date(2026, 5, 9), date(2026, 5, 11))


def ends_on(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (StageStep(name="申报", state=StepState.FUTURE), "日期待定"),
        (StageStep(name="发布", state=StepState.FUTURE, opens_on=date(2026, 5, 13)), "5月13日起"),
        (StageStep(name="公示", state=StepState.CURRENT, closes_at=ends_on(5, 11)), "至5月11日 24:00"),
        (
            StageStep(name="初审", state=StepState.DONE, opens_on=date(2026, 2, 9), closes_at=ends_on(3, 6)),
            "2月9日—3月6日",
        ),
        (
            StageStep(name="公示", state=StepState.FUTURE, opens_on=date(2026, 6, 8), closes_at=ends_on(6, 8)),
            "6月8日",
        ),
        (
            StageStep(
                name="公示",
                state=StepState.FUTURE,
                opens_on=date(2026, 6, 8),
                closes_at=ends_on(6, 12),
                provisional=True,
            ),
            "预计 6月8日—6月12日",
        ),
        (StageStep(name="发布", state=StepState.CANCELLED, opens_on=date(2026, 6, 8)), "—"),
    ],
)
def test_term_of_a_step_in_words(step: StageStep, words: str) -> None:
    assert step.term == words


def test_calendar_days_tell_makeup_and_holiday_from_the_counted_list() -> None:
    days = calendar_days(MAY_DAY, posted_on=date(2026, 4, 30))

    kinds = {day.day: day.kind for day in days}
    assert kinds[date(2026, 4, 30)] is DayKind.START
    assert kinds[date(2026, 5, 1)] is DayKind.HOLIDAY
    assert kinds[date(2026, 5, 2)] is DayKind.REST
    assert kinds[date(2026, 5, 9)] is DayKind.MAKEUP
    assert kinds[date(2026, 5, 10)] is DayKind.REST
    assert kinds[date(2026, 5, 12)] is DayKind.OUTSIDE


def test_calendar_days_number_every_counted_day_once() -> None:
    days = calendar_days(MAY_DAY, posted_on=date(2026, 4, 30))

    assert [(day.number, day.day) for day in days if day.number] == list(enumerate(MAY_DAY, 1))


def test_calendar_days_are_whole_weeks_from_monday() -> None:
    weeks = in_weeks(calendar_days(MAY_DAY, posted_on=date(2026, 4, 30)))

    assert [(week[0].day, len(week)) for week in weeks] == [
        (date(2026, 4, 27), 7),
        (date(2026, 5, 4), 7),
        (date(2026, 5, 11), 7),
    ]


def test_calendar_days_show_paused_days_as_paused() -> None:
    counted = (date(2026, 6, 8), date(2026, 6, 11))

    days = calendar_days(counted, paused={date(2026, 6, 9), date(2026, 6, 10)})

    assert [day.kind for day in days[:4]] == [DayKind.COUNTED, DayKind.PAUSED, DayKind.PAUSED, DayKind.COUNTED]


def test_calendar_days_of_nothing_is_nothing() -> None:
    assert calendar_days(()) == ()


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        StageStep(name="申报", state=StepState.DONE, close_at=None)  # type: ignore[call-arg]
