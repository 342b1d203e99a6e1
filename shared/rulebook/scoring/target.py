"""The rule of a performance form: an actual against its target."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from shared.rulebook.base import Key
from shared.rulebook.figures import Figure, as_json, number
from shared.rulebook.metrics import NotComputable
from shared.rulebook.scoring.rule import ZERO, Case, Item, Population, Rule, Scored, points_text

Outcome = Literal["met", "below_target", "both_nothing"]
_WORDS = {"met": "达到目标", "below_target": "未达目标", "both_nothing": "目标与完成均无，得一半分"}


class TargetActual(Rule, kind="target_actual"):
    """Full points when the actual reaches the target, else 0; under ``half_marks`` half when both are nothing.

    Without ``option`` there is no such reading: a side that is missing waits for a decision by hand.
    ``number``: actual ≥ target. ``presence`` (yes/no, listing): met unless the target is something, the actual nothing.
    """

    kind: Literal["target_actual"]
    target: Key
    actual: Key
    compare: Literal["number", "presence"]
    unit: str = ""
    option: Key | None = None
    half_marks_when: Key | None = None

    def fact_ids(self) -> Iterator[str]:
        """Target, then actual."""
        yield from (self.target, self.actual)

    def readings(self) -> Iterator[tuple[str, str]]:
        """The reading that gives half marks."""
        if self.option is not None and self.half_marks_when is not None:
            yield self.option, self.half_marks_when

    def faults(self, points: Decimal) -> Iterator[str]:
        """An option goes with its reading."""
        if (self.option is None) != (self.half_marks_when is None):
            yield "的 option 与 half_marks_when 须同时写或同时不写"

    def apply(self, item: Item, case: Case, population: Population) -> Scored | NotComputable:
        """Full, half or no points."""
        outcome = self._outcome(case)
        if isinstance(outcome, NotComputable):
            return outcome
        points = {"met": item.points, "below_target": ZERO, "both_nothing": item.points / 2}[outcome]
        return Scored(points, self.inputs(case), {"outcome": outcome})

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """Full, none, and half where both are nothing."""
        yield f"完成值达到目标值：{points_text(points)}；未达：0 分"
        for _, reading in self.readings():
            yield f"目标与完成均无：按读法 {reading} 得 {points_text(points / 2)}"

    def words(self, case: Case, scored: Scored) -> str:
        """Target, actual, outcome."""
        outcome = _WORDS[str(scored.applied["outcome"])]
        return f"目标 {self._said(case, self.target)}，完成 {self._said(case, self.actual)} → {outcome}"

    def _outcome(self, case: Case) -> Outcome | NotComputable:
        target, actual = case.facts.get(self.target), case.facts.get(self.actual)
        half_marks = self.option is not None and case.options.get(self.option) == self.half_marks_when
        if half_marks and _nothing(target) and _nothing(actual):
            return "both_nothing"
        if target is None:
            return NotComputable.TARGET_MISSING
        if actual is None:
            return NotComputable.ACTUAL_MISSING
        return "met" if self._met(case, target, actual) else "below_target"

    def _met(self, case: Case, target: Figure, actual: Figure) -> bool:
        if self.compare == "number":
            return number(case.facts, self.actual) >= number(case.facts, self.target)
        return _nothing(target) or not _nothing(actual)

    def _said(self, case: Case, fact: str) -> str:
        value = as_json(case.facts.get(fact))
        if value is None:
            return "/"
        if isinstance(value, bool):
            return "是" if value else "否"
        return f"{LISTING_WORDS.get(str(value), value)}{self.unit}"


LISTING_WORDS = {
    "no": "否",
    "yes": "是",
    "other_preparation": "其他筹备",
    "in_tutoring": "进入辅导期",
    "application_submitted": "递交申请书",
}


def _nothing(value: Figure) -> bool:
    return value is None or value in ("no", 0)  # False is 0, too
