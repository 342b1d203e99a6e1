"""Does an indicator have the same value in two tables?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Key
from shared.rulebook.consistency.checks.check import Check
from shared.rulebook.consistency.findings import Finding, Severity, Value, spread
from shared.rulebook.consistency.numbers import same_but_rounded

if TYPE_CHECKING:
    from shared.rulebook.consistency.ground import Ground, Outcome


class TwoTables(Check):
    """The indicators that stand in both series, compared; of ``presence`` only whether there is something or nothing.

    A difference of substance is an error where the rule would give another score with the other value.
    """

    kind: Literal["two_tables"]
    left: Key
    right: Key
    target: Key
    indicators: tuple[Key, ...]
    presence: tuple[Key, ...] = ()

    def uses_series(self) -> set[str]:
        """The series it names."""
        return {self.left, self.right, self.target}

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Each subject of both tables, each indicator."""
        left, right = ground.report.cells(self.left), ground.report.cells(self.right)
        for subject in left:
            for indicator in self.indicators if subject in right else ():
                pair = left[subject].get(indicator), right[subject].get(indicator)
                if not self._same(indicator, *pair):
                    yield self._finding(ground, subject, indicator, *pair)

    def _same(self, indicator: str, left: Value, right: Value) -> bool:
        if indicator in self.presence and left is not None and right is not None:
            return _nothing(left) == _nothing(right)
        return type(left) is type(right) and left == right

    def _finding(self, ground: Ground, subject: str, indicator: str, left: Value, right: Value) -> Finding:
        sources = ground.source(self.left), ground.source(self.right)
        severity, why = self._weigh(ground, subject, indicator, left, right)
        apart = spread((left, right))
        said = "，".join(
            f"{source}为{self._words(ground, indicator, value)}"
            for source, value in zip(sources, (left, right), strict=True)
        )
        numbers = "" if apart is None else f"，相差{plain_decimal(apart)}"
        message = f"{ground.report.who(subject)}{ground.label(indicator)}：{said}{numbers}，{why}。"
        values = dict(zip(sources, (left, right), strict=True))
        return Finding(self.check, subject, indicator, values, apart, severity, message)

    def _words(self, ground: Ground, indicator: str, value: Value) -> str:
        short = _PRESENCE.get(value) if indicator in self.presence and isinstance(value, str) else None
        return short or ground.words(value, indicator)

    def _weigh(self, ground: Ground, subject: str, indicator: str, left: Value, right: Value) -> tuple[Severity, str]:
        if None in (left, right) and _nothing(left) and _nothing(right):
            return "info", "写法不同，数值不变"
        if isinstance(left, Decimal) and isinstance(right, Decimal) and same_but_rounded(left, right):
            return "info", "系四舍五入或截位"
        target = ground.report.cells(self.target).get(subject, {}).get(indicator)
        scores = [ground.points(indicator, target, value) for value in (left, right)]
        if scores[0] == scores[1]:
            return "warning", "按规则得分不变"
        return (
            "error",
            f"按{ground.source(self.left)}{_score(scores[0])}，按{ground.source(self.right)}{_score(scores[1])}",
        )


_PRESENCE = {"yes": "“有”", "no": "“无”"}


def _score(outcome: Outcome) -> str:
    return f"得{plain_decimal(outcome)}分" if isinstance(outcome, Decimal) else "不能计分"


def _nothing(value: Value) -> bool:
    return value in (None, False, "no") or (isinstance(value, Decimal) and value == 0)
