"""The days that a pause took out of a term, as the calendar strip shows them."""

from datetime import date

from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import count_term, days_counted_before, describe, paused_days, resume_term

CALENDAR = load_shipped_calendar()


def test_a_term_without_a_pause_has_none() -> None:
    assert list(paused_days(count_term(CALENDAR, date(2026, 1, 5), 20, "working_days"))) == []


def test_the_day_of_the_pause_and_of_resuming_are_taken_out() -> None:
    term = count_term(CALENDAR, date(2026, 3, 2), 5, "working_days")
    kept = days_counted_before(term, date(2026, 3, 4))

    resumed = resume_term(CALENDAR, kept, date(2026, 3, 6), 5, unit="working_days", starts_on=date(2026, 3, 2))

    assert list(paused_days(resumed)) == [date(2026, 3, day) for day in (4, 5, 6)]
    assert not set(paused_days(resumed)) & set(resumed.counted_days)
    assert "恢复后续计" in describe(resumed)
