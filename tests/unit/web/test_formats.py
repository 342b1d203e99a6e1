"""Dates, terms and numbers as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from shared.web import formats


def test_shanghai_date_names_the_weekday() -> None:
    assert formats.shanghai_date(date(2026, 5, 7)) == "2026年5月7日（周四）"


def test_shanghai_date_of_an_instant_is_the_local_day() -> None:
    assert formats.shanghai_date(datetime(2026, 5, 7, 16, 30, tzinfo=UTC)) == "2026年5月8日（周五）"


def test_shanghai_datetime_shows_local_hours() -> None:
    assert formats.shanghai_datetime(datetime(2026, 5, 7, 2, 32, tzinfo=UTC)) == "2026年5月7日（周四）10:32"


@pytest.mark.parametrize(
    ("ends_at", "words"),
    [
        (datetime(2026, 5, 7, 16, tzinfo=UTC), "2026年5月7日（周四）24:00"),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), "2026年12月31日（周四）24:00"),
        (datetime(2026, 5, 7, 9, tzinfo=UTC), "2026年5月7日（周四）17:00"),
    ],
)
def test_term_end_speaks_of_24_00_of_the_last_day(ends_at: datetime, words: str) -> None:
    assert formats.term_end(ends_at) == words


def test_short_term_end_keeps_the_last_day() -> None:
    assert formats.short_term_end(datetime(2026, 5, 7, 16, tzinfo=UTC)) == "5月7日 24:00"


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        formats.shanghai_datetime(datetime(2026, 5, 7, 16))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize(
    ("value", "words"),
    [(Decimal("1E+3"), "1000"), (Decimal("0.10"), "0.10"), (Decimal("1E-7"), "0.0000001"), (12, "12")],
)
def test_plain_decimal_has_no_exponent(value: Decimal | int, words: str) -> None:
    assert formats.plain_decimal(value) == words


def test_plain_decimal_refuses_a_float() -> None:
    with pytest.raises(TypeError, match="float"):
        formats.plain_decimal(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("93.125"), "93.13"),
        (Decimal("-0.005"), "-0.01"),
        (Fraction(1, 3), "0.33"),
        (Fraction(1, 8), "0.13"),
        (Fraction(-1, 8), "-0.13"),
        (Fraction(100), "100.00"),
        (7, "7.00"),
    ],
)
def test_points_round_half_up_to_two_places(value: Decimal | Fraction | int, words: str) -> None:
    assert formats.points(value) == words


def test_grouped_keeps_recorded_digits() -> None:
    assert formats.grouped(Decimal("1234567.50")) == "1,234,567.50"


@pytest.mark.parametrize(("days", "words"), [(3, "还有 3 个工作日"), (0, "今天截止"), (-1, "已截止")])
def test_working_days_left_in_words(days: int, words: str) -> None:
    assert formats.working_days_left(days) == words


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (12, "12 字节"),
        (1_024, "1 KB"),
        (1_280, "1.3 KB"),
        (8_388_608, "8 MB"),
        (52_428_800, "50 MB"),
        (2_000_000, "1.9 MB"),
    ],
)
def test_file_size_is_in_the_unit_of_the_limits(octets: int, words: str) -> None:
    assert formats.file_size(octets) == words


def test_digest_groups_are_eight_long() -> None:
    assert formats.digest_groups("0123456789abcdef01") == "01234567 89abcdef 01"
