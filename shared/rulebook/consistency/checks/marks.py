"""Marks without amounts, amounts without marks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from shared.rulebook.base import Key, Label
from shared.rulebook.consistency.checks.check import Check
from shared.rulebook.consistency.findings import Finding, Severity, Value
from shared.rulebook.consistency.report import Row, subject_of, value_of

if TYPE_CHECKING:
    from shared.rulebook.consistency.ground import Ground


class Marks(Check):
    """A ticked purpose has an amount and an amount a tick. A mark that cannot be read is only mentioned."""

    kind: Literal["marks"]
    table: Key
    source: Label
    key: Key
    purpose: Key
    mark: Key
    amount: Key
    unmarked: Key
    names_table: Key

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Each purpose where the two do not go together."""
        names = {value_of(row, "id"): value_of(row, "name") for row in ground.report.rows(self.names_table)}
        for row in ground.report.rows(self.table):
            mark, amount = value_of(row, self.mark), value_of(row, self.amount)
            spent = isinstance(amount, Decimal) and amount != 0
            if mark is not spent:
                yield self._finding(ground, row, spent, names.get(value_of(row, self.purpose)))

    def _finding(self, ground: Ground, row: Row, spent: bool, name: Value) -> Finding:
        subject, mark = subject_of(row, self.key), value_of(row, self.mark)
        severity: Severity = "info" if mark is None else "warning"
        purpose = subject_of(row, self.purpose)
        values = {f"{self.source}勾选": mark, f"{self.source}金额": value_of(row, self.amount)}
        said = "勾选看不清" if mark is None else "已勾选" if mark else "未勾选"
        message = (
            f"{ground.report.who(subject)}{self.source}“{name or purpose}”：{said}，"
            f"金额为{ground.words(value_of(row, self.amount))}，请核对。"
        )
        return Finding(self.unmarked if spent else self.check, subject, purpose, values, None, severity, message)
