"""The published report: the 28 enterprises, the service system and the platforms; names, cells and printed results.

``data/little_giant`` holds the tables of the report as published; ``fangbang crosscheck`` reads the same files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from shared.kernel.canonical import plain_decimal
from shared.rulebook.consistency.report import read_document

REPORT = Path(__file__).parent / "data" / "little_giant"

Cell = str | bool | None
_LEVELS = {"省级": "provincial", "国家级": "national"}
_PLATFORM_OUTCOMES = ("approved", "rectification_required", "refund_required")
_AMOUNTS = ("total_revenue", "total_profit", "rd_expenditure", "profit_growth")


@dataclass(frozen=True)
class PublishedForm:
    """A form as printed: target, actual and score of each indicator (numbers as exact text)."""

    seq: int
    name: str
    current_name: str
    form: str
    targets: dict[str, Cell]
    actuals: dict[str, Cell]
    official_items: dict[str, str]
    official_total: Decimal
    deduction: str | None

    @property
    def target_figures(self) -> dict[str, Cell]:
        """The targets as facts of the form, which the office records."""
        return {f"{indicator}_target": cell for indicator, cell in self.targets.items()}

    @property
    def actual_figures(self) -> dict[str, Cell]:
        """The actuals as facts of the form."""
        return {f"{indicator}_actual": cell for indicator, cell in self.actuals.items()}

    @property
    def figures(self) -> dict[str, Cell]:
        """All facts of the form."""
        return {**self.target_figures, **self.actual_figures}


@dataclass(frozen=True)
class PublishedEnterprise(PublishedForm):
    """One of the 28. ``amounts``: those of 附5 and 附6 that the form also asks for, where there is a number."""

    credit_code: str
    amounts: dict[str, Cell]
    recommended: bool
    reason: str | None

    @property
    def login(self) -> str:
        """The account of this enterprise in the rehearsal."""
        return f"giant{self.seq:02d}"

    @property
    def actual_figures(self) -> dict[str, Cell]:
        """The actuals and amounts as facts of the form, which the enterprise files."""
        return {**super().actual_figures, **self.amounts}

    @property
    def outcome(self) -> str:
        """What was printed about recommending it, by the rulebook's id."""
        return "recommended" if self.recommended else "not_recommended"


@dataclass(frozen=True)
class PublishedPlatform:
    """A point-to-point platform: what 附7 prints of its money and service, and its printed outcome."""

    name: str
    figures: dict[str, Cell]
    outcome: str
    reason: str | None = None
    """附4 prints none."""


@cache
def published_enterprises() -> tuple[PublishedEnterprise, ...]:
    """All 28, in printed order."""
    forms = {form["seq"]: form for form in _table("performance_forms.json")["forms"]}
    developed = {row["seq"]: row["values"] for row in _table("development_summary.json")["rows"]}
    funds = {row["seq"]: row["purposes"] for row in _table("fund_use.json")["enterprises"]}
    listed = _table("enterprises.json")["enterprises"]
    return tuple(_read(row, forms[row["seq"]], developed[row["seq"]], funds[row["seq"]]) for row in listed)


@cache
def published_system() -> PublishedForm:
    """附1: the service system, 27 rows; its deduction is printed blank."""
    printed = _table("service_system.json")
    rows = {_system_indicator(row): row for row in printed["rows"]}
    return PublishedForm(
        seq=1,
        name=printed["attachment_title"].removesuffix("绩效评价指标表"),
        current_name=printed["attachment_title"].removesuffix("绩效评价指标表"),
        form=printed["attachment"],
        targets={indicator: _cell(row["target"]) for indicator, row in rows.items()},
        actuals={indicator: _cell(row["actual"]) for indicator, row in rows.items()},
        official_items={indicator: plain_decimal(row["official_score"]) for indicator, row in rows.items()},
        official_total=printed["printed_total"],
        deduction=printed["deduction"]["deduction"],
    )


def _system_indicator(row: dict[str, Any]) -> str:
    level = _LEVELS.get(row["audience"])
    return f"{row['indicator_id']}_{level}" if level else str(row["indicator_id"])


@cache
def published_platforms() -> tuple[PublishedPlatform, ...]:
    """The platforms of 附4, in printed order."""
    printed = _table("platforms.json")
    services = printed["attachment7"]["rows"]
    return tuple(_platform(one, services) for one in printed["point_to_point_platforms"])


def _platform(printed: dict[str, Any], services: list[dict[str, Any]]) -> PublishedPlatform:
    own = [row for row in services if row["platform_seq"] == printed["seq"]]
    figures: dict[str, Cell] = {
        "satisfaction": _cell(printed["satisfaction_percent"]),
        "enterprises_signed": str(len(printed["enterprises_served"])),
    }
    for purpose in dict.fromkeys(row["purpose_id"] for row in own):
        rows = [row for row in own if row["purpose_id"] == purpose]
        figures[f"{purpose}_amount"] = _added(row["amount"] for row in rows)
        figures[f"{purpose}_served"] = _added(row["enterprises_served"] for row in rows)
    [outcome] = [name for name in _PLATFORM_OUTCOMES if printed["evaluation"][name]]
    return PublishedPlatform(printed["current_name"], figures, outcome)


def _added(cells: Iterable[Decimal | None]) -> Cell:
    """The sum of what is printed in several rows of one purpose; None where nothing is."""
    numbers = [cell for cell in cells if cell is not None]
    return plain_decimal(sum(numbers, Decimal(0))) if numbers else None


def _table(name: str) -> Any:
    return read_document(name, (REPORT / name).read_bytes())


def _read(
    row: dict[str, Any], form: dict[str, Any], developed: dict[str, Any], funds: list[dict[str, Any]]
) -> PublishedEnterprise:
    cells: dict[str, dict[str, Any]] = {cell["indicator_id"]: cell for cell in form["cells"]}
    return PublishedEnterprise(
        seq=int(row["seq"]),
        name=row["name"],
        current_name=row["current_name"],
        credit_code=row["uscc"],
        form=form["form_label"],
        targets={indicator: _cell(cell["target"]) for indicator, cell in cells.items()},
        actuals={indicator: _cell(cell["actual"]) for indicator, cell in cells.items()},
        amounts={name: cell for name, cell in _amounts(developed, funds) if cell is not None},
        official_items={indicator: plain_decimal(cell["official_score"]) for indicator, cell in cells.items()},
        official_total=row["official_total"],
        deduction=None if form["deduction"] is None else plain_decimal(form["deduction"]),
        recommended=row["recommended"],
        reason=row["not_recommended_reason"],
    )


def _amounts(developed: dict[str, Any], funds: list[dict[str, Any]]) -> Iterator[tuple[str, Cell]]:
    yield from ((name, _cell(developed[name]["value"])) for name in _AMOUNTS)
    yield from ((f"fund_{purpose['purpose_id']}", _cell(purpose["amount"])) for purpose in funds)


def _cell(value: Decimal | str | bool | None) -> Cell:
    return plain_decimal(value) if isinstance(value, Decimal) else value
