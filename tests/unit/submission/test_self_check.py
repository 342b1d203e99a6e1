"""参评条件自查: each condition with its article, and one sentence of what the answers amount to."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.submission.domain.drafting import Typed
from services.submission.domain.self_check import Verdict, conclusion, questions, self_check
from shared.infra.rulebooks import load_shipped
from shared.rulebook import Category, Fact, check_eligibility, read_figures

BOOK = load_shipped()["qingdao-economic-achievements"]
PIONEER, FIGURE = BOOK.category("new_quality_pioneer"), BOOK.category("economic_figure")
FORMS = [category for book in load_shipped().values() for category in book.categories if category.application_form]


def verdicts(category: Category, answers: Mapping[str, Typed]) -> dict[str, Verdict]:
    return {one.rule: one.verdict for one in self_check(category, answers)}


def test_only_what_the_conditions_look_at_is_asked() -> None:
    assert [fact.id for fact in questions(FIGURE)] == ["unit_kind", "role", "tenure_years", "company_kinds"]


def test_a_blocking_condition_that_is_not_met_says_that_nobody_may_enter() -> None:
    answers = {"unit_kind": ("qingdao_legal_person",), "tenure_years": ("2",), "role": ("chairman",)}

    checked = self_check(FIGURE, answers)

    assert verdicts(FIGURE, answers) == {
        "unit": Verdict.MET,
        "role": Verdict.MET,
        "tenure": Verdict.NOT_MET,
        "company_size": Verdict.OPEN,
        "political": Verdict.BY_HAND,
        "recent_contribution": Verdict.BY_HAND,
    }
    assert {one.article for one in checked} == {"第十一条"}
    assert "暂不能申报" in conclusion(checked)


def test_a_condition_that_only_warns_does_not_block() -> None:
    answers = {"unit_kind": ("qingdao_legal_person",), "tenure_years": ("3",), "role": ("other_principal",)}

    told = conclusion(self_check(FIGURE, {**answers, "company_kinds": ("large",)}))

    assert told.startswith("必须具备的条件均符合")


@pytest.mark.parametrize("typed", ["三年", "-1", "2e3"])
def test_an_answer_that_cannot_be_read_counts_as_none(typed: str) -> None:
    assert verdicts(FIGURE, {"tenure_years": (typed,)})["tenure"] is Verdict.OPEN


def _answer(fact: Fact) -> st.SearchStrategy[str]:
    if fact.type == "boolean":
        return st.sampled_from(["true", "false"])
    return st.sampled_from([choice.value for choice in fact.allowed] or ["0", "3", "46"])


@given(st.data())
def test_it_says_what_the_entry_check_of_a_filing_would_say(data: st.DataObject) -> None:
    category = data.draw(st.sampled_from(FORMS))
    asked = questions(category)
    values = {
        fact.id: st.sampled_from(
            ["true", "false"]
            if fact.type == "boolean"
            else [choice.value for choice in fact.allowed] or ["0", "3", "46"]
        )
        for fact in asked
    }
    answers = {field: (data.draw(value),) for field, value in values.items() if data.draw(st.booleans())}

    checked = self_check(category, answers)

    raw = {field: list(typed) if category.fact(field).multiple else typed[0] for field, typed in answers.items()}  # type: ignore[union-attr]
    problems = {one.rule: one for one in check_eligibility(category, read_figures(category, raw).figures)}
    assert [one.rule for one in checked] == [rule.id for rule in category.eligibility]
    for one in checked:
        assert (one.verdict is Verdict.MET) == (one.rule not in problems)
        if one.verdict is Verdict.NOT_MET:
            assert problems[one.rule].code == "not_met"
