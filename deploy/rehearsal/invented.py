"""Everybody who does not exist: applicants, experts, objectors, marked 演练 and made by fixed arithmetic.

No figure is random: each follows from the SHA-256 of a number and a word, so that two runs are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from shared.kernel.credit_code import make_credit_code

LITTLE_GIANT: Final = "little_giant"
NEW_QUALITY: Final = "new_quality_pioneer"
MODEL: Final = "model_enterprise"

_DISTRICTS: Final = ("市南区", "市北区", "李沧区", "崂山区", "黄岛区", "城阳区", "即墨区", "胶州市", "平度市", "莱西市")
_INDUSTRIES: Final = ("智能装备", "新材料", "生物医药", "集成电路", "海洋工程", "新能源", "工业软件", "现代物流")
_OWNERSHIP: Final = ("民营", "国有控股", "外商投资")
_TITLES: Final = (
    "manufacturing_champion",
    "little_giant",
    "innovation_demonstration",
    "excellent_smart_factory",
    "unicorn",
    "gazelle",
)


def number_from(low: int, high: int, *words: object) -> int:
    """A number from low to high that follows from the words alone."""
    seed = sha256("/".join(str(word) for word in words).encode()).digest()
    return low + int.from_bytes(seed[:8], "big") % (high - low + 1)


@dataclass(frozen=True)
class InventedEnterprise:
    """An applicant that does not exist, with a code whose check digit fits; ``title``: whom or what it enters."""

    number: int
    category_key: str
    variant: str | None
    figures: dict[str, Any]
    title: str | None = None

    @property
    def name(self) -> str:
        """演练企业001, 002, …"""
        return f"演练企业{self.number:03d}"

    @property
    def login(self) -> str:
        """The account of this enterprise."""
        return f"firm{self.number:03d}"

    @property
    def credit_code(self) -> str:
        """An invented code: the region 370299 does not exist."""
        return make_credit_code(f"91370299MA9{self.number:06d}")

    @property
    def district(self) -> str:
        """A district of the city."""
        return _DISTRICTS[self.number % len(_DISTRICTS)]

    @property
    def industry(self) -> str:
        """An industry word."""
        return _INDUSTRIES[self.number % len(_INDUSTRIES)]

    @property
    def ownership(self) -> str:
        """A word of ownership."""
        return _OWNERSHIP[self.number % len(_OWNERSHIP)]


@dataclass(frozen=True)
class InventedExpert:
    """A member of a pool; the name says that nobody is meant."""

    number: int
    pool: str

    @property
    def login(self) -> str:
        """The account of this expert."""
        return f"expert{self.number:02d}"

    @property
    def name(self) -> str:
        """演练专家01, 02, …"""
        return f"演练专家{self.number:02d}"

    @property
    def unit(self) -> str:
        """Where the expert is employed, for conflicts."""
        return f"演练单位{self.number:02d}"


def new_quality_applicants(count: int = 16) -> tuple[InventedEnterprise, ...]:
    """Applicants of 新质领航企业, 演练企业001 onwards."""
    return tuple(
        InventedEnterprise(number, NEW_QUALITY, None, _new_quality_figures(number)) for number in range(1, count + 1)
    )


def model_applicants(count: int = 16) -> tuple[InventedEnterprise, ...]:
    """Applicants of 榜样企业, 演练企业101 onwards; odd ones manufacture, even ones serve."""
    return tuple(_model_applicant(number) for number in range(101, 101 + count))


def little_giant_applicants() -> tuple[tuple[InventedEnterprise, dict[str, Any]], ...]:
    """演练企业201 and 202 with their targets: one is rectified, one refused."""
    return tuple(
        (
            InventedEnterprise(number, LITTLE_GIANT, None, _little_giant(number, "actual")),
            _little_giant(number, "target"),
        )
        for number in (201, 202)
    )


def pool_experts(each: int = 7) -> tuple[InventedExpert, ...]:
    """Experts of the three pools, taking turns."""
    pools = ("economic", "media", "enterprise")
    return tuple(InventedExpert(number, pools[number % 3]) for number in range(1, 3 * each + 1))


def judged(
    points: float | str,
    step: float | str,
    *words: object,
    values: Sequence[str] = (),
    ranges: Sequence[Sequence[str]] = (),
) -> str:
    """A score from 60 % of the points upwards, in the step and as allowed, that follows from the words alone."""
    if values:
        return max(values, key=float)
    if ranges:
        low, high = ranges[number_from(0, len(ranges) - 1, *words, "range")]
        return f"{number_from(int(float(low) / float(step)), int(float(high) / float(step)), *words) * float(step):g}"
    in_steps = round(float(points) / float(step))
    chosen = number_from(-(-in_steps * 3 // 5), in_steps, *words)
    return f"{chosen * float(step):g}"


def _new_quality_figures(number: int) -> dict[str, Any]:
    def pick(low: int, high: int, word: str) -> int:
        return number_from(low, high, NEW_QUALITY, number, word)

    titled = pick(0, 9, "titled") > 1
    revenue = [pick(20_000, 90_000, f"revenue{year}") for year in range(3)]
    spent = [base * pick(30, 120, f"rd{year}") // 1000 for year, base in enumerate(revenue)]
    return {
        "registered_in_qingdao": True,
        "core_technology_claimed": True,
        "industry_class": ("strategic_emerging", "future")[pick(0, 1, "industry")],
        "titles_valid": [_TITLES[pick(0, len(_TITLES) - 1, "title")]] if titled else [],
        **dict(
            zip(
                ("rd_expense_this_year", "rd_expense_last_year", "rd_expense_two_years_ago"), _texts(spent), strict=True
            )
        ),
        **dict(zip(("revenue_this_year", "revenue_last_year", "revenue_two_years_ago"), _texts(revenue), strict=True)),
        "main_product_invention_patents_3_years": str(pick(2, 9, "patents")),
    }


def _model_applicant(number: int) -> InventedEnterprise:
    variant = "manufacturing" if number % 2 else "services"
    figures = _model_figures(number)
    if variant == "manufacturing":
        figures |= _manufacturing_figures(number)
    return InventedEnterprise(number, MODEL, variant, figures)


def _model_figures(number: int) -> dict[str, Any]:
    def pick(low: int, high: int, word: str) -> int:
        return number_from(low, high, MODEL, number, word)

    before, assets = pick(30_000, 80_000, "revenue"), pick(40_000, 120_000, "assets")
    taxes, hires = pick(800, 3_000, "tax"), pick(20, 120, "hires")
    now = before * pick(97, 124, "growth") // 100
    return {
        "registered_in_qingdao": True,
        "main_revenue_this_year": str(now),
        "main_revenue_last_year": str(before),
        "net_profit_this_year": str(now * pick(1, 13, "margin") // 100),
        "operating_revenue_this_year": str(now),
        "total_liabilities_year_end": str(assets * pick(25, 75, "debt") // 100),
        "total_assets_year_end": str(assets),
        "tax_paid_this_year": str(taxes * pick(98, 115, "taxes") // 100),
        "tax_paid_last_year": str(taxes),
        "new_hires_this_year": str(hires * pick(98, 116, "hired") // 100),
        "new_hires_last_year": str(hires),
        "quality_certification": True,
        "brand_level": ("city", "provincial", "national")[pick(0, 2, "brand")],
    }


def _manufacturing_figures(number: int) -> dict[str, Any]:
    sales = number_from(30_000, 80_000, MODEL, number, "sales")
    return {
        "rd_expense_this_year": str(sales * number_from(5, 70, MODEL, number, "rd") // 1000),
        "sales_revenue_this_year": str(sales),
        "patent_applications_accepted_this_year": str(number_from(1, 8, MODEL, number, "accepted")),
        "patents_granted_this_year": str(number_from(0, 4, MODEL, number, "granted")),
        "new_products_in_3_years": str(number_from(1, 4, MODEL, number, "products")),
    }


def _little_giant(number: int, side: str) -> dict[str, Any]:
    ahead = 0 if side == "target" else number_from(0, 1, LITTLE_GIANT, number)
    numbers = {
        "main_revenue_share": 85 + ahead,
        "export_share": 10 + ahead,
        "overseas_certifications": 2,
        "rd_intensity": 6 + ahead,
        "invention_patents": 8 + ahead,
        "rd_institutions": 2,
        "standards": 3,
        "commercialised_projects": 10 + ahead,
        "management_certifications": 3,
        "main_revenue_growth": 12 + ahead,
    }
    words: dict[str, Any] = {
        "product_standard_met": True,
        "digital_cloud_migration": True,
        "listing_plan": "in_tutoring",
    }
    return {
        f"{name}_{side}": value for name, value in ({name: str(one) for name, one in numbers.items()} | words).items()
    }


def _texts(numbers: list[int]) -> list[str]:
    return [str(number) for number in numbers]
