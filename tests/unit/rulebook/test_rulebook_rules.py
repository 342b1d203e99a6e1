"""What a band holds, and what a rule says is wrong with itself."""

from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import ValidationError

from shared.rulebook import ALONE, Case, Category
from shared.rulebook.metrics import FactMetric
from shared.rulebook.scoring.banded import Band, Bands
from shared.rulebook.scoring.compared import Percentile
from shared.rulebook.scoring.judged import Deduction, Judgement
from shared.rulebook.scoring.rule import Item, Rule, Scored

D = Decimal
METRIC = FactMetric(kind="fact", id="m", fact="f")
Edge = tuple[str, bool] | None
LOW, MIDDLE, HIGH = "低", "中", "高"


def bands(*rows: tuple[str, Edge, Edge, str]) -> Bands:
    """Bands by printed text, lower edge, upper edge (each with whether it is included) and score."""
    return Bands(
        kind="bands",
        metric=METRIC,
        bands=tuple(
            Band(
                printed=printed,
                lower=None if lower is None else D(lower[0]),
                lower_inclusive=lower is not None and lower[1],
                upper=None if upper is None else D(upper[0]),
                upper_inclusive=upper is not None and upper[1],
                score=D(score),
            )
            for printed, lower, upper, score in rows
        ),
    )


def said(rule: Rule, points: int = 10) -> list[str]:
    return list(rule.faults(D(points)))


def two(upper: Edge, lower: Edge) -> Bands:
    return bands((LOW, None, upper, "0"), (HIGH, lower, None, "10"))


@pytest.mark.parametrize(
    "rule",
    [
        two(("0", True), ("0", False)),
        two(("0", False), ("0", True)),
        bands(
            (HIGH, ("5", True), None, "10"), (LOW, None, ("-1", False), "0"), (MIDDLE, ("-1", True), ("5", False), "3")
        ),
        bands((LOW, None, None, "10")),
    ],
)
def test_bands_that_cover_every_number_once_have_no_fault(rule: Bands) -> None:
    assert said(rule) == []


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (two(("0", True), ("0", True)), "分档重叠：0 同属“低”与“高”"),
        (two(("0", False), ("0", False)), "分档之间有空档：0 不属“低”与“高”"),
        (two(("1", False), ("0", False)), "分档重叠：“低”与“高”"),
        (two(("0", True), ("1", True)), "分档之间有空档：“低”与“高”"),
        (bands((LOW, None, None, "0"), (HIGH, ("1", True), None, "10")), "分档重叠：“低”与“高”"),
        (bands((LOW, None, ("1", True), "0"), (HIGH, None, None, "10")), "分档重叠：“低”与“高”"),
        (
            bands((LOW, ("0", True), ("1", False), "0"), (HIGH, ("1", True), None, "10")),
            "分档两端须开放：最低一档不设下限，最高一档不设上限",
        ),
        (
            bands((LOW, None, ("1", False), "0"), (HIGH, ("1", True), ("2", True), "10")),
            "分档两端须开放：最低一档不设下限，最高一档不设上限",
        ),
        (bands((LOW, None, ("0", True), "0"), (HIGH, ("0", False), None, "9.5")), "没有一档可得满分10"),
        (bands((LOW, None, ("0", True), "-0.5"), (HIGH, ("0", False), None, "10")), "分档得分须在0至10之间"),
    ],
)
def test_bands_that_do_not_are_told_which(rule: Bands, sentence: str) -> None:
    assert said(rule) == [sentence]


def test_a_score_beyond_the_points_is_no_full_score_either() -> None:
    rule = bands((LOW, None, ("0", True), "0"), (HIGH, ("0", False), None, "10.5"))

    assert said(rule) == ["分档得分须在0至10之间", "没有一档可得满分10"]


@pytest.mark.parametrize("kept", [(False, False), (False, True), (True, False), (True, True)])
def test_a_band_holds_its_inside_and_the_edges_it_keeps(kept: tuple[bool, bool]) -> None:
    (band,) = bands((LOW, ("0", kept[0]), ("1", kept[1]), "0")).bands
    outside, inside = (Fraction(-1), Fraction(-1, 9), Fraction(10, 9), Fraction(2)), (Fraction(1, 2), Fraction(8, 9))

    assert [band.holds(value) for value in (Fraction(0), Fraction(1))] == list(kept)
    assert all(band.holds(value) for value in inside)
    assert not any(band.holds(value) for value in outside)


def judgement(step: str = "0.5", values: tuple[str, ...] = (), spans: tuple[tuple[str, str], ...] = ()) -> Judgement:
    return Judgement(
        kind="judgement",
        otherwise="not_printed",
        step=D(step),
        allowed_values=tuple(map(D, values)),
        allowed_ranges=tuple((D(low), D(high)) for low, high in spans),
    )


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        (judgement(), []),
        (judgement(values=("0", "10"), spans=(("0", "10"),)), []),
        (judgement(step="0"), ["赋分步长须大于0"]),
        (judgement(step="-1"), ["赋分步长须大于0"]),
        (judgement(values=("10.5",)), ["允许的分值 10.5 超出0至10"]),
        (judgement(values=("-0.5",)), ["允许的分值 -0.5 超出0至10"]),
        (judgement(spans=(("5", "11"),)), ["允许的分值 11 超出0至10"]),
        (Deduction(kind="deduction", max=D(20), label="扣分", step=D("0.5"), allowed_values=(D(20),)), []),
        (
            Deduction(kind="deduction", max=D(20), label="扣分", step=D("0.5"), allowed_values=(D(21),)),
            ["允许的分值 21 超出0至20"],
        ),
    ],
)
def test_allowed_numbers_lie_within_what_may_be_given(rule: Rule, sentences: list[str]) -> None:
    assert said(rule) == sentences


@pytest.mark.parametrize(
    ("floor", "sentences"),
    [("0", []), ("10", []), ("-0.5", ["最低得分须在0至10之间"]), ("10.5", ["最低得分须在0至10之间"])],
)
def test_the_floor_of_a_percentile_lies_within_the_points(floor: str, sentences: list[str]) -> None:
    rule = Percentile(
        kind="percentile",
        metric=METRIC,
        full_percentile=D(90),
        step=D(10),
        deduct_per_step=D(1),
        floor=D(floor),
    )

    assert said(rule) == sentences


@pytest.mark.parametrize(
    ("rule", "given", "code"),
    [
        (judgement(), "0", None),
        (judgement(), "10", None),
        (judgement(), "10.5", "out_of_range"),
        (judgement(), "-0.5", "out_of_range"),
        (judgement(), "0.3", "not_a_step"),
        (judgement(values=("0", "10")), "10", None),
        (judgement(values=("0", "10")), "5", "not_allowed_value"),
        (judgement(spans=(("5", "9"), ("10", "10"))), "5", None),
        (judgement(spans=(("5", "9"), ("10", "10"))), "9", None),
        (judgement(spans=(("5", "9"), ("10", "10"))), "10", None),
        (judgement(spans=(("5", "9"), ("10", "10"))), "4.5", "not_allowed_value"),
        (judgement(spans=(("5", "9"), ("10", "10"))), "9.5", "not_allowed_value"),
    ],
)
def test_a_judgement_keeps_to_its_points_steps_values_and_ranges(rule: Judgement, given: str, code: str | None) -> None:
    assert rule.refuses(D(given), D(10)) == code


def test_spending_in_any_year_is_compared(pioneer: Category) -> None:
    card = pioneer.scorecard
    assert card is not None
    item = card.item("rd_share", None)
    assert item is not None
    years = ("this_year", "last_year", "two_years_ago")
    for spent in range(1, 8):
        expenses = {f"rd_expense_{year}": D(spent >> place & 1) for place, year in enumerate(years)}
        case = Case("x", None, {**expenses, **{f"revenue_{year}": D(100) for year in years}})

        scored = item.rule.apply(item, case, ALONE)

        assert isinstance(scored, Scored)
        assert scored.applied == {"percentile": "100", "of": 1, "steps": 0}


@pytest.mark.parametrize("kind", ["astrology", 5, None])
def test_a_kind_that_is_not_there_is_refused_with_those_that_are(kind: object) -> None:
    with pytest.raises(ValidationError, match=r"没有这种计分规则.+可用：all_or_nothing、bands"):
        Item.model_validate({"id": "x", "name": "x", "points": 10, "rule": {"kind": kind}})


def test_a_rule_already_read_is_taken_as_it_is() -> None:
    rule = judgement()

    assert Item(id="x", name="x", points=D(10), rule=rule).rule is rule


def test_a_rule_is_read_by_its_kind() -> None:
    rule = {"kind": "judgement", "step": D("0.5"), "otherwise": "not_printed"}

    item = Item.model_validate({"id": "x", "name": "x", "points": 10, "rule": rule})

    assert item.rule == judgement()


@pytest.mark.parametrize(
    ("reason_if", "wanted"),
    [(None, []), ("always", ["0", "0.5", "9.5", "10"]), ("below_full", ["0", "0.5", "9.5"]), ("zero", ["0"])],
)
def test_a_reason_is_wanted_exactly_for_the_numbers_the_rule_names(reason_if: str | None, wanted: list[str]) -> None:
    rule = Judgement(kind="judgement", step=Decimal("0.5"), otherwise="zero", reason_if=reason_if)

    found = [given for given in ("0", "0.5", "9.5", "10") if rule.wants_reason(Decimal(given), Decimal(10))]

    assert found == wanted
