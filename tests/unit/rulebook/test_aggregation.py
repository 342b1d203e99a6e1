"""The mean of a panel's sheets, whole or without the highest and lowest: exact, whatever the order."""

from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.rulebook import TrimmedMean, mean

totals = st.lists(st.integers(0, 200).map(lambda half: Decimal(half) / 2), min_size=1, max_size=12)
trimmings = st.builds(
    lambda highest, lowest, more: TrimmedMean(highest=highest, lowest=lowest, min_sheets=highest + lowest + more),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(1, 4),
)


@given(totals, trimmings)
def test_it_is_the_mean_of_what_is_left_between_the_ends(given: list[Decimal], trimmed: TrimmedMean) -> None:
    kept = sorted(given)
    if len(given) >= trimmed.min_sheets:
        kept = kept[trimmed.lowest : len(kept) - trimmed.highest]

    assert mean(given, trimmed) == sum(map(Fraction, kept), Fraction(0)) / len(kept)


@given(totals, trimmings, st.randoms(use_true_random=False))
def test_neither_order_nor_who_gave_an_equal_total_matters(
    given: list[Decimal], trimmed: TrimmedMean, chance: Random
) -> None:
    mixed = list(given)
    chance.shuffle(mixed)

    assert mean(mixed, trimmed) == mean(given, trimmed)


@given(totals, trimmings)
def test_the_sheets_named_as_left_out_are_those_that_are(given: list[Decimal], trimmed: TrimmedMean) -> None:
    out = trimmed.leaves_out(given)
    kept = [total for place, total in enumerate(given) if place not in out]

    assert mean(kept) == mean(given, trimmed)
    assert len(out) in (0, trimmed.highest + trimmed.lowest)
    assert all(given[place] >= max(kept) for place, end in out.items() if end == "highest")
    assert all(given[place] <= min(kept) for place, end in out.items() if end == "lowest")


@given(totals, trimmings)
def test_it_lies_between_the_least_and_the_greatest(given: list[Decimal], trimmed: TrimmedMean) -> None:
    assert Fraction(min(given)) <= mean(given, trimmed) <= Fraction(max(given))


def test_of_few_sheets_none_is_left_out() -> None:
    trimmed = TrimmedMean(highest=1, lowest=1, min_sheets=5)

    assert mean([Decimal(number) for number in (0, 50, 60, 100)], trimmed) == Fraction(210, 4)
    assert mean([Decimal(number) for number in (0, 50, 60, 70, 100)], trimmed) == 60
    assert trimmed.words() == "满5份计分表的，去掉1个最高分、1个最低分后取平均值"
