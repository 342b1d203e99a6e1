"""How a list spreads, why an entry near the line is in or out, and exchanges that are only proposed."""

from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.ranking.domain.balance import UNKNOWN, Entry, beside_the_line, exchanges, shares


def entry(place: int, mean: int, industry: str | None = "化工", group: str | None = None) -> Entry:
    return Entry(UUID(int=place), group, place, place, Fraction(mean), {"industry": industry})


@st.composite
def ranked_lists(draw: st.DrawFn) -> list[Entry]:
    """Best first, places from 1."""
    means = draw(st.lists(st.integers(0, 100), max_size=12))
    kinds = st.sampled_from(["化工", "家电", None])
    return [entry(place, mean, draw(kinds)) for place, mean in enumerate(sorted(means, reverse=True), 1)]


entries = ranked_lists()


@given(entries, st.integers(0, 12))
def test_the_values_of_an_attribute_add_up_to_the_list(ranked: list[Entry], places: int) -> None:
    chosen = {one.case_id for one in ranked[:places]}
    found = shares(ranked, chosen, "industry")

    assert sum(one.ranked for one in found) == len(ranked)
    assert sum(one.chosen for one in found) == len(chosen)
    assert all((one.mean is None) == (one.chosen == 0) for one in found)


@given(entries, st.integers(1, 12))
def test_the_gap_to_the_line_is_never_negative_and_everybody_outside_has_somebody_ahead(
    ranked: list[Entry], places: int
) -> None:
    found = beside_the_line(ranked, {None: places})

    assert all(one.gap is not None and one.gap >= 0 for one in found)
    assert all((one.ahead > 0) is not one.inside for one in found)
    assert {one.inside for one in found} in (set(), {True, False})


def test_without_a_quota_nobody_is_near_a_line() -> None:
    assert beside_the_line([entry(1, 9), entry(2, 8)], {None: None}) == []


def test_the_entries_next_to_the_line_say_what_is_missing() -> None:
    found = beside_the_line([entry(place, 100 - 2 * place) for place in range(1, 8)], {None: 3}, near=1)

    assert [(one.case_id.int, one.inside, one.gap, one.ahead) for one in found] == [(3, True, 2, 0), (4, False, 2, 1)]


def test_an_exchange_brings_in_what_is_missing_and_takes_out_nothing_that_stands_alone() -> None:
    ranked = [entry(1, 90), entry(2, 88, "家电"), entry(3, 86), entry(4, 85, "医药"), entry(5, 84, None)]
    chosen = {UUID(int=place) for place in (1, 2, 3)}
    found = exchanges(ranked, chosen, {UUID(int=4), UUID(int=5)}, "industry")

    assert [(one.value, one.enters.int, one.leaves.int, one.cost) for one in found] == [("医药", 4, 3, 1)]
    assert exchanges(ranked, chosen, set(), "industry") == []
    assert shares(ranked, chosen, "industry")[-1].value in (UNKNOWN, "医药")
