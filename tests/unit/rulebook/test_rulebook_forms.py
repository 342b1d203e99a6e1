"""Forms, entry rules and score sheets: what is refused, and in which words."""

from decimal import Decimal

import pytest

from shared.rulebook import (
    Category,
    Rulebook,
    check_eligibility,
    check_figures,
    check_overrides,
    check_sheet,
    computed_items,
    expert_items,
    missing_evidence,
    read_figures,
    reference_facts,
)
from shared.rulebook.figures import Figure

D = Decimal

PIONEER_RAW: dict[str, object] = {
    "industry_class": "future",
    "titles_valid": ["unicorn"],
    "rd_expense_this_year": "10.50",
    "rd_expense_last_year": 0,
    "rd_expense_two_years_ago": D("3"),
    "revenue_this_year": "100",
    "revenue_last_year": None,
    "revenue_two_years_ago": "",
    "main_product_invention_patents_3_years": "5",
    "registered_in_qingdao": "是",
}


def codes(category: Category, variant: str | None, figures: dict[str, Figure]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in check_figures(category, variant, figures)]


def test_a_filing_is_read_exactly_and_passes(pioneer: Category) -> None:
    read = read_figures(pioneer, PIONEER_RAW)

    assert read.problems == []
    assert read.figures["rd_expense_this_year"] == D("10.50")
    assert read.figures["revenue_last_year"] is None
    assert read.figures["titles_valid"] == ("unicorn",)
    assert read.figures["registered_in_qingdao"] is True
    assert check_figures(pioneer, None, read.figures) == []


@pytest.mark.parametrize("given", ["12%", "１２", "1e5", "NaN", " 12", "1,000", 1.5, True, [1], {"a": 1}])
def test_what_is_no_plain_number_is_refused_and_left_out(pioneer: Category, given: object) -> None:
    read = read_figures(pioneer, {**PIONEER_RAW, "revenue_this_year": given})

    assert [(problem.field, problem.code) for problem in read.problems] == [("revenue_this_year", "wrong_type")]
    assert "revenue_this_year" not in read.figures


@pytest.mark.parametrize(
    ("fact", "value", "code"),
    [
        ("revenue_this_year", D(-1), "out_of_range"),
        ("revenue_this_year", D("1e15"), "out_of_range"),
        ("revenue_this_year", D("0.0000001"), "out_of_range"),
        ("revenue_this_year", D("NaN"), "not_a_number"),
        ("revenue_this_year", None, "wrong_type"),
        ("revenue_this_year", "100", "wrong_type"),
        ("main_product_invention_patents_3_years", D("1.5"), "wrong_type"),
        ("industry_class", "cooking", "not_allowed_value"),
        ("titles_valid", ("unicorn", "unicorn"), "not_allowed_value"),
        ("titles_valid", "unicorn", "wrong_type"),
        ("registered_in_qingdao", D(1), "wrong_type"),
        ("shoe_size", D(42), "unknown_fact"),
    ],
)
def test_a_wrong_figure_is_named_with_its_code(pioneer: Category, fact: str, value: Figure, code: str) -> None:
    figures = read_figures(pioneer, PIONEER_RAW).figures

    assert codes(pioneer, None, {**figures, fact: value}) == [(fact, code)]


def test_missing_facts_are_asked_for_by_variant(model: Category) -> None:
    manufacturing = {field for field, _ in codes(model, "manufacturing", {})}
    services = {field for field, _ in codes(model, "services", {})}

    assert manufacturing - services == {
        "rd_expense_this_year",
        "sales_revenue_this_year",
        "patent_applications_accepted_this_year",
        "patents_granted_this_year",
    }
    problem = check_figures(model, "services", {})[0]
    assert (problem.code, problem.message) == ("missing_fact", "请填写“本年度主营业务收入”。")


def test_enterprises_fill_in_actuals_and_the_office_targets(giant: Category) -> None:
    actuals = check_figures(giant, None, {}, filled_by="applicant")
    targets = check_figures(giant, None, {}, filled_by="office")
    foreign = check_figures(giant, None, {"export_share_target": D(1)}, filled_by="applicant")

    assert len(actuals) == len(targets) == 13
    assert (foreign[0].field, foreign[0].code) == ("export_share_target", "unknown_fact")


@pytest.mark.parametrize(
    ("titles", "industry", "claimed", "codes_found"),
    [
        (("gazelle",), "neither", None, []),
        ((), "future", True, []),
        ((), "future", None, ["undeclared"]),
        ((), "future", False, ["not_met"]),
        ((), "neither", True, ["not_met"]),
    ],
)
def test_a_pioneer_needs_a_title_or_industry_and_technology(
    pioneer: Category, titles: tuple[str, ...], industry: str, claimed: bool | None, codes_found: list[str]
) -> None:
    figures: dict[str, Figure] = {
        "registered_in_qingdao": True,
        "titles_valid": titles,
        "industry_class": industry,
        "core_technology_claimed": claimed,
    }

    problems = check_eligibility(pioneer, figures)

    assert [problem.code for problem in problems] == codes_found
    assert all(problem.effect == "block" and problem.article == "第十四条" for problem in problems)


def test_not_registered_in_the_city_blocks(model: Category) -> None:
    problems = check_eligibility(model, {"registered_in_qingdao": False})

    assert [(problem.rule, problem.code, problem.effect) for problem in problems] == [
        ("registered", "not_met", "block"),
        ("potential", "by_hand", "by_hand"),
    ]


def test_required_evidence_is_named_when_missing(model: Category) -> None:
    assert [kind.id for kind in missing_evidence(model, "services", ["proof"])] == ["audit_report"]
    assert missing_evidence(model, "services", ["audit_report"]) == []


def test_experts_judge_their_items_and_rules_compute_the_rest(model: Category, pioneer: Category) -> None:
    assert pioneer.scorecard is not None
    assert model.scorecard is not None
    assert [item.id for item in expert_items(pioneer.scorecard, None)] == ["core_technology", "integrity"]
    assert [item.id for item in computed_items(pioneer.scorecard, None)] == [
        "industry_field",
        "rd_share",
        "invention_patents",
        "enterprise_title",
    ]
    any_of = [item.id for item in expert_items(model.scorecard, "services") if item.any_of == "demonstration"]
    assert any_of == ["key_industry", "new_industry", "traditional_upgrade", "industry_standard"]
    assert [fact.id for fact in reference_facts(model, "brand")] == ["brand_level"]


@pytest.mark.parametrize(
    ("item", "given", "code"),
    [
        ("core_technology", D("30.5"), "out_of_range"),
        ("core_technology", D("-0.5"), "out_of_range"),
        ("core_technology", D("7.3"), "not_a_step"),
        ("core_technology", D("1e-400"), "not_a_step"),
        ("core_technology", D("1e400"), "out_of_range"),
        ("core_technology", "12", "wrong_type"),
        ("rd_share", D(5), "item_not_judged"),
        ("charm", D(5), "unknown_item"),
    ],
)
def test_a_number_that_may_not_be_given_is_refused(pioneer: Category, item: str, given: object, code: str) -> None:
    assert pioneer.scorecard is not None
    problems = check_sheet(pioneer.scorecard, None, {"core_technology": D(1), "integrity": D(1), item: given})

    assert [(problem.field, problem.code) for problem in problems] == [(item, code)]


def test_a_complete_sheet_has_one_alternative_and_every_other_item(model: Category) -> None:
    assert model.scorecard is not None
    problems = check_sheet(model.scorecard, "services", {"brand": D(1)})

    assert {problem.field for problem in problems} == {
        "demonstration",
        "product_quality",
        "innovation_plan",
        "innovation_model",
        "innovation_management",
        "law_abiding",
    }
    assert check_sheet(model.scorecard, "services", {"brand": D(1)}, complete=False) == []


def test_decisions_by_hand_keep_to_the_points_and_steps(model: Category) -> None:
    assert model.scorecard is not None
    given = {"tax_growth": D("7.5"), "net_margin": D("0.3"), "brand": D(1), "debt_ratio": D("6.5")}

    problems = check_overrides(model.scorecard, "services", given)

    assert [(problem.field, problem.code) for problem in problems] == [
        ("tax_growth", "out_of_range"),
        ("net_margin", "not_a_step"),
        ("brand", "override_not_allowed"),
    ]


@pytest.mark.parametrize(("length", "codes_found"), [(2000, []), (2001, [("key_chain_name", "out_of_range")])])
def test_a_text_may_have_2000_characters(
    books: dict[str, Rulebook], length: int, codes_found: list[tuple[str, str]]
) -> None:
    category = books["qingdao-economic-achievements"].category("development_case")

    assert codes(category, None, {"key_chain_name": "链" * length}) == codes_found
