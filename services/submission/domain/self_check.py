"""参评条件自查: what the entry rules say of a few answers, before anything is filed. Never binding, never kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.submission.domain.drafting import Typed, sort_out
from shared.rulebook import Category, Fact, check_eligibility, read_figures


class Verdict(StrEnum):
    """What can be said of a condition."""

    MET = "met"
    NOT_MET = "not_met"
    OPEN = "open"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class Checked:
    """One condition with its article; ``blocks``: who does not meet it may not enter."""

    rule: str
    label: str
    article: str
    verdict: Verdict
    blocks: bool


def questions(category: Category) -> tuple[Fact, ...]:
    """The fields of the form that the conditions look at, in form order."""
    asked = {fact_id for rule in category.eligibility if rule.condition for fact_id in rule.condition.facts()}
    return tuple(fact for fact in category.facts if fact.id in asked and fact.filled_by == "applicant")


def self_check(category: Category, answers: Mapping[str, Typed]) -> tuple[Checked, ...]:
    """Each condition in printed order against the answers; an answer that cannot be read counts as none."""
    figures = read_figures(category, sort_out(category, answers).figures).figures
    found = {problem.rule: _VERDICTS[problem.code] for problem in check_eligibility(category, figures)}
    return tuple(
        Checked(rule.id, rule.label, rule.article, found.get(rule.id, Verdict.MET), rule.effect == "block")
        for rule in category.eligibility
    )


_VERDICTS = {"not_met": Verdict.NOT_MET, "undeclared": Verdict.OPEN, "by_hand": Verdict.BY_HAND}


def conclusion(checked: tuple[Checked, ...]) -> str:
    """What the answers amount to, in one sentence."""
    if any(one.verdict is Verdict.NOT_MET and one.blocks for one in checked):
        return "按您的回答，有必须具备的条件不符合，暂不能申报本项目。"
    if any(one.verdict is Verdict.OPEN for one in checked):
        return "还有条件没有回答。"
    if any(one.verdict is Verdict.NOT_MET for one in checked):
        return "必须具备的条件均符合；不符合的条件只作提示，由初审人员认定。"
    return "按您的回答，可以自查的条件均符合。"
