"""Stability of a ranking: exact, free of order, sums to the places; a sharp line and a blurred one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from deploy.verify.verify_bundle import Stability
from services.ranking.actions.stability import as_json
from services.ranking.domain.decisions import Quota
from services.ranking.domain.sheets import SignedSheet, middle, outliers, too_fast
from services.ranking.domain.stability import Scored, draws, examine
from shared.kernel.canonical import plain
from shared.rulebook import TrimmedMean

EXPERTS = [f"专家{number}" for number in range(1, 8)]
points = st.integers(0, 200).map(lambda half: Decimal(half) / 2)


trimming = st.none() | st.builds(
    lambda highest, lowest, more: TrimmedMean(highest=highest, lowest=lowest, min_sheets=highest + lowest + more),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(1, 3),
)


def quota(places: int | None) -> Quota:
    return Quota(count=places, article="第二十一条", shares={}, strict=False, share_article=None)


def case(number: int, totals: list[Decimal], group: str | None = None) -> Scored:
    return Scored(UUID(int=number), f"C-{number:03d}", group, dict(zip(EXPERTS, totals, strict=False)))


@st.composite
def panels(draw: st.DrawFn) -> list[Scored]:
    found = draw(st.lists(st.lists(points, min_size=1, max_size=7), min_size=1, max_size=8))
    return [case(number, totals) for number, totals in enumerate(found, 1)]


@given(panels(), st.integers(1, 9), st.randoms(use_true_random=False))
def test_the_order_in_which_cases_come_does_not_matter(cases: list[Scored], places: int, chance: object) -> None:
    mixed = list(cases)
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert examine(mixed, quota(places), "seed", 20) == examine(cases, quota(places), "seed", 20)


@given(panels(), st.integers(1, 9))
def test_shares_lie_between_none_and_all_and_add_up_to_the_places(cases: list[Scored], places: int) -> None:
    found = examine(cases, quota(places), "seed", 20)

    assert all(0 <= share <= 1 for share in found.inside.values())
    assert sum(found.inside.values()) == min(places, len(cases))


@given(panels())
def test_without_a_quota_everybody_is_always_inside(cases: list[Scored]) -> None:
    found = examine(cases, quota(None), "seed", 5)

    assert set(found.inside.values()) == {1}
    assert [line.verdict for line in found.lines] == ["sharp"]


@given(st.lists(points, min_size=1, max_size=8, unique=True), st.integers(1, 8), st.integers(2, 7))
def test_where_all_experts_agree_nothing_changes(means: list[Decimal], places: int, experts: int) -> None:
    cases = [case(number, [mean] * experts) for number, mean in enumerate(means, 1)]
    found = examine(cases, quota(places), "seed", 20)

    assert all(not one.enters and not one.leaves for one in found.left_out)
    assert set(found.inside.values()) <= {0, 1}
    assert [line.verdict for line in found.lines] == ["sharp"]


@given(panels(), st.integers(1, 9), trimming)
def test_the_stand_alone_verifier_finds_the_same(cases: list[Scored], places: int, trimmed: TrimmedMean | None) -> None:
    found = as_json(examine(cases, quota(places), "seed", 20, trimmed))
    again = [
        {"case_id": str(one.case_id), "number": one.number, "class": one.group, "mean": [0, 1], "tie_values": []}
        | {"totals": {expert: Fraction(total) for expert, total in one.totals.items()}}
        for one in cases
    ]
    line = {one["class"]: one["places"] for one in found["lines"]}

    said = Stability(again, line, plain(trimmed)).said("seed", 20)
    assert said == {name: _unordered(found[name]) for name in said}


def test_the_verifier_takes_a_ranking_without_sheets_as_well() -> None:
    found = as_json(examine([], quota(3), "seed", 20))

    assert Stability([], {}).said("seed", 20) == {name: found[name] for name in ("inside", "left_out", "lines")}


def _unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unordered(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(value) if value and isinstance(value[0], str) else [_unordered(one) for one in value]
    return value


def test_left_out_highest_and_lowest_take_the_line_from_one_expert() -> None:
    steady = [case(number, [Decimal(90 - number)] * 7) for number in range(1, 4)]
    pushed = case(4, [Decimal(86)] * 6 + [Decimal(100)])
    found = examine([*steady, pushed], quota(3), "seed", 1, TrimmedMean(highest=1, lowest=1, min_sheets=5))

    assert [(one.enters, one.leaves) for one in found.left_out] == [((), ())] * 7
    assert found.lines[0].gap == 1


def test_one_expert_who_decides_the_line_blurs_it() -> None:
    steady = [case(number, [Decimal(90 - number)] * 7) for number in range(1, 4)]
    pushed = case(4, [Decimal(86)] * 6 + [Decimal(100)])
    found = examine([*steady, pushed], quota(3), "seed")
    line = found.lines[0]

    assert (line.verdict, line.places, line.swayed_by) == ("blurred", 3, ("专家7",))
    assert [(one.enters, one.leaves) for one in found.left_out if one.expert == "专家7"] == [
        ((UUID(int=3),), (UUID(int=4),))
    ]
    assert set(line.contested) == {UUID(int=3), UUID(int=4)}
    assert line.gap == 1


def test_two_classes_have_lines_of_their_own() -> None:
    cases = [case(number, [Decimal(90 - number)] * 3, "ab"[number % 2]) for number in range(1, 7)]
    split = Quota(count=3, article="x", shares={"a": 2, "b": 1}, strict=False, share_article="x")
    found = examine(cases, split, "seed", 5)

    assert {line.group: line.places for line in found.lines} == {"a": 2, "b": 1}
    assert sum(found.inside.values()) == 3


def test_cases_tied_at_the_line_share_the_place_that_is_left() -> None:
    found = examine([case(1, [Decimal(9)]), case(2, [Decimal(8)]), case(3, [Decimal(8)])], quota(2), "seed", 7)

    assert [found.inside[UUID(int=number)] for number in (1, 2, 3)] == [1, Fraction(1, 2), Fraction(1, 2)]


@given(st.integers(1, 12), st.text(max_size=5))
def test_the_same_seed_draws_the_same_experts(size: int, seed: str) -> None:
    experts = [f"专家{number}" for number in range(size)]

    assert list(draws(experts, seed, 9)) == list(draws(experts, seed, 9))
    assert all(len(one) == size for one in draws(experts, seed, 9))


def test_every_expert_is_drawn_about_as_often() -> None:
    drawn = [expert for one in draws(EXPERTS, "any", 5000) for expert in one]

    assert all(4700 < drawn.count(expert) < 5300 for expert in EXPERTS)


# -- sheets ------------------------------------------------------------------------------------------------------------

BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def sheet(number: int, expert: str, total: int, seconds: int | None = None) -> SignedSheet:
    signed_at = None if seconds is None else BEGUN + timedelta(seconds=seconds)
    return SignedSheet(UUID(int=number), f"C-{number}", expert, Decimal(total), signed_at)


@given(st.lists(st.integers(0, 100), min_size=4, max_size=9))
def test_no_more_than_half_of_the_sheets_of_a_case_are_outliers(totals: list[int]) -> None:
    sheets = [sheet(1, f"专家{place}", total) for place, total in enumerate(totals)]

    assert 2 * len(outliers(sheets, Decimal(100))) <= len(sheets)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_the_middle_does_not_depend_on_the_order(values: list[int], chance: object) -> None:
    mixed = list(map(Fraction, values))
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert middle(mixed) == middle(list(map(Fraction, values)))


def test_a_sheet_far_from_the_others_stands_out_with_its_distance() -> None:
    sheets = [sheet(1, expert, total) for expert, total in zip(EXPERTS, (80, 81, 82, 80, 81, 82, 40), strict=True)]
    found = outliers(sheets, Decimal(100))

    assert [(one.sheet.expert, one.middle, one.away) for one in found] == [("专家7", 81, -41)]
    assert outliers(sheets[:3], Decimal(100)) == []


def test_a_sheet_signed_seconds_after_the_one_before_is_too_fast() -> None:
    sheets = [sheet(1, "专家1", 80, 0), sheet(2, "专家1", 80, 20), sheet(3, "专家1", 80, 600), sheet(1, "专家2", 80)]

    assert [(one.sheet.number, one.seconds) for one in too_fast(sheets)] == [("C-2", 20)]
