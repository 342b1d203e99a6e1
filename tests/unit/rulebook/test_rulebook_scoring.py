"""Rules at their edges, one by one, and what holds for every case."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rulebook import (
    ALONE,
    Case,
    Category,
    Rulebook,
    Scorecard,
    combine_sheet,
    explain,
    mean,
    population_of,
    read_figures,
    score_case,
)
from shared.rulebook.figures import Figure
from shared.rulebook.metrics import FactMetric, Growth, MeanShare, Metric, NotComputable, Share, YearPair

D = Decimal

MODEL_FACTS: dict[str, Figure] = {
    "rd_expense_this_year": D(5),
    "sales_revenue_this_year": D(100),
    "patent_applications_accepted_this_year": D(6),
    "patents_granted_this_year": D(0),
    "main_revenue_this_year": D(115),
    "main_revenue_last_year": D(100),
    "net_profit_this_year": D(10),
    "operating_revenue_this_year": D(100),
    "total_liabilities_year_end": D(50),
    "total_assets_year_end": D(100),
    "tax_paid_this_year": D(110),
    "tax_paid_last_year": D(100),
    "new_hires_this_year": D(110),
    "new_hires_last_year": D(100),
}
MODEL_FULL = {
    "key_industry": D(15),
    "product_quality": D(7),
    "brand": D(8),
    "new_products": D(5),
    "law_abiding": D(6),
}
PIONEER_FACTS: dict[str, Figure] = {
    "industry_class": "future",
    "titles_valid": ("unicorn",),
    "rd_expense_this_year": D(10),
    "rd_expense_last_year": D(10),
    "rd_expense_two_years_ago": D(10),
    "revenue_this_year": D(100),
    "revenue_last_year": D(100),
    "revenue_two_years_ago": D(100),
    "main_product_invention_patents_3_years": D(5),
}
PIONEER_FULL = {"core_technology": D(30), "integrity": D(10)}


def card(category: Category) -> Scorecard:
    assert category.scorecard is not None
    return category.scorecard


def model_case(**facts: Figure) -> Case:
    return Case("m", "manufacturing", {**MODEL_FACTS, **facts}, MODEL_FULL)


def pioneer_case(**facts: Figure) -> Case:
    return Case("p", None, {**PIONEER_FACTS, **facts}, PIONEER_FULL)


def rd(share: Fraction | int | str) -> Case:
    value = D(str(share))
    return pioneer_case(
        rd_expense_this_year=value,
        rd_expense_last_year=value,
        rd_expense_two_years_ago=value,
    )


def test_a_model_enterprise_with_every_figure_at_the_top_has_100_points(model: Category) -> None:
    result = score_case(card(model), model_case(), ALONE)

    assert (result.total, result.reachable_max, result.provisional) == (D(100), D(100), ())


@pytest.mark.parametrize(
    ("expense", "points"),
    [
        ("5", 10),
        ("4.999999", 9),
        ("4", 9),
        ("3.999999", 8),
        ("3", 8),
        ("2", 7),
        ("1", 6),
        ("0.999999", 4),
        ("0.000001", 4),
        ("0", 0),
    ],
)
def test_rd_share_takes_the_band_whose_lower_edge_it_reaches(model: Category, expense: str, points: int) -> None:
    result = score_case(card(model), model_case(rd_expense_this_year=D(expense)), ALONE)

    assert result.items["rd_share"] == points


@pytest.mark.parametrize(
    ("liabilities", "points"),
    [("50", "7"), ("50.000001", "6"), ("60", "6"), ("70", "5.5"), ("80", "5"), ("90", "4"), ("90.000001", "0")],
)
def test_debt_ratio_takes_the_band_whose_upper_edge_it_keeps(model: Category, liabilities: str, points: str) -> None:
    result = score_case(card(model), model_case(total_liabilities_year_end=D(liabilities)), ALONE)

    assert result.items["debt_ratio"] == D(points)


@pytest.mark.parametrize(
    ("this_year", "points"),
    [("115", 9), ("114.999999", 8), ("111", 8), ("107", 7), ("103", 6), ("100.000001", 5), ("100", 0), ("-5", 0)],
)
def test_main_revenue_growth_at_its_edges(model: Category, this_year: str, points: int) -> None:
    result = score_case(card(model), model_case(main_revenue_this_year=D(this_year)), ALONE)

    assert result.items["main_revenue_growth"] == points


@pytest.mark.parametrize(
    ("applied", "granted", "points"),
    [(6, 0, 10), (5, 0, 9), (1, 0, 5), (0, 0, 0), (0, 3, 10), (0, 2, 9), (0, 1, 8), (4, 2, 9), (7, 9, 10)],
)
def test_patents_count_the_better_path_and_nothing_for_none(
    model: Category, applied: int, granted: int, points: int
) -> None:
    case = model_case(patent_applications_accepted_this_year=D(applied), patents_granted_this_year=D(granted))

    assert score_case(card(model), case, ALONE).items["patents"] == points


@pytest.mark.parametrize(
    ("last_year", "reason"), [(None, "base_missing"), (D(0), "base_zero"), (D(-1), "base_negative")]
)
def test_growth_without_a_base_waits_for_a_decision_by_hand(
    model: Category, last_year: Decimal | None, reason: str
) -> None:
    result = score_case(card(model), model_case(main_revenue_last_year=last_year), ALONE)

    assert result.not_computable == result.provisional == ("main_revenue_growth",)
    assert result.explanations["main_revenue_growth"].applied == {"not_computable": reason, "override": None}
    assert result.total == 91


def test_services_reach_95_and_are_not_scaled(model: Category) -> None:
    judged = {"new_industry": D(15), "product_quality": D(7), "brand": D(8), "law_abiding": D(6)}
    judged |= {"innovation_plan": D(5), "innovation_model": D(10), "innovation_management": D(5)}

    result = score_case(card(model), Case("s", "services", MODEL_FACTS, judged), ALONE)

    assert (result.total, result.reachable_max) == (D(95), D(95))


def test_any_of_takes_the_best_alternative_never_the_sum(model: Category) -> None:
    judged = {**MODEL_FULL, "key_industry": D(9), "brand": D(0), "industry_standard": D("9.5")}

    result = score_case(card(model), Case("a", "manufacturing", MODEL_FACTS, judged), ALONE)

    assert result.groups["demonstration"] == D("9.5")
    assert result.explanations["new_industry"].applied == {"claimed": False}


@pytest.mark.parametrize(
    ("place", "percentile", "points"),
    [
        (100, "100", 10),
        (90, "90", 10),
        (89, "89", 9),
        (80, "80", 9),
        (79, "79", 8),
        (10, "10", 2),
        (9, "9", 1),
        (0, "0", 1),
    ],
)
def test_percentile_loses_a_point_for_each_started_step_below_90(
    pioneer: Category, place: int, percentile: str, points: int
) -> None:
    population = population_of(card(pioneer), [rd(share) for share in range(1, 102)])

    result = score_case(card(pioneer), rd(place + 1), population)

    assert result.items["rd_share"] == points
    assert result.explanations["rd_share"].applied["percentile"] == percentile


def test_no_rd_spending_scores_0_whatever_the_percentile(pioneer: Category) -> None:
    assert score_case(card(pioneer), rd(0), ALONE).items["rd_share"] == 0


def test_a_case_outside_its_population_is_a_fault(pioneer: Category) -> None:
    population = population_of(card(pioneer), [rd(1), rd(2)])

    with pytest.raises(ValueError, match="not a member"):
        score_case(card(pioneer), rd(3), population)


def test_a_missing_revenue_leaves_the_population_and_waits(pioneer: Category) -> None:
    case = pioneer_case(revenue_last_year=None)
    population = population_of(card(pioneer), [case, rd(1)])

    result = score_case(card(pioneer), case, population)

    assert result.provisional == ("rd_share",)
    assert score_case(card(pioneer), rd(1), population).explanations["rd_share"].applied["of"] == 1


def test_no_title_and_no_listed_industry_lower_what_can_be_reached(pioneer: Category) -> None:
    result = score_case(card(pioneer), pioneer_case(titles_valid=(), industry_class="neither"), ALONE)

    assert (result.total, result.reachable_max) == (D(60), D(60))


@pytest.mark.parametrize(("given", "shown"), [({"law_abiding": D(10)}, "10"), ({}, None)])
def test_a_zero_condition_counts_whatever_was_judged_and_shows_it(
    books: dict[str, Rulebook], given: dict[str, Decimal], shown: str | None
) -> None:
    figure = card(books["qingdao-economic-achievements"].category("economic_figure"))
    judged = {item.id: D(5) for _, item in figure.lines(None) if item.id != "law_abiding"}
    case = Case("z", None, {}, {**judged, **given}, ("figure_dishonest_debtor", "figure_penalised"))

    result = score_case(figure, case, ALONE)

    said = result.explanations["law_abiding"]
    assert (result.items["law_abiding"], said.inputs) == (0, {"judgement": shown})
    assert said.applied == {"zero_condition": "figure_dishonest_debtor"}
    assert said.words == "本人成为失信被执行人，本项计0分"
    assert result.reachable_max == 90


def test_a_veto_is_told_and_the_total_still_computed(pioneer: Category) -> None:
    case = Case("v", None, PIONEER_FACTS, PIONEER_FULL, vetoes=("quality_bad_faith",))

    result = score_case(card(pioneer), case, ALONE)

    assert (result.vetoed, result.total) == (True, D(100))


def test_an_unjudged_item_cannot_be_scored(pioneer: Category) -> None:
    with pytest.raises(ValueError, match="core_technology"):
        score_case(card(pioneer), Case("u", None, PIONEER_FACTS, {"integrity": D(1)}), ALONE)


def test_rank_shares_places_and_skips_the_next(books: dict[str, Rulebook]) -> None:
    trade = books["qingdao-economic-achievements"].category("trade_pioneer")
    cases = [
        Case(
            str(place),
            variant,
            {"trade_amount_this_year": D(amount), "trade_amount_last_year": D(1), "general_violations": D(12)},
        )
        for place, (variant, amount) in enumerate([("other", 9), ("other", 9), ("other", 8), ("manufacturing", 7)])
    ]
    population = population_of(card(trade), cases)

    results = [score_case(card(trade), case, population) for case in cases]

    assert [result.items["trade_amount"] for result in results] == [90, 90, 88, 90]
    assert results[0].items["integrity"] == 0


def giant_case(target: Figure, actual: Figure, options: dict[str, str] | None = None, taken: int = 0) -> Case:
    """Every number with this target and actual; the yes/no rows and the listing have neither."""
    facts: dict[str, Figure] = {}
    for name in GIANT_NUMBERS:
        facts |= {f"{name}_target": target, f"{name}_actual": actual}
    for name in ("product_standard_met", "digital_cloud_migration"):
        facts |= {f"{name}_target": False, f"{name}_actual": None}
    facts |= {"listing_plan_target": "no", "listing_plan_actual": "no"}
    return Case("g", None, facts, {"fund_use_compliance": D(taken)}, options=options or {})


GIANT_NUMBERS = (
    "main_revenue_share",
    "export_share",
    "overseas_certifications",
    "rd_intensity",
    "invention_patents",
    "rd_institutions",
    "standards",
    "commercialised_projects",
    "management_certifications",
    "main_revenue_growth",
)


@pytest.mark.parametrize(
    ("target", "actual", "points", "outcome"),
    [
        (D(5), D(5), "10", {"outcome": "met"}),
        (D(5), D("4.999999"), "0", {"outcome": "below_target"}),
        (D(0), None, "5", {"outcome": "both_nothing"}),
        (None, D(3), "0", {"not_computable": "target_missing", "override": None}),
        (D(3), None, "0", {"not_computable": "actual_missing", "override": None}),
        (D(0), D(3), "10", {"outcome": "met"}),
    ],
)
def test_actual_against_target_under_half_marks(
    giant: Category, target: Figure, actual: Figure, points: str, outcome: dict[str, str | None]
) -> None:
    result = score_case(card(giant), giant_case(target, actual), ALONE)

    assert result.items["main_revenue_share"] == D(points)
    assert result.explanations["main_revenue_share"].applied == outcome
    assert result.items["listing_plan"] == 5


def test_the_printed_rule_knows_no_half_marks(giant: Category) -> None:
    result = score_case(card(giant), giant_case(D(0), D(0), {"both_nothing": "printed_rule"}), ALONE)

    assert result.items["main_revenue_share"] == 10
    assert result.provisional == ("product_standard_met", "digital_cloud_migration")


def test_the_deduction_is_negative_and_the_total_not_below_zero(giant: Category) -> None:
    result = score_case(card(giant), giant_case(D(5), D(4), taken=20), ALONE)

    assert (result.groups["deduction"], result.total, result.reachable_max) == (D(-20), D(0), D(100))


def test_explanations_read_from_figure_to_points(model: Category) -> None:
    result = score_case(card(model), model_case(rd_expense_this_year=D("6.43")), ALONE)

    assert "研发经费占比 6.43% → 5%及以上 → 10 分（附件三，创新与研发能力）" in explain(result)


def test_a_sheet_takes_what_was_decided_by_hand_for_the_case(pioneer: Category) -> None:
    facts = {**PIONEER_FACTS, "revenue_last_year": None}

    sheet = combine_sheet(card(pioneer), None, facts, ALONE, PIONEER_FULL, overrides={"rd_share": D("6.5")})

    assert (sheet.items["rd_share"], sheet.provisional) == (D("6.5"), ())


def test_the_mean_of_sheets_is_exact(pioneer: Category) -> None:
    sheets = [
        combine_sheet(card(pioneer), None, PIONEER_FACTS, ALONE, {"core_technology": D(given), "integrity": D(10)})
        for given in ("30", "29.5", "29.5")
    ]

    assert mean([sheet.total for sheet in sheets]) == Fraction(299, 3)


amounts = st.decimals(min_value=0, max_value=10**6, places=2)
growths = st.decimals(min_value=-(10**6), max_value=10**6, places=2)


@settings(max_examples=60, deadline=None)
@given(first=amounts, second=amounts)
def test_more_rd_never_scores_less(model: Category, first: Decimal, second: Decimal) -> None:
    low, high = sorted((first, second))
    points = [
        score_case(card(model), model_case(rd_expense_this_year=value), ALONE).items["rd_share"]
        for value in (low, high)
    ]

    assert points[0] <= points[1]


@settings(max_examples=60, deadline=None)
@given(first=amounts, second=amounts)
def test_more_debt_never_scores_more(model: Category, first: Decimal, second: Decimal) -> None:
    low, high = sorted((first, second))
    points = [
        score_case(card(model), model_case(total_liabilities_year_end=value), ALONE).items["debt_ratio"]
        for value in (low, high)
    ]

    assert points[0] >= points[1]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_item_exceeds_its_points_and_groups_sum_to_the_total(model: Category, data: st.DataObject) -> None:
    whole = {"patent_applications_accepted_this_year", "patents_granted_this_year"}
    facts: dict[str, Figure] = {
        fact: D(data.draw(st.integers(0, 50))) if fact in whole else data.draw(amounts) for fact in MODEL_FACTS
    }
    judged = {item: data.draw(st.integers(0, int(full) * 2)) * D("0.5") for item, full in MODEL_FULL.items()}

    result = score_case(card(model), Case("x", "manufacturing", facts, judged), ALONE)

    points = {item.id: item.points for _, item in card(model).lines("manufacturing")}
    assert all(0 <= result.items[item] <= full for item, full in points.items())
    assert all(result.groups[group.id] <= group.points for group in card(model).groups)
    assert sum(result.groups.values()) == result.total <= result.reachable_max <= 100


@settings(max_examples=40, deadline=None)
@given(shares=st.lists(st.integers(0, 100), min_size=1, max_size=12), newcomer=st.integers(0, 100))
def test_another_applicant_changes_only_compared_items(pioneer: Category, shares: list[int], newcomer: int) -> None:
    cases = [rd(share) for share in shares]
    before = score_case(card(pioneer), cases[0], population_of(card(pioneer), cases))
    after = score_case(card(pioneer), cases[0], population_of(card(pioneer), [*cases, rd(newcomer)]))

    assert {**before.items, "rd_share": 0} == {**after.items, "rd_share": 0}
    assert 0 <= after.items["rd_share"] <= 10


FIGURES: dict[str, Figure] = {
    "a": D("0.1"),
    "b": D(1),
    "c": D("0.5"),
    "d": D(3),
    "zero": D(0),
    "loss": D("-0.5"),
    "none": None,
}


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (Share(kind="share", id="m", part="a", base="b"), Fraction(10)),
        (Share(kind="share", id="m", part="a", base="d"), Fraction(10, 3)),
        (Share(kind="share", id="m", part="a", base="c"), Fraction(20)),
        (Share(kind="share", id="m", part="zero", base="c"), Fraction(0)),
        (Share(kind="share", id="m", part="a", base="zero"), NotComputable.BASE_ZERO),
        (Share(kind="share", id="m", part="a", base="loss"), NotComputable.BASE_NEGATIVE),
        (Share(kind="share", id="m", part="a", base="none"), NotComputable.BASE_MISSING),
        (Growth(kind="growth", id="m", now="d", before="c"), Fraction(500)),
        (Growth(kind="growth", id="m", now="a", before="d"), Fraction(-290, 3)),
        (FactMetric(kind="fact", id="m", fact="a"), Fraction(1, 10)),
        (
            MeanShare(kind="mean_share", id="m", years=(YearPair(part="a", base="b"), YearPair(part="a", base="d"))),
            Fraction(20, 3),
        ),
        (
            MeanShare(
                kind="mean_share", id="m", years=(YearPair(part="a", base="zero"), YearPair(part="a", base="none"))
            ),
            NotComputable.BASE_ZERO,
        ),
    ],
)
def test_metrics_are_exact_or_say_why_they_are_not_computable(metric: Metric, value: Fraction | NotComputable) -> None:
    assert metric.value(FIGURES) == value


@pytest.mark.parametrize(
    ("target", "actual", "points", "open_item"),
    [("63", "62", 0, False), ("63", "63", 10, False), ("63", "64", 10, False), (None, None, 0, True)],
)
def test_a_row_of_the_service_system_has_full_points_or_none(
    books: dict[str, Rulebook], target: str | None, actual: str | None, points: int, open_item: bool
) -> None:
    category = books["little-giant-performance"].category("service_system")
    assert category.scorecard is not None
    rows = {fact.id: "0" for fact in category.facts}
    raw = {**rows, "demo_platforms_target": target, "demo_platforms_actual": actual}

    result = score_case(category.scorecard, Case("附1", None, read_figures(category, raw).figures), ALONE)

    assert result.items["demo_platforms"] == points
    assert ("demo_platforms" in result.provisional) == open_item
