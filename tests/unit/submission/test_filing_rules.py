"""What a filing must hold, who may enter, and what a rectification reopens."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.submission.domain.filing import (
    RectificationItem,
    check_complete,
    check_items,
    check_variant,
    read_entry,
    require_article,
    require_reopened,
    stored_figures,
)
from services.submission.domain.statement import SEALED, STATEMENT_VERSION, STATEMENTS, evidence_kinds, require_stated
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import Refusal
from shared.rulebook import read_figures

PIONEER = load_shipped()["qingdao-economic-achievements"].category("new_quality_pioneer")
MODEL = load_shipped()["qingdao-economic-achievements"].category("model_enterprise")
GIANT = load_shipped()["little-giant-performance"].category("little_giant")
FIGURES: dict[str, Any] = {
    "registered_in_qingdao": True,
    "core_technology_claimed": True,
    "industry_class": "future",
    "titles_valid": ["gazelle"],
    "rd_expense_this_year": "10.5",
    "rd_expense_last_year": 9,
    "rd_expense_two_years_ago": 8,
    "revenue_this_year": 100,
    "revenue_last_year": None,
    "revenue_two_years_ago": None,
    "main_product_invention_patents_3_years": 2,
}


def refusal_of(act: Any, *arguments: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*arguments)
    return caught.value


def stored(**changed: Any) -> dict[str, object]:
    return stored_figures(read_entry(PIONEER, {**FIGURES, **changed}, "applicant"))


def test_figures_are_read_exactly_and_kept_as_text() -> None:
    read = read_entry(PIONEER, {"revenue_this_year": Decimal("0.10"), "titles_valid": []}, "applicant")

    assert read == {"revenue_this_year": Decimal("0.10"), "titles_valid": ()}
    assert stored_figures(read) == {"revenue_this_year": "0.1", "titles_valid": []}


def test_a_complete_filing_names_what_the_screener_must_look_at() -> None:
    assert check_complete(PIONEER, None, stored(), {"audit_report"}, "applicant") == ()


def test_every_gap_is_named() -> None:
    figures = stored()
    del figures["industry_class"]

    refusal = refusal_of(check_complete, PIONEER, None, figures, (), "applicant")

    assert refusal.code == "incomplete"
    assert [problem.field for problem in refusal.problems] == ["industry_class", "audit_report"]


@pytest.mark.parametrize(
    ("changed", "rule", "article"),
    [
        ({"registered_in_qingdao": False}, "registered", "第二条"),
        ({"registered_in_qingdao": None}, "registered", "第二条"),
        ({"titles_valid": [], "industry_class": "neither"}, "title_or_technology", "第十四条"),
    ],
)
def test_who_may_not_enter_is_refused_under_its_article(changed: dict[str, Any], rule: str, article: str) -> None:
    refusal = refusal_of(check_complete, PIONEER, None, stored(**changed), {"audit_report"}, "applicant")

    assert (refusal.code, refusal.article) == ("not_eligible", article)
    assert [problem.field for problem in refusal.problems] == [rule]


def test_what_another_party_fills_in_is_refused() -> None:
    refusal = refusal_of(read_entry, GIANT, {"rd_intensity_target": 5}, "applicant")

    assert [(problem.field, problem.code) for problem in refusal.problems] == [("rd_intensity_target", "unknown_fact")]


@given(st.dictionaries(st.sampled_from([fact.id for fact in PIONEER.facts]), st.text(max_size=12), max_size=4))
def test_no_text_is_ever_guessed_into_a_number(raw: dict[str, str]) -> None:
    read = read_figures(PIONEER, raw)

    assert {problem.field for problem in read.problems} | set(read.figures) == set(raw)
    for fact_id, value in read.figures.items():
        if isinstance(value, Decimal):
            assert raw[fact_id].lstrip("-").replace(".", "", 1).isdigit()


def test_classes() -> None:
    check_variant(PIONEER, None)
    check_variant(MODEL, "manufacturing")
    for category, variant in ((PIONEER, "manufacturing"), (MODEL, None), (MODEL, "other")):
        assert refusal_of(check_variant, category, variant).code == "variant"


def test_only_named_fields_reopen() -> None:
    require_reopened({"a", "b"}, ["a"])

    assert refusal_of(require_reopened, {"a"}, ["a", "c"]).field == "c"


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "no_items"),
        ([RectificationItem("nothing", "x")], "unknown_item"),
        ([RectificationItem("audit_report", " ")], "reason"),
    ],
)
def test_items_of_a_rectification(items: list[RectificationItem], code: str) -> None:
    check_items(PIONEER, [RectificationItem("audit_report", "缺页"), RectificationItem("revenue_this_year", "不一致")])

    assert refusal_of(check_items, PIONEER, items).code == code


def test_targets_are_not_the_applicants_to_put_right() -> None:
    assert refusal_of(check_items, GIANT, [RectificationItem("rd_intensity_target", "x")]).code == "unknown_item"


def test_the_statement_is_confirmed_in_its_present_wording_or_comes_sealed() -> None:
    assert require_stated(STATEMENT_VERSION, True, set()) == "confirmed"
    assert require_stated(STATEMENT_VERSION, False, {SEALED.id}) == "sealed"

    assert refusal_of(require_stated, STATEMENT_VERSION, False, {"audit_report"}).code == "statement"
    assert refusal_of(require_stated, "1999-1", True, set()).code == "statement_version"


def test_every_form_takes_the_sealed_statement_and_every_wording_is_kept() -> None:
    assert evidence_kinds(PIONEER) == (*PIONEER.evidence, SEALED)
    assert STATEMENT_VERSION in STATEMENTS


def test_a_decision_names_an_article_of_the_rulebook() -> None:
    require_article({"第十九条"}, "第十九条")

    assert refusal_of(require_article, {"第十九条"}, "第九十九条").code == "unknown_article"
