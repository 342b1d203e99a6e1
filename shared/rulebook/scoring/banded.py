"""Rules that read one figure against a printed table: bands, shortfall of a count, incidents, all or nothing."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Count, Exact, Frozen, Key, Label
from shared.rulebook.conditions import Condition
from shared.rulebook.figures import Json, number, shown, side
from shared.rulebook.metrics import Metric, NotComputable
from shared.rulebook.scoring.rule import ZERO, Case, Item, Population, Rule, Scored, points_text


class Band(Frozen):
    """One printed band and the reading of its edges; None is unbounded."""

    printed: Label
    lower: Exact | None
    lower_inclusive: bool
    upper: Exact | None
    upper_inclusive: bool
    score: Exact

    def holds(self, value: Fraction) -> bool:
        """Whether the exact value lies in the band."""
        lower, upper = self._edges
        if lower is not None and not _inside(side(value, lower), self.lower_inclusive):
            return False
        return upper is None or _inside(-side(value, upper), self.upper_inclusive)

    @cached_property
    def _edges(self) -> tuple[Fraction | None, Fraction | None]:
        """Lower and upper edge as the fractions that metrics are compared with."""
        return _fraction(self.lower), _fraction(self.upper)


def _inside(inwards: int, inclusive: bool) -> bool:
    """Whether a value so far inwards from an edge (negative: outwards) is inside."""
    return inwards > 0 or (inwards == 0 and inclusive)


def _fraction(edge: Decimal | None) -> Fraction | None:
    return None if edge is None else Fraction(edge)


class Bands(Rule, kind="bands"):
    """The score of the band that holds the metric."""

    kind: Literal["bands"]
    metric: Metric
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]

    def fact_ids(self) -> Iterator[str]:
        """The metric's facts."""
        return self.metric.facts()

    def apply(self, item: Item, case: Case, population: Population) -> Scored | NotComputable:
        """The band's score."""
        value = self.metric.value(case.facts)
        if isinstance(value, NotComputable):
            return value
        band = next(band for band in self.bands if band.holds(value))
        return Scored(band.score, self.inputs(case), {"metric": shown(value), "band": band.printed})

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """Each band and its score."""
        return (f"{band.printed}：{points_text(band.score)}" for band in self.bands)

    def words(self, case: Case, scored: Scored) -> str:
        """Metric, band."""
        return f"{scored.applied['metric']}{self.metric.unit} → {scored.applied['band']}"

    def faults(self, points: Decimal) -> Iterator[str]:
        """Every number lies in exactly one band; scores within the points; somebody can reach full points."""
        ordered = sorted(self.bands, key=lambda band: (band.lower is not None, band.lower or ZERO))
        if ordered[0].lower is not None or ordered[-1].upper is not None:
            yield "分档两端须开放：最低一档不设下限，最高一档不设上限"
        for below, above in pairwise(ordered):
            yield from _seam(below, above)
        if any(not ZERO <= band.score <= points for band in self.bands):
            yield f"分档得分须在0至{plain_decimal(points)}之间"
        if max(band.score for band in self.bands) != points:
            yield f"没有一档可得满分{plain_decimal(points)}"


def _seam(below: Band, above: Band) -> Iterator[str]:
    names = f"“{below.printed}”与“{above.printed}”"
    if below.upper is None or above.lower is None or below.upper > above.lower:
        yield f"分档重叠：{names}"
    elif below.upper < above.lower:
        yield f"分档之间有空档：{names}"
    elif below.upper_inclusive and above.lower_inclusive:
        yield f"分档重叠：{plain_decimal(below.upper)} 同属{names}"
    elif not below.upper_inclusive and not above.lower_inclusive:
        yield f"分档之间有空档：{plain_decimal(below.upper)} 不属{names}"


class Path(Frozen):
    """One way to count: the fact, the printed demand, and the count that gives full points."""

    id: Key
    fact: Key
    printed: Label
    full_at: Annotated[Count, Field(ge=1)]


class CountShortfall(Rule, kind="count_shortfall"):
    """Full points at ``full_at``, so much less for each one missing; none scores 0; the best path counts."""

    kind: Literal["count_shortfall"]
    paths: Annotated[tuple[Path, ...], Field(min_length=1)]
    deduct_per_missing: Exact
    unit: str = "项"

    def fact_ids(self) -> Iterator[str]:
        """The counts of all paths."""
        return (path.fact for path in self.paths)

    def apply(self, item: Item, case: Case, population: Population) -> Scored:
        """The best path, the first listed when equal."""
        tries = [(self._along(path, item.points, case), path) for path in self.paths]
        points, best = max(tries, key=lambda tried: tried[0])
        count = int(number(case.facts, best.fact))
        missing = max(0, best.full_at - count)
        applied: dict[str, Json] = {"path": best.id, "count": count, "missing": missing}
        return Scored(points, self.inputs(case), applied)

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """Each way to count, then what is taken off."""
        for path in self.paths:
            yield f"{path.printed}：{path.full_at}{self.unit}得 {points_text(points)}"
        best = "；几种算法取最好的" if len(self.paths) > 1 else ""
        yield f"每少1{self.unit}扣 {points_text(self.deduct_per_missing)}；为0的不得分{best}"

    def words(self, case: Case, scored: Scored) -> str:
        """Count along the best path, what is demanded, how many are missing."""
        count, missing = scored.applied["count"], scored.applied["missing"]
        demand = next(path.printed for path in self.paths if path.id == scored.applied["path"])
        return f"{count}{self.unit} → {demand}" + (f"，少{missing}{self.unit}" if missing else "")

    def _along(self, path: Path, points: Decimal, case: Case) -> Decimal:
        count = int(number(case.facts, path.fact))
        if count == 0:
            return ZERO
        return max(ZERO, points - self.deduct_per_missing * max(0, path.full_at - count))


class DeductPerIncident(Rule, kind="deduct_per_incident"):
    """Full points minus so much for each incident, not below 0."""

    kind: Literal["deduct_per_incident"]
    fact: Key
    deduct_per_incident: Exact
    unit: str = "次"

    def fact_ids(self) -> Iterator[str]:
        """The number of incidents."""
        yield self.fact

    def apply(self, item: Item, case: Case, population: Population) -> Scored:
        """Full points less the deduction, which is at most the points."""
        incidents = int(number(case.facts, self.fact))
        taken = min(item.points, self.deduct_per_incident * incidents)
        applied: dict[str, Json] = {"incidents": incidents, "deduction": plain_decimal(taken)}
        return Scored(item.points - taken, self.inputs(case), applied)

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """What each incident costs."""
        yield f"每{self.unit}扣 {points_text(self.deduct_per_incident)}，扣完为止"

    def words(self, case: Case, scored: Scored) -> str:
        """Incidents, deduction."""
        return f"{scored.applied['incidents']}{self.unit} → 扣 {scored.applied['deduction']} 分"


class AllOrNothing(Rule, kind="all_or_nothing"):
    """Full points when the condition holds, else 0."""

    kind: Literal["all_or_nothing"]
    condition: Condition
    full_if: Label

    def fact_ids(self) -> Iterator[str]:
        """The facts of the condition."""
        return self.condition.facts()

    def conditions(self) -> Iterator[Condition]:
        """Its condition."""
        yield self.condition

    def apply(self, item: Item, case: Case, population: Population) -> Scored:
        """Full or 0."""
        met = self._met(case)
        return Scored(item.points if met else ZERO, self.inputs(case), {"met": met})

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """The condition for full points."""
        yield f"{self.full_if}：{points_text(points)}；否则 0 分"

    def words(self, case: Case, scored: Scored) -> str:
        """The condition and whether it is met."""
        return f"{self.full_if}：{'符合' if scored.applied['met'] else '不符合'}"

    def reachable(self, item: Item, case: Case) -> Decimal:
        """The fact decides, so what is not met cannot be reached."""
        return item.points if self._met(case) else ZERO

    def _met(self, case: Case) -> bool:
        met = self.condition.holds(case.facts)
        if met is None:
            raise TypeError(f"facts of {', '.join(self.fact_ids())} are missing")
        return met
