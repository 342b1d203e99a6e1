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


def _base(figures: Figures, fact: str) -> Fraction | NotComputable:
    if figures.get(fact) is None:
        return NotComputable.BASE_MISSING
    base = Fraction(number(figures, fact))
    if base == 0:
        return NotComputable.BASE_ZERO
    return NotComputable.BASE_NEGATIVE if base < 0 else base


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
        base = _base(figures, self.base)
        if isinstance(base, NotComputable):
            return base
        return 100 * Fraction(number(figures, self.part)) / base


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
        before = _base(figures, self.before)
        if isinstance(before, NotComputable):
            return before
        return 100 * (Fraction(number(figures, self.now)) - before) / before


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
            base = _base(figures, year.base)
            if isinstance(base, NotComputable):
                return base
            total += Fraction(number(figures, year.part)) / base
        return 100 * total / len(self.years)


Metric = Annotated[FactMetric | Share | Growth | MeanShare, Field(discriminator="kind")]
