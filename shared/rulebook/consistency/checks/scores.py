"""Is each official score what the rule gives?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Key, Label
from shared.rulebook.consistency.checks.check import Check
from shared.rulebook.consistency.findings import Finding, Value, spread
from shared.rulebook.consistency.report import Row, subject_of, value_of

if TYPE_CHECKING:
    from shared.rulebook.consistency.ground import Ground


class OfficialScores(Check):
    """Official scores of the scorecard's items against the rule, its options as set in the rulebook."""

    kind: Literal["official_scores"]
    target: Key
    actual: Key
    official: Key

    def uses_series(self) -> set[str]:
        """The series it names."""
        return {self.target, self.actual, self.official}

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Each official score that the rule would not give; one that no rule can give is doubtful."""
        report = ground.report
        for subject, scores in report.cells(self.official).items():
            for indicator, official in scores.items():
                target = report.cells(self.target).get(subject, {}).get(indicator)
                actual = report.cells(self.actual).get(subject, {}).get(indicator)
                given = ground.points(indicator, target, actual)
                rule = given if isinstance(given, Decimal) else None
                if isinstance(official, Decimal) and rule != official:
                    figures = f"目标{ground.words(target, indicator)}，完成{ground.words(actual, indicator)}"
                    place = f"{report.who(subject)}{ground.label(indicator)}"
                    yield _finding(self.check, subject, indicator, official, rule, f"{place}（{figures}）")


class FullOrZero(Check):
    """Rows that score full points when the actual reaches the target, else nothing."""

    kind: Literal["full_or_zero"]
    table: Key
    subject: Label
    key: Key
    name_column: Key
    points: Key
    target: Key
    actual: Key
    official: Key

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Each row whose official score is another."""
        for row in ground.report.rows(self.table):
            official, rule = value_of(row, self.official), self._rule(row)
            if isinstance(official, Decimal) and rule != official:
                target, actual = ground.words(value_of(row, self.target)), ground.words(value_of(row, self.actual))
                line = subject_of(row, self.key)
                place = f"{self.subject}第{line}行“{value_of(row, self.name_column)}”（目标{target}，完成{actual}）"
                yield _finding(self.check, self.subject, line, official, rule, place)

    def _rule(self, row: Row) -> Decimal | None:
        points, target, actual = value_of(row, self.points), value_of(row, self.target), value_of(row, self.actual)
        if not (isinstance(points, Decimal) and isinstance(target, Decimal) and isinstance(actual, Decimal)):
            return None
        return points if actual >= target else Decimal(0)


def _finding(check: str, subject: str, indicator: str, official: Decimal, rule: Decimal | None, place: str) -> Finding:
    values: dict[str, Value] = {"official": official, "rule": rule}
    apart = spread(values.values())
    if rule is None or apart is None:
        message = f"{place}：印定{plain_decimal(official)}分，缺数或填写不符，按规则不能计分。"
        return Finding(check, subject, indicator, values, None, "warning", message)
    message = (
        f"{place}：印定{plain_decimal(official)}分，按规则应得{plain_decimal(rule)}分，相差{plain_decimal(apart)}。"
    )
    return Finding(check, subject, indicator, values, apart, "error", message)
