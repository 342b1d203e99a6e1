"""Exact ranks: compared with fractions, total, free of the order in which cases come, stable when one is added."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.ranking.domain.ranks import Ranked, Standing, rank

# Few distinct values, so that ties are common; denominators as panels of 1 to 12 sheets with half points give them.
fractions = st.tuples(st.integers(-40, 400), st.integers(1, 24))
tie_values = st.one_of(st.none(), st.sampled_from([Decimal(0), Decimal("0.1"), Decimal(3), Decimal("-2.5")]))


@st.composite
def standings(draw: st.DrawFn, *, breaks: int = 0) -> list[Standing]:
    found = draw(
        st.lists(st.tuples(fractions, st.sampled_from(["a", "b"]), st.tuples(*[tie_values] * breaks)), max_size=30)
    )
    return [
        Standing(UUID(int=number), f"C-{number:03d}", mean[0], mean[1], group, ties)
        for number, (mean, group, ties) in enumerate(found)
    ]


def by_case(ranked: list[Ranked]) -> dict[UUID, Ranked]:
    return {one.case_id: one for one in ranked}


def better(left: Standing, right: Standing) -> bool:
    """The same law, said with fractions."""

    def key(one: Standing) -> tuple[object, ...]:
        ties = tuple((0, Fraction(0)) if value is None else (1, Fraction(value)) for value in one.tie_values)
        return (Fraction(one.numerator, one.denominator), *ties)

    return key(left) > key(right)  # type: ignore[operator]


@given(standings(breaks=2))
def test_the_rank_is_one_more_than_the_number_of_better_cases(cases: list[Standing]) -> None:
    found = by_case(rank(cases))

    for case in cases:
        same = [other for other in cases if other.group == case.group]
        assert found[case.case_id].rank == 1 + sum(better(other, case) for other in same)


@given(standings(breaks=1))
def test_only_equal_cases_are_flagged_as_tied(cases: list[Standing]) -> None:
    found = by_case(rank(cases))

    for case in cases:
        others = [other for other in cases if other.group == case.group and other is not case]
        equal = any(not better(case, other) and not better(other, case) for other in others)
        assert found[case.case_id].tied is equal


@given(standings(breaks=1), st.randoms(use_true_random=False))
def test_the_order_in_which_cases_come_does_not_matter(cases: list[Standing], chance: object) -> None:
    shuffled = list(cases)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert rank(shuffled) == rank(cases)


@given(standings(breaks=1), fractions, st.tuples(tie_values))
def test_another_case_never_changes_the_order_of_the_others(
    cases: list[Standing], mean: tuple[int, int], ties: tuple[Decimal | None]
) -> None:
    added = Standing(UUID(int=999), "C-999", mean[0], mean[1], "a", ties)
    before, after = by_case(rank(cases)), by_case(rank([*cases, added]))

    for left in cases:
        for right in cases:
            if left.group == right.group:
                was = before[left.case_id].rank - before[right.case_id].rank
                now = after[left.case_id].rank - after[right.case_id].rank
                assert (was > 0, was == 0) == (now > 0, now == 0)


@given(standings(), st.integers(1, 9))
def test_the_same_fraction_written_otherwise_ranks_the_same(cases: list[Standing], factor: int) -> None:
    expanded = [
        Standing(one.case_id, one.number, one.numerator * factor, one.denominator * factor, one.group) for one in cases
    ]

    assert rank(expanded) == rank(cases)


@given(standings())
def test_places_number_every_group_without_gaps(cases: list[Standing]) -> None:
    for group in ("a", "b"):
        places = [one.place for one in rank(cases) if one.group == group]
        assert places == list(range(1, len(places) + 1))


def test_equal_cases_share_a_rank_and_the_next_one_is_left_out() -> None:
    cases = [
        Standing(UUID(int=1), "A", 90, 1),
        Standing(UUID(int=2), "B", 630, 7),
        Standing(UUID(int=3), "C", 89, 1),
        Standing(UUID(int=4), "D", 100, 1),
    ]

    assert [(one.number, one.rank, one.tied) for one in rank(cases)] == [
        ("D", 1, False),
        ("A", 2, True),
        ("B", 2, True),
        ("C", 4, False),
    ]


def test_a_difference_beyond_two_decimals_still_decides() -> None:
    cases = [Standing(UUID(int=1), "A", 1_000_000, 3_000_001), Standing(UUID(int=2), "B", 1, 3)]

    assert [one.number for one in rank(cases)] == ["B", "A"]


def test_a_printed_tie_break_decides_and_a_missing_figure_stands_behind() -> None:
    cases = [
        Standing(UUID(int=1), "A", 50, 1, None, (None,)),
        Standing(UUID(int=2), "B", 50, 1, None, (Decimal("10.5"),)),
        Standing(UUID(int=3), "C", 50, 1, None, (Decimal("10.50"),)),
    ]

    assert [(one.number, one.rank, one.tied) for one in rank(cases)] == [
        ("B", 1, True),
        ("C", 1, True),
        ("A", 3, False),
    ]


def test_nothing_to_rank_gives_nothing() -> None:
    assert rank([]) == []
