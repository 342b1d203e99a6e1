"""The mean for the eye: half up at two decimals, from the exact fraction."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.dossiers import mean_display


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (179, 2, "89.50"),
        (0, 7, "0.00"),
        (1, 3, "0.33"),
        (2, 3, "0.67"),
        (1, 200, "0.01"),
        (1, 201, "0.00"),
        (700, 7, "100.00"),
    ],
)
def test_mean_is_shown_with_two_decimals_half_up(numerator: int, denominator: int, shown: str) -> None:
    assert mean_display(numerator, denominator) == shown


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_shown_mean_is_the_nearest_hundredth(numerator: int, denominator: int) -> None:
    distance = abs(Fraction(mean_display(numerator, denominator)) - Fraction(numerator, denominator))

    assert distance <= Fraction(1, 200)


@given(st.integers(0, 10**6))
def test_a_mean_of_thousandths_is_rounded_as_decimal_rounds_it(thousandths: int) -> None:
    exact = Decimal(thousandths) / 1000

    assert mean_display(thousandths, 1000) == str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


@given(st.integers(0, 10**6), st.integers(1, 10**4), st.integers(1, 50))
def test_the_same_fraction_written_otherwise_is_shown_alike(numerator: int, denominator: int, by: int) -> None:
    assert mean_display(numerator * by, denominator * by) == mean_display(numerator, denominator)
