"""Rules that compare a case with the frozen population of its category: rank and percentile."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Exact, Key
from shared.rulebook.figures import Json, number, shown
from shared.rulebook.metrics import REASONS, Metric, NotComputable
from shared.rulebook.scoring.rule import ZERO, Case, Item, PoolKey, Population, Rule, Scored, Standing, points_text


class ComparedRule(Rule):
    """A rule with a metric on which the members of a population are compared."""

    compares: ClassVar[bool] = True
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

    def figure(self, case: Case) -> str:
        """The case's own metric with its unit, for people."""
        value = self.metric.value(case.facts)
        return REASONS[value] if isinstance(value, NotComputable) else f"{shown(value)}{self.metric.unit}"


class Rank(ComparedRule, kind="rank"):
    """Full points for the largest amount, so much less for each rank after it; equal amounts share a rank."""

    kind: Literal["rank"]
    deduct_per_rank: Exact

    def apply(self, item: Item, case: Case, population: Population) -> Scored | NotComputable:
        """1 + the number of larger amounts is the rank."""
        value = self.metric.value(case.facts)
        if isinstance(value, NotComputable):
            return value
        standing = population.standing(self.pool_key(item, case), value)
        rank = 1 + standing.of - standing.at_or_below
        points = max(ZERO, item.points - self.deduct_per_rank * (rank - 1))
        return Scored(points, self.inputs(case), {"rank": rank, "of": standing.of})

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """What each place costs."""
        within = "各类分别排名，" if self.within_variant else ""
        yield f"{within}第1名 {points_text(points)}，每降1名扣 {points_text(self.deduct_per_rank)}，扣完为止"

    def words(self, case: Case, scored: Scored) -> str:
        """Amount, members, rank."""
        return f"{self.figure(case)} → {scored.applied['of']}家中第{scored.applied['rank']}名"


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
            return Scored(ZERO, self.inputs(case), {"no_rd_spending": True})
        standing = population.standing(self.pool_key(item, case), value)
        percentile = self._percentile(standing)
        steps = self._steps_below(percentile)
        points = max(self.floor, item.points - self.deduct_per_step * steps)
        applied: dict[str, Json] = {"percentile": shown(percentile), "of": standing.of, "steps": steps}
        return Scored(points, self.inputs(case), applied)

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """Where full points begin, what each step costs, and the least."""
        full, step = plain_decimal(self.full_percentile), plain_decimal(self.step)
        yield f"百分位{full}及以上 {points_text(points)}"
        yield f"每低{step}（不足按一档）扣 {points_text(self.deduct_per_step)}"
        yield f"最低 {points_text(self.floor)}" + ("；各年均无的 0 分" if self.zero_if_none else "")

    def words(self, case: Case, scored: Scored) -> str:
        """Figure, members, percentile, and how far it lies below the full one."""
        applied = scored.applied
        if "no_rd_spending" in applied:
            return "各年均无投入，不得分"
        full, steps = plain_decimal(self.full_percentile), applied["steps"]
        below = f"低于{full}共{steps}档" if steps else f"达到{full}"
        return f"{self.figure(case)} → {applied['of']}家中百分位 {applied['percentile']}，{below}"

    @staticmethod
    def _percentile(standing: Standing) -> Fraction:
        if standing.of == 1:
            return Fraction(100)
        return Fraction(100 * (standing.at_or_below - 1), standing.of - 1)

    def _steps_below(self, percentile: Fraction) -> int:
        short = Fraction(self.full_percentile) - percentile
        return max(0, -(-short // Fraction(self.step)))

    def faults(self, points: Decimal) -> Iterator[str]:
        """The floor lies within the points."""
        if not ZERO <= self.floor <= points:
            yield f"最低得分须在0至{plain_decimal(points)}之间"
