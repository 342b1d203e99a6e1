"""How long a case has waited, and which filters mean which days."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.submission.domain import history
from services.submission.domain.queue import Wanted, days_waited, ends_within, waiting_at_least
from shared.infra.calendar_files import load_shipped_calendar
from tests.contract.declared import calls_of, literal, sources

CALENDAR = load_shipped_calendar()
DAYS = st.dates(date(2024, 1, 1), date(2026, 6, 30))


def test_the_day_a_case_came_is_not_counted_and_make_up_days_are() -> None:
    assert days_waited(CALENDAR, date(2026, 2, 13), date(2026, 2, 13)) == 0
    assert days_waited(CALENDAR, date(2026, 2, 13), date(2026, 2, 14)) == 1  # a Saturday worked for the festival
    assert days_waited(CALENDAR, date(2026, 2, 14), date(2026, 2, 23)) == 0


@given(today=DAYS, days=st.integers(0, 30), back=st.integers(0, 60))
def test_the_filter_by_days_waited_agrees_with_the_count(today: date, days: int, back: int) -> None:
    since = today - timedelta(days=back)

    assert (since <= waiting_at_least(CALENDAR, today, days)) == (days_waited(CALENDAR, since, today) >= days)


@given(today=DAYS, days=st.integers(0, 30), ahead=st.integers(0, 60))
def test_the_filter_by_days_left_agrees_with_the_count(today: date, days: int, ahead: int) -> None:
    last = today + timedelta(days=ahead)
    left = sum(CALENDAR.is_workday(today + timedelta(days=step)) for step in range(ahead + 1))

    assert (last <= ends_within(CALENDAR, today, days)) == (left <= days)


def test_empty_fields_of_the_form_ask_for_nothing() -> None:
    empty = {"q": " ", "category": "", "waited": "", "due": "", "assignee": "", "findings": "", "paper": ""}

    assert Wanted.model_validate(empty) == Wanted()


def test_everything_done_with_a_case_is_known_to_its_history() -> None:
    audited = {
        word
        for path, tree in sources("services/submission/actions")
        for call in calls_of(tree, "audit")
        if any(keyword.arg == "case_id" or (keyword.arg is None) for keyword in call.keywords)
        and (word := literal(call, 0)) is not None
    }
    about_cases = {word for word in audited if word.split(".")[0] not in ("stage", "target", "window", "enterprise")}

    assert about_cases - history.OF_A_CASE == set()
