"""Rules that compare a case with the frozen population of its category: rank and percentile."""

from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Exact, Key
from shared.rulebook.figures import Json, number, shown
from shared.rulebook.metrics import Metric, NotComputable
from shared.rulebook.scoring.rule import ZERO, Case, Item, PoolKey, Population, Rule, Scored


class ComparedRule(Rule):
    """A rule with a metric on which the members of a population are compared."""

    metric: Metric
    within_variant: bool = False

    def fact_ids(self) -> Iterator[str]:
        """The metric's facts."""
        return self.metric.facts()

    def pool_key(self, item: Item, case: Case) -> PoolKey:
        """The item, and the variant where classes are ranked apart."""
        return (item.id, case.variant if self.within_variant else None)

    def pool_value(self, case: Case) -> Fraction | NotComputable:
        """The metric; a case whose metric cannot be computed is no member."""
        return self.metric.value(case.facts)


class Rank(ComparedRule, kind="rank"):
    """Full points for the largest amount, so much less for each rank after it; equal amounts share a rank."""

    kind: Literal["rank"]
    deduct_per_rank: Exact

    def apply(self, item: Item, case: Case, population: Population) -> Scored | NotComputable:
        """1 + the number of larger amounts is the rank."""
        value = self.metric.value(case.facts)
        if isinstance(value, NotComputable):
            return value
        members = population.field_of(self.pool_key(item, case), value)
        rank = 1 + len(members) - bisect_right(members, value)
        points = max(ZERO, item.points - self.deduct_per_rank * (rank - 1))
        applied: dict[str, Json] = {"rank": rank, "of": len(members)}
        return Scored(
            points, self.inputs(case), applied, f"{shown(value)}{self.metric.unit} → {len(members)}家中第{rank}名"
        )


class Percentile(ComparedRule, kind="percentile"):
    """Full points from a percentile on; below it so much less for each started step.

    When all facts of ``zero_if_none`` are zero the item scores 0, whatever the percentile.
    """

    kind: Literal["percentile"]
    full_percentile: Exact
    step: Annotated[Exact, Field(gt=0)]
    deduct_per_step: Exact
    floor: Exact
    zero_if_none: tuple[Key, ...] = ()

    def apply(self, item: Item, case: Case, population: Population) -> Scored | NotComputable:
        """100 × (other members with an equal or lower value) ÷ (members − 1)."""
        value = self.metric.value(case.facts)
        if isinstance(value, NotComputable):
            return value
        if self.zero_if_none and all(number(case.facts, fact) == 0 for fact in self.zero_if_none):
            return Scored(ZERO, self.inputs(case), {"no_rd_spending": True}, "各年均无投入，不得分")
        members = population.field_of(self.pool_key(item, case), value)
        percentile = self._percentile(value, members)
        steps = self._steps_below(percentile)
        points = max(self.floor, item.points - self.deduct_per_step * steps)
        applied: dict[str, Json] = {"percentile": shown(percentile), "of": len(members), "steps": steps}
        below = (
            f"低于{plain_decimal(self.full_percentile)}共{steps}档"
            if steps
            else f"达到{plain_decimal(self.full_percentile)}"
        )
        words = f"{shown(value)}{self.metric.unit} → {len(members)}家中百分位 {shown(percentile)}，{below}"
        return Scored(points, self.inputs(case), applied, words)

    @staticmethod
    def _percentile(value: Fraction, members: tuple[Fraction, ...]) -> Fraction:
        if len(members) == 1:
            return Fraction(100)
        others_at_or_below = bisect_right(members, value) - 1
        return Fraction(100 * others_at_or_below, len(members) - 1)

    def _steps_below(self, percentile: Fraction) -> int:
        short = Fraction(self.full_percentile) - percentile
        return max(0, -(-short // Fraction(self.step)))

    def faults(self, points: Decimal) -> Iterator[str]:
        """The floor lies within the points."""
        if not ZERO <= self.floor <= points:
            yield f"最低得分须在0至{plain_decimal(points)}之间"
