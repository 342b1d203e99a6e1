"""The 28 enterprises of the published report: names, codes, cells and printed scores, nothing else.

``data/little_giant`` holds the tables of the report as published; ``fangbang crosscheck`` reads the same files.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from shared.kernel.canonical import plain_decimal
from shared.rulebook.consistency.report import read_document

REPORT = Path(__file__).parent / "data" / "little_giant"

Cell = str | bool | None
_AMOUNTS = ("total_revenue", "total_profit", "rd_expenditure", "profit_growth")


@dataclass(frozen=True)
class PublishedEnterprise:
    """One enterprise as printed: target, actual and score of each indicator (numbers as exact text).

    ``development`` holds the amounts of 附5 that the form also asks for; a cell without a number is left out.
    """

    seq: int
    name: str
    current_name: str
    credit_code: str
    form: str
    targets: dict[str, Cell]
    actuals: dict[str, Cell]
    development: dict[str, Cell]
    official_items: dict[str, str]
    official_total: Decimal
    deduction: str | None
    recommended: bool
    reason: str | None

    @property
    def login(self) -> str:
        """The account of this enterprise in the rehearsal."""
        return f"giant{self.seq:02d}"

    @property
    def target_figures(self) -> dict[str, Cell]:
        """The targets as facts of the form, which the office records."""
        return {f"{indicator}_target": cell for indicator, cell in self.targets.items()}

    @property
    def actual_figures(self) -> dict[str, Cell]:
        """The actuals as facts of the form, which the enterprise files."""
        return {**{f"{indicator}_actual": cell for indicator, cell in self.actuals.items()}, **self.development}


@cache
def published_enterprises() -> tuple[PublishedEnterprise, ...]:
    """All 28, in printed order."""
    forms = {form["seq"]: form for form in _table("performance_forms.json")["forms"]}
    developed = {row["seq"]: row["values"] for row in _table("development_summary.json")["rows"]}
    listed = _table("enterprises.json")["enterprises"]
    return tuple(_read(row, forms[row["seq"]], developed[row["seq"]]) for row in listed)


def _table(name: str) -> Any:
    return read_document(name, (REPORT / name).read_bytes())


def _read(row: dict[str, Any], form: dict[str, Any], developed: dict[str, Any]) -> PublishedEnterprise:
    cells: dict[str, dict[str, Any]] = {cell["indicator_id"]: cell for cell in form["cells"]}
    return PublishedEnterprise(
        seq=int(row["seq"]),
        name=row["name"],
        current_name=row["current_name"],
        credit_code=row["uscc"],
        form=form["form_label"],
        targets={indicator: _cell(cell["target"]) for indicator, cell in cells.items()},
        actuals={indicator: _cell(cell["actual"]) for indicator, cell in cells.items()},
        development={name: cell for name in _AMOUNTS if (cell := _cell(developed[name]["value"])) is not None},
        official_items={indicator: plain_decimal(cell["official_score"]) for indicator, cell in cells.items()},
        official_total=row["official_total"],
        deduction=None if form["deduction"] is None else plain_decimal(form["deduction"]),
        recommended=row["recommended"],
        reason=row["not_recommended_reason"],
    )


def _cell(value: Decimal | str | bool | None) -> Cell:
    return plain_decimal(value) if isinstance(value, Decimal) else value
