"""When printed numbers say the same."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.rulebook.consistency.numbers import about_hundredfold, cut, gives, same_but_rounded


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("6", "5.92", True),
        ("21", "21.18", True),
        ("65", "64.82", True),
        ("64", "64.82", True),
        ("11", "11.74", True),
        ("-1.3", "-1.28", True),
        ("-1.2", "-1.28", True),
        ("23.92", "23.90", False),
        ("23.92", "23.9", True),
        ("0.06", "6", False),
        ("97", "98", False),
        ("63", "64.82", False),
    ],
)
def test_the_finer_number_rounded_or_cut_gives_the_other(left: str, right: str, same: bool) -> None:
    assert same_but_rounded(Decimal(left), Decimal(right)) is same
    assert same_but_rounded(Decimal(right), Decimal(left)) is same


def test_a_recomputed_number_may_be_cut_but_not_for_a_claim() -> None:
    exact = Fraction("5.9172")

    assert gives(exact, Decimal("5.91"))
    assert not gives(exact, Decimal("5.91"), cut_too=False)
    assert gives(exact, Decimal("5.92"), cut_too=False)
    assert cut(Fraction("-1.29"), 1) == Decimal("-1.2")


@given(some.fractions(min_value=-10_000, max_value=10_000), some.integers(0, 4))
def test_a_number_always_gives_its_own_cut(exact: Fraction, decimals: int) -> None:
    assert gives(exact, cut(exact, decimals))


@pytest.mark.parametrize(
    ("left", "right", "slip"),
    [
        ("0.06", "6", True),
        ("6.43", "0.0643", True),
        ("0.1", "12.4", True),
        ("5", "50", False),
        ("0.01", "1.4", True),
        ("1", "140", False),
        ("1", "100", True),
        ("0", "6", False),
        ("-0.06", "6", False),
    ],
)
def test_a_ratio_beside_its_percentage_is_seen(left: str, right: str, slip: bool) -> None:
    assert about_hundredfold(Decimal(left), Decimal(right)) is slip
