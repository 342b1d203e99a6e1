"""How the totals of a case's sheets become its score: the exact mean, or one without the highest and lowest."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from shared.rulebook.base import Count, Frozen

Amount = TypeVar("Amount", int, Decimal, Fraction)


class TrimmedMean(Frozen):
    """去掉若干最高分和最低分后的平均值. With fewer than ``min_sheets`` sheets none is left out."""

    highest: Count
    lowest: Count
    min_sheets: Annotated[Count, Field(ge=1)]

    def keeps(self, totals: Sequence[tuple[Amount, int]]) -> list[tuple[Amount, int]]:
        """What is counted of totals that stand so many times each; equal totals need not be told apart."""
        if sum(times for _, times in totals) < self.min_sheets:
            return list(totals)
        rising = _without(sorted(totals), self.lowest)
        return _without(rising[::-1], self.highest)[::-1]

    def leaves_out(self, totals: Sequence[Decimal]) -> dict[int, Literal["highest", "lowest"]]:
        """Which sheets are left out, by their place in the argument; of equal totals the first."""
        if len(totals) < self.min_sheets:
            return {}
        rising = sorted(range(len(totals)), key=lambda place: (totals[place], place))
        falling = sorted(rising[self.lowest :], key=lambda place: (-totals[place], place))
        lowest, highest = rising[: self.lowest], falling[: self.highest]
        return {**dict.fromkeys(lowest, "lowest"), **dict.fromkeys(highest, "highest")}

    def words(self) -> str:
        """As people read it."""
        named = ((self.highest, "最高分"), (self.lowest, "最低分"))
        left_out = "、".join(f"{count}个{what}" for count, what in named if count)
        return f"满{self.min_sheets}份计分表的，去掉{left_out}后取平均值"


def _without(totals: Sequence[tuple[Amount, int]], count: int) -> list[tuple[Amount, int]]:
    """Without the first ``count`` of totals that stand so many times each."""
    kept = []
    for total, times in totals:
        gone = min(times, count)
        count -= gone
        if times > gone:
            kept.append((total, times - gone))
    return kept


def mean(totals: Sequence[Decimal], trimmed: TrimmedMean | None = None) -> Fraction:
    """The exact mean of valid sheets (at least one), as the rulebook takes it; rounded only for showing."""
    counted = [(Fraction(total), 1) for total in totals]
    kept = counted if trimmed is None else trimmed.keeps(counted)
    return sum((total * times for total, times in kept), Fraction(0)) / sum(times for _, times in kept)
