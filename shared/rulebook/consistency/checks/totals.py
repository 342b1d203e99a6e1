"""Do the parts add up to each printed total, and does a total printed twice agree?"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Frozen, Key, Label
from shared.rulebook.consistency.checks.check import Check
from shared.rulebook.consistency.findings import Finding, Value, by_number, spread
from shared.rulebook.consistency.measures import Measure
from shared.rulebook.consistency.report import Report, Row, subject_of, value_of
from shared.rulebook.figures import rounded

if TYPE_CHECKING:
    from shared.rulebook.consistency.ground import Ground


class PrintedTotal(Frozen):
    """Where a total is printed and how findings call the place."""

    source: Label = "printed"
    table: Key
    column: Key


class Total(Frozen):
    """A total and its parts. ``by``: one total for each value of this column, which all its tables have.

    ``subject``: whom findings name; None: the value of ``by``. ``less`` is taken off the parts.
    """

    id: Key
    name: Label
    subject: Label | None = None
    by: Key | None = None
    printed: tuple[PrintedTotal, ...]
    parts: Measure
    less: Measure | None = None


class Totals(Check):
    """Every declared total."""

    kind: Literal["totals"]
    totals: tuple[Total, ...]

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Totals that are not the sum of their parts, or differ between two places."""
        for total in self.totals:
            for key in _keys(total, ground.report):
                values = _values(total, ground.report, key)
                if len(set(values.values())) > 1:
                    yield self._finding(ground, total, key, values)

    def _finding(self, ground: Ground, total: Total, key: str | None, values: dict[str, Value]) -> Finding:
        subject = total.subject or key or total.id
        indicator = f"{total.id}_{key}" if total.subject and key else total.id
        place = total.subject + (f"第{key}档" if key else "") if total.subject else ground.report.who(subject)
        apart = spread(values.values())
        said = "，".join(f"{_WORDS.get(source, source)}为{ground.words(value)}" for source, value in values.items())
        numbers = "" if apart is None else f"，相差{plain_decimal(apart)}"
        message = f"{place}{total.name}：{said}{numbers}。"
        return Finding(self.check, subject, indicator, values, apart, "error", message)


_WORDS = {"printed": "印定", "recomputed": "各项相加"}


def _keys(total: Total, report: Report) -> list[str | None]:
    if total.by is None:
        return [None]
    tables = {place.table for place in total.printed}
    keys = {subject_of(row, total.by) for table in tables for row in report.rows(table)}
    return [*sorted(keys, key=by_number)]


def _values(total: Total, report: Report, key: str | None) -> dict[str, Value]:
    """The printed totals, as far as they are given, and what the parts add up to."""
    values: dict[str, Value] = {}
    for place in total.printed:
        rows = _of(total, report.rows(place.table), key)
        given = [value for row in rows if (value := value_of(row, place.column)) is not None]
        if given:
            values[place.source] = given[0]
    parts = _sum(total, total.parts, report, key)
    taken = _sum(total, total.less, report, key) if total.less else Fraction(0)
    if values and parts is not None and taken is not None:
        values["recomputed"] = rounded(parts - taken, 6)
    return values


def _sum(total: Total, measure: Measure, report: Report, key: str | None) -> Fraction | None:
    assert measure.table is not None, "the loader refuses a total whose parts name no table"
    return measure.over(report, _of(total, report.rows(measure.table), key))


def _of(total: Total, rows: tuple[Row, ...], key: str | None) -> list[Row]:
    return [row for row in rows if total.by is None or subject_of(row, total.by) == key]
