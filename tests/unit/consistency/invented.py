"""An invented report whose tables agree in everything, and what the checks find in it after a change."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.infra.rulebooks import load_shipped
from shared.kernel.canonical import plain_decimal
from shared.kernel.credit_code import make_credit_code
from shared.rulebook import Finding, crosscheck, read_report

BOOK = load_shipped()["little-giant-performance"]
CARD = BOOK.category("little_giant").scorecard
assert CARD is not None
assert BOOK.consistency is not None
DECLARED = BOOK.consistency
POINTS = {item.id: item.points for group in CARD.groups[:4] for item in group.items}
PERCENTAGES = ("main_revenue_share", "export_share", "rd_intensity", "main_revenue_growth")
ANSWERS = ("product_standard_met", "digital_cloud_migration")
PURPOSES = ("innovation_investment", "chain_collaboration")

Documents = dict[str, Any]


def figures_of(seq: int) -> dict[str, Any]:
    """The actual figures of an invented enterprise: its R&D share is 5 % of a revenue of 10000 + seq · 1000."""
    return {
        "main_revenue_share": "90.50",
        "export_share": "12",
        "overseas_certifications": "3",
        "rd_intensity": "5.00",
        "invention_patents": str(20 + seq),
        "rd_institutions": "2",
        "standards": "4",
        "commercialised_projects": "7",
        "management_certifications": "3",
        "product_standard_met": True,
        "digital_cloud_migration": True,
        "listing_plan": "in_tutoring",
        "main_revenue_growth": "25.0",
    }


def invented(count: int = 3) -> Documents:
    """The report of so many enterprises, every target reached, every total right."""
    numbers = range(1, count + 1)
    return {
        "enterprises.json": {"enterprises": [_listed(seq) for seq in numbers]},
        "performance_forms.json": {"forms": [_form(seq) for seq in numbers]},
        "development_summary.json": {"rows": [_developed(seq) for seq in numbers]},
        "fund_use.json": {
            "purposes": [{"id": purpose, "name": f"用途{purpose}"} for purpose in PURPOSES],
            "enterprises": [_spent(seq) for seq in numbers],
            "printed_grand_total": 200 * count,
        },
        "platforms.json": _platforms(count),
        "service_system.json": {
            "rows": [
                {"seq": 1, "name": "演练指标甲", "points": 10, "target": 5, "actual": 6, "official_score": 10},
                {"seq": 2, "name": "演练指标乙", "points": 4, "target": 9, "actual": 8, "official_score": 0},
            ],
            "deduction": {"deduction": None},
            "printed_total": 10,
        },
        "report_claims.json": {"claims": _claims(count)},
    }


def _listed(seq: int) -> dict[str, Any]:
    name = f"演练企业{seq}"
    code = make_credit_code(f"91370200MA9{seq:06d}")
    return {
        "seq": seq,
        "name": name,
        "current_name": name,
        "former_name": None,
        "uscc": code,
        "not_recommended_reason": None,
        "official_total": 100,
    }


def _form(seq: int) -> dict[str, Any]:
    cells = [
        {
            "indicator_id": indicator,
            "target": _number(value),
            "target_raw": str(value),
            "actual": _number(value),
            "actual_raw": str(value),
            "official_score": float(POINTS[indicator]),
        }
        for indicator, value in figures_of(seq).items()
    ]
    return {"seq": seq, "name_on_form": f"演练企业{seq}", "cells": cells, "deduction": None, "official_total": 100}


def _developed(seq: int) -> dict[str, Any]:
    revenue = 10000 + 1000 * seq
    figures = {**figures_of(seq), "listing_plan": "yes", "total_revenue": str(revenue)}
    figures["rd_expenditure"] = str(revenue // 20)
    values = {indicator: {"raw": str(value), "value": _number(value)} for indicator, value in figures.items()}
    return {"seq": seq, "name_raw": f"演练企业{seq}", "values": values}


def _spent(seq: int) -> dict[str, Any]:
    rise = {"label": "销售业绩", "from": 8000, "value": 10000, "unit": "万元"}
    ticked = {"checked": True, "amount": 200, "outcome_figures": [rise]}
    empty: dict[str, Any] = {"checked": False, "amount": None, "outcome_figures": []}
    purposes = [{"purpose_id": PURPOSES[0], **ticked}, {"purpose_id": PURPOSES[1], **empty}]
    return {"seq": seq, "name_raw": f"演练企业{seq}", "purposes": purposes}


def _platforms(count: int) -> dict[str, Any]:
    served = [{"row": seq, "enterprise_seq": seq, "name_raw": f"演练企业{seq}"} for seq in range(1, count + 1)]
    rows = [
        {
            "platform_seq": 1,
            "purpose_raw": "技术创新服务",
            "amount": 30,
            "enterprises_served": 12,
            "outcome_figures": [{"label": "对接项目", "value": 9, "unit": "项"}],
        },
        {
            "platform_seq": 1,
            "purpose_raw": "上市辅导服务",
            "amount": None,
            "enterprises_served": 3,
            "outcome_figures": [],
        },
    ]
    return {
        "point_to_point_platforms": [
            {
                "seq": 1,
                "evaluation": {"result": "审核通过", "approved": True},
                "satisfaction_percent": 100,
                "enterprises_served_table": "表1",
                "enterprises_served": served,
            }
        ],
        "attachment7": {"rows": rows, "printed_total_amount": 30, "printed_total_served": 15},
        "public_service_platforms": {
            "tiers": [{"tier": 1, "platform_count": 2, "amount_each": 180, "printed_tier_total": 360}],
            "platforms": [{"seq": 1, "tier": 1, "amount": 180}, {"seq": 2, "tier": 1, "amount": 180}],
            "printed_total": 360,
        },
    }


def _claims(count: int) -> list[dict[str, Any]]:
    both: dict[str, Any] = {"recompute_from": ["附2 actual", "附5"]}
    projects = {"platform_seq": 1, "purpose_raw": "技术创新服务", "fields": ["对接项目"]}
    served = {"platform_seq": 1, "purpose_raw": "上市辅导服务", "fields": ["enterprises_served"]}
    return [
        _claim("enterprise_count", f"{count}家", count, recompute_from=["附3"]),
        _claim("commercialised_total", f"{7 * count}个", 7 * count, **both, columns=["commercialised_projects"]),
        _claim("main_share_mean", "90.5%", 90.5, **both, columns=["main_revenue_share"]),
        _claim("t4_digital_share", "80%以上", 80, "at_least", **both, columns=["digital_cloud_migration"]),
        _claim("kaaosi_rate", "100%", 100, recompute_from=["表1", "附3"]),
        _claim("unsigned_count", "0家", 0, recompute_from=["表1", "附3"]),
        _claim("haichuanghui_innovation", "9项", 9, recompute_from=["附7"], row=projects),
        _claim("haichuanghui_listing", "3家次", 3, recompute_from=["附7"], row=served),
        _claim("four_bases_total", "3家", 3, recompute_from=["prose"], parts=[1, 2]),
        _claim("cloud_agreements", "约4000万元", 4000, recompute_from=[]),
    ]


def _claim(name: str, raw: str, printed: float, relation: str = "equal", **where: Any) -> dict[str, Any]:
    words = {"section": "一（一）", "label": name, "printed_raw": raw, "printed": printed}
    return {"id": name, **words, "relation": relation, **where}


def _number(value: Any) -> Any:
    """A cell's text as the JSON value beside it; the number loses the zeros that were printed."""
    if not isinstance(value, str) or not value.replace(".", "").isdecimal():
        return value
    number = Decimal(value)
    return int(number) if number == number.to_integral_value() else float(plain_decimal(number))


def find(documents: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What the shipped rulebook's checks find in these documents."""
    files = {name: json.dumps(document, ensure_ascii=False).encode() for name, document in documents.items()}
    return crosscheck(BOOK, read_report(DECLARED, files))


def cell(documents: Documents, seq: int, indicator: str) -> dict[str, Any]:
    """The cell of a form, to be changed."""
    cells = documents["performance_forms.json"]["forms"][seq - 1]["cells"]
    found: dict[str, Any] = next(one for one in cells if one["indicator_id"] == indicator)
    return found


def put_actual(documents: Documents, seq: int, indicator: str, raw: str) -> None:
    """Print another actual figure in 附2."""
    cell(documents, seq, indicator).update(actual=_number(raw), actual_raw=raw)


def put_developed(documents: Documents, seq: int, indicator: str, raw: str | None) -> None:
    """Print another figure in 附5; None for ``/``."""
    values = documents["development_summary.json"]["rows"][seq - 1]["values"]
    values[indicator] = {"raw": raw or "/", "value": None if raw is None else _number(raw)}


def brief(findings: tuple[Finding, ...]) -> list[tuple[str, str, str | None, str]]:
    """Check, subject, indicator and severity of each."""
    return [(one.check, one.subject, one.indicator, one.severity) for one in findings]
