"""The 28 and the service system: what the rule gives beside what was printed, every difference explained by item."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from deploy.rehearsal.account.gather import Outcome
from deploy.rehearsal.driver.world import World
from deploy.rehearsal.invented import LITTLE_GIANT
from deploy.rehearsal.other_categories import SYSTEM
from deploy.rehearsal.published import PublishedForm
from shared.rulebook import ALONE, Case, Category, read_figures, score_case


@dataclass(frozen=True)
class Compared:
    """One form: the service's total, the printed one, our own recomputation, and why they differ."""

    printed: PublishedForm
    computed: Decimal
    recomputed: Decimal
    differences: tuple[str, ...]

    @property
    def explained(self) -> bool:
        """Whether the items named make up the whole difference."""
        return self.computed == self.printed.official_total or bool(self.differences)


def compare(world: World, outcome: Outcome) -> list[Compared]:
    """The service system and all of the 28 that took part, in printed order."""
    results = {result["name"]: result for result in outcome.evaluation}
    printed: list[tuple[str, PublishedForm]] = [(LITTLE_GIANT, one) for one in world.cast.giants]
    if world.cast.system is not None:
        printed.insert(0, (SYSTEM, world.cast.system))
    return [
        _compare(world.rules(key), one, results[one.current_name])
        for key, one in printed
        if one.current_name in results
    ]


def _compare(rules: Category, one: PublishedForm, result: dict[str, object]) -> Compared:
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


def recompute(rules: Category, one: PublishedForm) -> Decimal:
    """The total by the rulebook alone, from the published cells, without any service."""
    assert rules.scorecard is not None
    figures = read_figures(rules, one.figures).figures
    judgements = {"fund_use_compliance": Decimal(one.deduction)} if one.deduction is not None else {}
    return score_case(rules.scorecard, Case(one.form, None, figures, judgements), ALONE).total
