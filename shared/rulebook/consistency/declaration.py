"""The part of a rulebook that declares its consistency checks."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from shared.rulebook.base import Frozen, Key
from shared.rulebook.consistency.checks import AnyCheck, CreditCodes
from shared.rulebook.consistency.declared import Ratio, Scoring, Series, Table


class Consistency(Frozen):
    """Tables and series of the report, ratios between them, and the checks, in the order in which findings stand.

    ``category``: whose scorecard judges. ``for_case``: the checks (by name) that also run on one filed form.
    """

    category: Key
    tables: Annotated[tuple[Table, ...], Field(min_length=1)]
    series: tuple[Series, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    scoring: Scoring | None = None
    checks: Annotated[tuple[AnyCheck, ...], Field(min_length=1)]
    for_case: tuple[Key, ...] = ()

    def code_checks(self) -> tuple[CreditCodes, ...]:
        """The checks of credit codes."""
        return tuple(check for check in self.checks if isinstance(check, CreditCodes))

    def faults(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """References to tables, series and checks that are not declared: path and Chinese sentence."""
        tables, series = {table.id for table in self.tables}, {one.id for one in self.series}
        for place, one in enumerate(self.series):
            if one.table not in tables:
                yield ("series", place), f"没有声明表“{one.table}”。"
        for place, ratio in enumerate(self.ratios):
            for name in sorted({ratio.part.series, ratio.whole.series, *ratio.printed} - series):
                yield ("ratios", place), f"没有声明数列“{name}”。"
        for place, check in enumerate(self.checks):
            for name in sorted(check.uses_tables() - tables):
                yield ("checks", place), f"没有声明表“{name}”。"
            for name in sorted(check.uses_series() - series):
                yield ("checks", place), f"没有声明数列“{name}”。"
        for name in sorted(set(self.for_case) - {check.check for check in self.checks}):
            yield ("for_case",), f"没有名为“{name}”的检查。"
