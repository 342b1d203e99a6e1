"""Metrics that a figure of the form becomes before it is scored. Exact fractions; nothing is rounded."""

from collections.abc import Iterator
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from shared.rulebook.base import Frozen, Key
from shared.rulebook.figures import Figures, number


class NotComputable(StrEnum):
    """Why an item cannot be computed and waits for a decision by hand."""

    BASE_MISSING = "base_missing"
    BASE_ZERO = "base_zero"
    BASE_NEGATIVE = "base_negative"
    TARGET_MISSING = "target_missing"
    ACTUAL_MISSING = "actual_missing"


REASONS = {
    NotComputable.BASE_MISSING: "没有基数年份的数据",
    NotComputable.BASE_ZERO: "基数为零",
    NotComputable.BASE_NEGATIVE: "基数为负",
    NotComputable.TARGET_MISSING: "没有目标值",
    NotComputable.ACTUAL_MISSING: "没有完成值",
}


def _percent(figures: Figures, part: str, base: str) -> Fraction | NotComputable:
    """100 × part ÷ base, exact; not computable on a missing, zero or negative base."""
    if figures.get(base) is None:
        return NotComputable.BASE_MISSING
    over, under = number(figures, base).as_integer_ratio()
    if over <= 0:
        return NotComputable.BASE_NEGATIVE if over else NotComputable.BASE_ZERO
    numerator, denominator = number(figures, part).as_integer_ratio()
    return Fraction(100 * numerator * under, denominator * over)


class FactMetric(Frozen):
    """The figure itself."""

    kind: Literal["fact"]
    id: Key
    fact: Key
    unit: str = ""

    def facts(self) -> Iterator[str]:
        """The figure it is."""
        yield self.fact

    def value(self, figures: Figures) -> Fraction | NotComputable:
        """The figure as an exact fraction."""
        return Fraction(number(figures, self.fact))


class Share(Frozen):
    """100 × part ÷ base, in percent."""

    kind: Literal["share"]
    id: Key
    part: Key
    base: Key
    unit: str = "%"

    def facts(self) -> Iterator[str]:
        """Part and base."""
        yield from (self.part, self.base)

    def value(self, figures: Figures) -> Fraction | NotComputable:
        """Percent, exact; not computable on a missing, zero or negative base."""
        return _percent(figures, self.part, self.base)


class Growth(Frozen):
    """100 × (now − before) ÷ before, in percent."""

    kind: Literal["growth"]
    id: Key
    now: Key
    before: Key
    unit: str = "%"

    def facts(self) -> Iterator[str]:
        """This year's figure and last year's."""
        yield from (self.now, self.before)

    def value(self, figures: Figures) -> Fraction | NotComputable:
        """Percent, exact; not computable on a missing, zero or negative base."""
        now = _percent(figures, self.now, self.before)
        return now if isinstance(now, NotComputable) else now - 100


class YearPair(Frozen):
    """One year's part and base."""

    part: Key
    base: Key


class MeanShare(Frozen):
    """The mean over years of 100 × part ÷ base, each year with its own base."""

    kind: Literal["mean_share"]
    id: Key
    years: Annotated[tuple[YearPair, ...], Field(min_length=1)]
    unit: str = "%"

    def facts(self) -> Iterator[str]:
        """All parts, then all bases."""
        yield from (year.part for year in self.years)
        yield from (year.base for year in self.years)

    def value(self, figures: Figures) -> Fraction | NotComputable:
        """Percent, exact; the first year whose base fails decides the reason."""
        total = Fraction(0)
        for year in self.years:
            share = _percent(figures, year.part, year.base)
            if isinstance(share, NotComputable):
                return share
            total += share
        return total / len(self.years)


Metric = Annotated[FactMetric | Share | Growth | MeanShare, Field(discriminator="kind")]
