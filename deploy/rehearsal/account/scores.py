"""The 28: what the rule gives beside what was printed, every difference explained by item."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from deploy.rehearsal.account.gather import Outcome
from deploy.rehearsal.driver.world import World
from deploy.rehearsal.invented import LITTLE_GIANT
from deploy.rehearsal.published import PublishedEnterprise
from shared.rulebook import ALONE, Case, Category, read_figures, score_case


@dataclass(frozen=True)
class Compared:
    """One enterprise: the service's total, the printed one, our own recomputation, and why they differ."""

    enterprise: PublishedEnterprise
    computed: Decimal
    recomputed: Decimal
    differences: tuple[str, ...]

    @property
    def explained(self) -> bool:
        """Whether the items named make up the whole difference."""
        return self.computed == self.enterprise.official_total or bool(self.differences)


def compare(world: World, outcome: Outcome) -> list[Compared]:
    """All of the 28 that took part, in printed order."""
    rules = world.rules(LITTLE_GIANT)
    results = {result["credit_code"]: result for result in outcome.evaluation}
    return [_compare(rules, one, results[one.credit_code]) for one in world.cast.giants if one.credit_code in results]


def _compare(rules: Category, one: PublishedEnterprise, result: dict[str, object]) -> Compared:
    items: dict[str, str] = result["items"]  # type: ignore[assignment]
    words: dict[str, dict[str, str]] = result["explanations"]  # type: ignore[assignment]
    differences = tuple(
        f"{words[item]['item_name']}：印定{printed}分，规则{items[item]}分（{words[item]['words']}）"
        for item, printed in one.official_items.items()
        if Decimal(items[item]) != Decimal(printed)
    )
    gap = sum(Decimal(items[item]) - Decimal(printed) for item, printed in one.official_items.items())
    if gap - Decimal(one.deduction or 0) != Decimal(str(result["total"])) - one.official_total:
        differences = ()
    return Compared(one, Decimal(str(result["total"])), recompute(rules, one), differences)


def recompute(rules: Category, one: PublishedEnterprise) -> Decimal:
    """The total by the rulebook alone, from the published cells, without any service."""
    assert rules.scorecard is not None
    figures = read_figures(rules, {**one.target_figures, **one.actual_figures}).figures
    judgements = {"fund_use_compliance": Decimal(one.deduction)} if one.deduction is not None else {}
    return score_case(rules.scorecard, Case(one.form, None, figures, judgements), ALONE).total
