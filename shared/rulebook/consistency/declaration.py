"""The part of a rulebook that declares its consistency checks."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from shared.rulebook.base import Frozen, Key
from shared.rulebook.consistency.checks import AnyCheck, CreditCodes
from shared.rulebook.consistency.declared import Ratio, Scoring, Series, Table

Path = tuple[str | int, ...]
Fault = tuple[Path, str]


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

    def faults(self) -> Iterator[Fault]:
        """What is declared twice, and what is referred to but not declared: path and Chinese sentence."""
        for what, parts in (("表", self.tables), ("数列", self.series), ("检查", self.checks)):
            repeated = [name for name, count in Counter(part.id for part in parts).items() if count > 1]
            yield from (((), f"{what}“{name}”重复声明。") for name in repeated)
        for path, tables, series in self._references():
            yield from ((path, f"没有声明表“{name}”。") for name in sorted(tables - {one.id for one in self.tables}))
            yield from ((path, f"没有声明数列“{name}”。") for name in sorted(series - {one.id for one in self.series}))
        for name in sorted(set(self.for_case) - {check.check for check in self.checks}):
            yield ("for_case",), f"没有名为“{name}”的检查。"

    def _references(self) -> Iterator[tuple[Path, set[str], set[str]]]:
        """Where tables and series are referred to: the place, the tables, the series."""
        for place, one in enumerate(self.series):
            yield ("series", place), {one.table}, set()
        for place, ratio in enumerate(self.ratios):
            yield ("ratios", place), set(), {ratio.part.series, ratio.whole.series, *ratio.printed}
        for place, check in enumerate(self.checks):
            yield ("checks", place), check.uses_tables(), check.uses_series()
        if self.scoring is not None:
            yield ("scoring",), {self.scoring.table}, set(self.scoring.facts)
