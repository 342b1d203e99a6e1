"""Letters: when they are tried again, what stands in them, how an address is shown; a month as a strip."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.office.calendar.strips import month_strip
from services.office.notices.domain import LONGEST_PAUSE, MOST_ATTEMPTS, letter_text, masked, retry_at
from shared.infra.calendar_files import load_shipped_calendar
from shared.web.parts import DayKind

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("attempts", "pause"), [(1, MINUTE), (2, 2 * MINUTE), (5, 16 * MINUTE), (7, LONGEST_PAUSE), (29, LONGEST_PAUSE)]
)
def test_pauses_double_up_to_an_hour(attempts: int, pause: timedelta) -> None:
    assert retry_at(attempts, MINUTE, NOW) == NOW + pause


def test_after_enough_attempts_nobody_tries_again() -> None:
    assert retry_at(MOST_ATTEMPTS, MINUTE, NOW) is None


def test_a_letter_leaves_out_what_its_notice_does_not_have() -> None:
    text = letter_text("请开始评分", "通知〔2026〕3号", None, None, "", "https://fangbang.example/expert")

    assert text == (
        "通知〔2026〕3号：请开始评分\n\n\n请登录查看和办理：https://fangbang.example/expert\n\n"
        "本邮件由系统自动发出，请勿回复。\n"
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [("zhang.san@example.com", "z***@example.com"), ("13800001234", "138****1234"), ("110", "***"), ("", "***")],
)
def test_an_address_is_shown_masked(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_a_month_is_whole_weeks_with_rest_make_up_and_counted_days() -> None:
    days = month_strip(load_shipped_calendar(), date(2026, 5, 1), date(2026, 5, 7), {date(2026, 5, 6): 1})
    kinds = {one.day: one.kind for one in days}

    assert (days[0].day, days[-1].day, len(days) % 7) == (date(2026, 4, 27), date(2026, 5, 31), 0)
    assert [one.day for one in days if one.today] == [date(2026, 5, 7)]
    assert [kinds[date(2026, 5, day)] for day in (1, 6, 7, 9, 10)] == [
        DayKind.HOLIDAY,
        DayKind.COUNTED,
        DayKind.PLAIN,
        DayKind.MAKEUP,
        DayKind.REST,
    ]
    assert kinds[date(2026, 4, 30)] is DayKind.OUTSIDE
