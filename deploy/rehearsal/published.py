"""The 28 enterprises of the published report: names, codes, cells and printed scores, nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "data" / "little_giant.json"

Cell = str | bool | None


@dataclass(frozen=True)
class PublishedEnterprise:
    """One enterprise as printed: target, actual and score of each indicator (numbers as exact text)."""

    seq: int
    name: str
    current_name: str
    credit_code: str
    form: str
    targets: dict[str, Cell]
    actuals: dict[str, Cell]
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
        return {f"{indicator}_actual": cell for indicator, cell in self.actuals.items()}


@cache
def published_enterprises() -> tuple[PublishedEnterprise, ...]:
    """All 28, in printed order."""
    return tuple(_read(row) for row in json.loads(_FILE.read_text(encoding="utf-8"))["enterprises"])


def _read(row: dict[str, Any]) -> PublishedEnterprise:
    cells: dict[str, list[Any]] = row["indicators"]
    return PublishedEnterprise(
        seq=row["seq"],
        name=row["name"],
        current_name=row["current_name"],
        credit_code=row["credit_code"],
        form=row["form"],
        targets={indicator: target for indicator, (target, _, _) in cells.items()},
        actuals={indicator: actual for indicator, (_, actual, _) in cells.items()},
        official_items={indicator: score for indicator, (_, _, score) in cells.items()},
        official_total=Decimal(row["official_total"]),
        deduction=row["deduction"],
        recommended=row["recommended"],
        reason=row["reason"],
    )
