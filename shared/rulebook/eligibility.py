"""Who may enter: the entry rules of a category against what was declared."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from shared.rulebook.figures import Figures
from shared.rulebook.models import Category, EligibilityRule, EvidenceKind


@dataclass(frozen=True, slots=True)
class EligibilityProblem:
    """An entry rule that is not met, not declared, or left to a person.

    ``effect``: ``block`` refuses the filing, ``warn`` and ``by_hand`` are shown to the screener.
    """

    rule: str
    article: str
    effect: Literal["block", "warn", "by_hand"]
    code: Literal["not_met", "undeclared", "by_hand"]
    message: str


def check_eligibility(category: Category, figures: Figures) -> list[EligibilityProblem]:
    """Every entry rule that does not simply hold, in printed order."""
    problems = (_check(rule, figures) for rule in category.eligibility)
    return [problem for problem in problems if problem is not None]


def _check(rule: EligibilityRule, figures: Figures) -> EligibilityProblem | None:
    if rule.condition is None:
        return EligibilityProblem(
            rule.id, rule.article, "by_hand", "by_hand", f"{rule.label}：由初审人员认定（{rule.article}）。"
        )
    holds = rule.condition.holds(figures)
    if holds is True:
        return None
    if holds is None:
        return EligibilityProblem(
            rule.id, rule.article, rule.effect, "undeclared", f"未填明是否符合“{rule.label}”（{rule.article}）。"
        )
    return EligibilityProblem(
        rule.id, rule.article, rule.effect, "not_met", f"不符合“{rule.label}”（{rule.article}）。"
    )


def missing_evidence(category: Category, variant: str | None, present: Collection[str]) -> list[EvidenceKind]:
    """The kinds of evidence that this filing must have and has not."""
    return [
        kind
        for kind in category.evidence
        if kind.required and (not kind.variants or variant in kind.variants) and kind.id not in present
    ]
