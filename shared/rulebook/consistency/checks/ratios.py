"""Do percentages follow from their amounts, in the right unit, and reach what the entry asks?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Exact, Frozen, Key, Label
from shared.rulebook.consistency.checks.check import Check
from shared.rulebook.consistency.declared import Ratio
from shared.rulebook.consistency.findings import Finding, Severity, spread
from shared.rulebook.consistency.numbers import about_hundredfold, gives, places
from shared.rulebook.figures import rounded

if TYPE_CHECKING:
    from shared.rulebook.consistency.ground import Ground

_SHOWN_PLACES = 2


def _said(values: Mapping[str, Decimal], but: str = "") -> str:
    return "，".join(f"{source}为{value:f}" for source, value in values.items() if source != but)


def _shown(exact: Fraction, values: Mapping[str, Decimal]) -> Decimal:
    """A recomputed number with as many decimals as the finest printed one, at least two."""
    return rounded(exact, max(_SHOWN_PLACES, *map(places, values.values())) if values else _SHOWN_PLACES)


class DerivedRatios(Check):
    """Every printed ratio against its two amounts, wherever both are given."""

    kind: Literal["derived_ratio"]
    target: Key

    def uses_series(self) -> set[str]:
        """The series it names."""
        return {self.target}

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Each declared ratio of each subject that prints it."""
        for ratio in ground.ratios:
            for subject in ground.subjects(*ratio.printed):
                exact = ratio.of(ground.report, subject)
                printed = ground.printed(subject, ratio.indicator, ratio.printed)
                if exact is not None and not all(gives(exact, value) for value in printed.values()):
                    yield self._finding(ground, ratio, subject, exact, printed)

    def _finding(
        self, ground: Ground, ratio: Ratio, subject: str, exact: Fraction, printed: Mapping[str, Decimal]
    ) -> Finding:
        values = {**printed, ratio.source: _shown(exact, printed)}
        apart = spread(values.values())
        severity, score = self._weigh(ground, ratio, subject, exact, printed)
        message = (
            f"{ground.report.who(subject)}{ground.label(ratio.indicator)}：{_said(printed)}，"
            f"按{_amounts(ground, ratio, subject)}计算为{values[ratio.source]:f}，"
            f"相差{plain_decimal(apart or Decimal(0))}，{score}。"
        )
        return Finding(self.check, subject, ratio.indicator, values, apart, severity, message)

    def _weigh(
        self, ground: Ground, ratio: Ratio, subject: str, exact: Fraction, printed: Mapping[str, Decimal]
    ) -> tuple[Severity, str]:
        target = ground.report.cells(self.target).get(subject, {}).get(ratio.indicator)
        fine = rounded(exact, 6)
        apart = [value for value in printed.values() if not gives(exact, value)]
        scores = {ground.points(ratio.indicator, target, value) for value in (fine, *apart)}
        return ("warning", "按规则得分不变") if len(scores) == 1 else ("error", "按规则得分不同")


def _amounts(ground: Ground, ratio: Ratio, subject: str) -> str:
    """The two amounts and where they stand."""
    part, whole = ratio.part.of(ground.report, subject), ratio.whole.of(ground.report, subject)
    assert part is not None, "a ratio is only computed from amounts that are given"
    assert whole is not None, "a ratio is only computed from amounts that are given"
    where = ground.source(ratio.part.series)
    return f"{where}的{part:f}÷{whole:f}" if ratio.how == "share" else f"{where}由{whole:f}增至{part:f}"


class UnitSlips(Check):
    """Two values of one percentage about a hundred times apart: one is a ratio, the other a percentage."""

    kind: Literal["unit_slip"]
    series: tuple[Key, ...]
    indicators: tuple[Key, ...]

    def uses_series(self) -> set[str]:
        """The series it names."""
        return set(self.series)

    def find(self, ground: Ground) -> Iterator[Finding]:
        """The first such pair of each subject and indicator."""
        for subject in ground.subjects(*self.series):
            for indicator in self.indicators:
                values = self._values(ground, subject, indicator)
                for left, right in combinations(values, 2):
                    if about_hundredfold(values[left], values[right]):
                        yield self._finding(ground, subject, indicator, {key: values[key] for key in (left, right)})
                        break

    def _values(self, ground: Ground, subject: str, indicator: str) -> dict[str, Decimal]:
        values = ground.printed(subject, indicator, self.series)
        for ratio in ground.ratios:
            exact = ratio.of(ground.report, subject) if ratio.indicator == indicator else None
            if exact is not None:
                values[ratio.source] = _shown(exact, values)
        return values

    def _finding(self, ground: Ground, subject: str, indicator: str, pair: Mapping[str, Decimal]) -> Finding:
        apart = spread(pair.values())
        message = (
            f"{ground.report.who(subject)}{ground.label(indicator)}：{_said(pair)}，约为100倍，"
            "疑一处按比值、一处按百分数填写。"
        )
        return Finding(self.check, subject, indicator, pair, apart, "warning", message)


class Threshold(Frozen):
    """A floor that the table prints beside the indicator."""

    indicator: Key
    at_least: Exact
    printed: Label


class Thresholds(Check):
    """Actual values below a floor printed on the form: a doubt about the entry, not about the score."""

    kind: Literal["entry_threshold"]
    series: tuple[Key, ...]
    thresholds: tuple[Threshold, ...]

    def uses_series(self) -> set[str]:
        """The series it names."""
        return set(self.series)

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Each subject whose figure, wherever given, is below."""
        for subject in ground.subjects(*self.series):
            for threshold in self.thresholds:
                printed = ground.printed(subject, threshold.indicator, self.series)
                below = {source: value for source, value in printed.items() if value < threshold.at_least}
                if below:
                    yield self._finding(ground, subject, threshold, below)

    def _finding(self, ground: Ground, subject: str, threshold: Threshold, below: Mapping[str, Decimal]) -> Finding:
        values = {**below, "threshold": threshold.at_least}
        message = (
            f"{ground.report.who(subject)}{ground.label(threshold.indicator)}：{_said(below)}，"
            f"低于表上注明的“{threshold.printed}”。"
        )
        return Finding(self.check, subject, threshold.indicator, values, spread(values.values()), "warning", message)
