"""Everybody of the categories that the whole year adds: persons, case studies, traders and events, all 演练; and what
was published of the service system and the platforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from deploy.rehearsal.invented import InventedEnterprise, number_from
from deploy.rehearsal.published import published_platforms, published_system

EVENT: Final = "economic_event"
FIGURE: Final = "economic_figure"
RISING: Final = "rising_figure"
TRADE: Final = "trade_pioneer"
CASE: Final = "development_case"
SYSTEM: Final = "service_system"
PLATFORM: Final = "service_platform"

_ROLES: Final = ("chairman", "board_chairman", "chief_executive", "president", "general_manager")
_COMPANY_KINDS: Final = ("large", "key_chain_leader", "four_new_leader", "niche_champion", "specialised_new")
_APPLICANTS: Final = ("entrepreneur", "executive", "technologist", "marketer", "investment_promoter", "theorist")
_LEVELS: Final = ("none", "below_city_first", "city_first_or_above")


@dataclass(frozen=True)
class Intake:
    """What the office takes in without a form, from a named source; the rows as the interface takes them."""

    source: str
    rows: tuple[dict[str, Any], ...]


def intakes() -> dict[str, Intake]:
    """By category: invented customs data, and the published tables of the service system and the platforms."""
    system = published_system()
    official = {"total": str(system.official_total), "items": system.official_items}
    return {
        TRADE: Intake("演练：虚构的海关统计数据", tuple(_taken_in(one) for one in traders())),
        SYSTEM: Intake(
            "附1 公共服务体系建设绩效评价指标表（已公布）",
            ({"name": system.current_name, "figures": system.figures, "official": official},),
        ),
        PLATFORM: Intake(
            "附4、附7与正文（已公布）",
            tuple(
                {"name": one.name, "figures": one.figures, "official": {"outcome": one.outcome}}
                for one in published_platforms()
            ),
        ),
    }


def _taken_in(one: InventedEnterprise) -> dict[str, Any]:
    return {
        "name": one.name,
        "credit_code": one.credit_code,
        "industry": one.industry,
        "district": one.district,
        "ownership": one.ownership,
        "variant": one.variant,
        "figures": one.figures,
    }


@dataclass(frozen=True)
class InventedEvent:
    """An event that never happened, as a medium nominates it."""

    number: int

    @property
    def title(self) -> str:
        """演练事件01, 02, …"""
        return f"演练事件{self.number:02d}"

    @property
    def figures(self) -> dict[str, Any]:
        """What a nomination tells of it."""
        return {
            "event_summary": f"{self.title}为虚构事件，仅供演练。",
            "happened_in_qingdao": True,
            "happened_in_award_year": True,
            "media_attention": f"演练报道{number_from(3, 40, EVENT, self.number)}篇",
        }


def events(count: int = 20) -> tuple[InventedEvent, ...]:
    """As many as the media nominate (article 10)."""
    return tuple(InventedEvent(number) for number in range(1, count + 1))


def figure_applicants(count: int = 12) -> tuple[InventedEnterprise, ...]:
    """Persons of 年度经济人物, entered by 演练企业301 onwards."""
    return tuple(_person(number, FIGURE, _figure(number)) for number in range(301, 301 + count))


def rising_applicants(count: int = 22) -> tuple[InventedEnterprise, ...]:
    """Persons of 年度经济新锐人物, entered by 演练企业401 onwards."""
    return tuple(_person(number, RISING, _rising(number)) for number in range(401, 401 + count))


def case_applicants(count: int = 5) -> tuple[InventedEnterprise, ...]:
    """Case studies of 演练企业501 onwards."""
    return tuple(
        InventedEnterprise(number, CASE, None, _case(number), title=f"演练案例{number}")
        for number in range(501, 501 + count)
    )


def traders(count: int = 14) -> tuple[InventedEnterprise, ...]:
    """Enterprises of the customs data, 演练企业601 onwards, half of each class; they file nothing."""
    return tuple(
        InventedEnterprise(number, TRADE, ("manufacturing", "other")[number % 2], _trade(number))
        for number in range(601, 601 + count)
    )


def _person(number: int, category_key: str, figures: dict[str, Any]) -> InventedEnterprise:
    return InventedEnterprise(number, category_key, None, figures, title=f"演练人物{number}")


def _figure(number: int) -> dict[str, Any]:
    def pick(low: int, high: int, word: str) -> int:
        return number_from(low, high, FIGURE, number, word)

    before = pick(50_000, 200_000, "revenue")
    return {
        "unit_kind": "qingdao_legal_person",
        "role": _ROLES[pick(0, len(_ROLES) - 1, "role")],
        "tenure_years": str(pick(3, 20, "tenure")),
        "company_kinds": [_COMPANY_KINDS[pick(0, len(_COMPANY_KINDS) - 1, "kind")]],
        "city_revenue_or_overall_top100": pick(0, 1, "top") == 1,
        "revenue_this_year": str(before * pick(101, 130, "growth") // 100),
        "revenue_last_year": str(before),
        "revenue_three_years_ago": str(before * pick(60, 98, "then") // 100),
    }


def _rising(number: int) -> dict[str, Any]:
    def pick(low: int, high: int, word: str) -> int:
        return number_from(low, high, RISING, number, word)

    return {
        "applicant_kind": _APPLICANTS[pick(0, len(_APPLICANTS) - 1, "kind")],
        "age": str(pick(28, 45, "age")),
        "theory_original_result": pick(0, 1, "original") == 1,
        "theory_publication": pick(0, 1, "published") == 1,
        "theory_award_level": _LEVELS[pick(0, 2, "award")],
        "patents_as_first_inventor_this_year": str(pick(0, 6, "patents")),
    }


def _case(number: int) -> dict[str, Any]:
    return {
        "registered_in_qingdao": True,
        "chain_leader_project": number % 2 == 0,
        "key_chain_name": "演练产业链",
        "project_start_year": str(number_from(2019, 2024, CASE, number)),
    }


def _trade(number: int) -> dict[str, Any]:
    before = number_from(20_000, 400_000, TRADE, number, "amount")
    return {
        "registered_in_qingdao": True,
        "trade_amount_this_year": str(before * number_from(90, 190, TRADE, number, "growth") // 100),
        "trade_amount_last_year": str(before),
        "general_violations": str(number_from(0, 2, TRADE, number, "violations")),
    }
