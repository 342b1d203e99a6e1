"""Counting, adding and averaging the rows of a table, exactly."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Literal

from shared.rulebook.base import Frozen, Key
from shared.rulebook.conditions import Condition
from shared.rulebook.consistency.report import Report, Row, subject_of


class Selection(Frozen):
    """Rows of a table that meet a condition on their columns; ``key`` is the column that names them."""

    table: Key
    key: Key
    where: Condition | None = None

    def keys(self, report: Report) -> frozenset[str]:
        """The names of the rows selected."""
        return frozenset(subject_of(row, self.key) for row in _meeting(self.where, report.rows(self.table)))


class Measure(Frozen):
    """One number over rows. ``value``: the column (several: their product); a null adds 0 and is not averaged.

    ``table`` None: the rows are given by who asks (the series that a claim names). ``outside``: rows of these subjects
    do not count.
    """

    take: Literal["count", "sum", "mean", "distinct"]
    table: Key | None = None
    value: tuple[Key, ...] = ("value",)
    where: Condition | None = None
    outside: Selection | None = None

    def of(self, report: Report, given: Sequence[Row] = ()) -> Fraction | None:
        """The number; None for the mean of nothing."""
        return self.over(report, given if self.table is None else report.rows(self.table))

    def over(self, report: Report, rows: Iterable[Row]) -> Fraction | None:
        """The number over these rows."""
        chosen = self._chosen(report, rows)
        if self.take == "count":
            return Fraction(len(chosen))
        if self.take == "distinct":
            return Fraction(len({subject_of(row, self.value[0]) for row in chosen}))
        numbers = [product for row in chosen if (product := self._product(row)) is not None]
        if self.take == "sum":
            return sum(numbers, Fraction(0))
        return sum(numbers, Fraction(0)) / len(numbers) if numbers else None

    def _chosen(self, report: Report, rows: Iterable[Row]) -> list[Row]:
        left_out = self.outside.keys(report) if self.outside else frozenset()
        return [row for row in _meeting(self.where, rows) if not left_out or row.get("subject") not in left_out]

    def _product(self, row: Row) -> Fraction | None:
        factors = [row.get(column) for column in self.value]
        numbers = [Fraction(factor) for factor in factors if isinstance(factor, Decimal)]
        return prod(numbers, start=Fraction(1)) if len(numbers) == len(factors) else None


def _meeting(where: Condition | None, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if where is None or where.holds(row) is True]


def added(report: Report, measures: Iterable[Measure], given: Sequence[Row] = ()) -> Fraction | None:
    """The sum of several measures; None when one has no value."""
    numbers = [measure.of(report, given) for measure in measures]
    known = [number for number in numbers if number is not None]
    return sum(known, Fraction(0)) if len(known) == len(numbers) else None
