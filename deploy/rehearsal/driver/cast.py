"""Who plays, and which part: who is rectified, who lapses, who is disqualified, who withdraws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from deploy.rehearsal.invented import (
    LITTLE_GIANT,
    MODEL,
    NEW_QUALITY,
    InventedEnterprise,
    InventedExpert,
    little_giant_applicants,
    model_applicants,
    new_quality_applicants,
    pool_experts,
)
from deploy.rehearsal.other_categories import (
    CASE,
    EVENT,
    FIGURE,
    RISING,
    TRADE,
    InventedEvent,
    case_applicants,
    events,
    figure_applicants,
    rising_applicants,
    traders,
)
from deploy.rehearsal.published import PublishedEnterprise, published_enterprises

QINGDAO = "qingdao-economic-achievements"
GIANT_BOOK = "little-giant-performance"


class Part(StrEnum):
    """What befalls an applicant."""

    PLAIN = "plain"
    PUTS_RIGHT = "puts_right"
    LAPSES = "lapses"
    IS_REFUSED = "is_refused"
    IS_DISQUALIFIED = "is_disqualified"
    WITHDRAWS_EARLY = "withdraws_early"
    WITHDRAWS_LATE = "withdraws_late"


@dataclass(frozen=True)
class Cast:
    """Everybody of one rehearsal."""

    giants: tuple[PublishedEnterprise, ...]
    invented: tuple[InventedEnterprise, ...]
    giant_targets: Mapping[str, Mapping[str, Any]]
    experts: tuple[InventedExpert, ...]
    parts: Mapping[str, Part]
    categories: Mapping[str, tuple[str, ...]]
    traders: tuple[InventedEnterprise, ...] = ()
    events: tuple[InventedEvent, ...] = ()
    _by_code: dict[str, PublishedEnterprise | InventedEnterprise] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Index the applicants by credit code."""
        self._by_code.update({one.credit_code: one for one in self.giants})
        self._by_code.update({one.credit_code: one for one in (*self.invented, *self.traders)})

    def applicants(self, category_key: str) -> tuple[InventedEnterprise, ...]:
        """The invented applicants of a category."""
        return tuple(one for one in self.invented if one.category_key == category_key)

    def part_of(self, credit_code: str) -> Part:
        """The part of the applicant with this code."""
        return self.parts.get(self.by_code(credit_code).login, Part.PLAIN)

    def by_code(self, credit_code: str) -> PublishedEnterprise | InventedEnterprise:
        """The applicant with this code."""
        return self._by_code[credit_code]

    def playing(self, category_key: str, part: Part) -> tuple[InventedEnterprise, ...]:
        """The applicants of a category with this part."""
        return tuple(one for one in self.applicants(category_key) if self.parts.get(one.login) is part)


_PARTS = {
    "firm201": Part.PUTS_RIGHT,
    "firm202": Part.IS_REFUSED,
    "firm012": Part.PUTS_RIGHT,
    "firm013": Part.LAPSES,
    "firm014": Part.IS_DISQUALIFIED,
    "firm015": Part.WITHDRAWS_EARLY,
    "firm016": Part.WITHDRAWS_LATE,
    "firm112": Part.PUTS_RIGHT,
    "firm113": Part.LAPSES,
    "firm114": Part.IS_DISQUALIFIED,
    "firm115": Part.WITHDRAWS_EARLY,
    "firm116": Part.WITHDRAWS_LATE,
}


def full_cast() -> Cast:
    """Both programmes: the 28, and invented applicants of three categories."""
    giants = little_giant_applicants()
    return Cast(
        giants=published_enterprises(),
        invented=(*(one for one, _ in giants), *new_quality_applicants(), *model_applicants()),
        giant_targets={one.login: targets for one, targets in giants},
        experts=pool_experts(),
        parts=_PARTS,
        categories={GIANT_BOOK: (LITTLE_GIANT,), QINGDAO: (NEW_QUALITY, MODEL)},
    )


def whole_cast() -> Cast:
    """Both programmes with all seven categories."""
    others = (*figure_applicants(), *rising_applicants(), *case_applicants())
    cast = full_cast()
    return replace(
        cast,
        invented=(*cast.invented, *others),
        traders=traders(),
        events=events(),
        categories={**cast.categories, QINGDAO: (EVENT, FIGURE, RISING, MODEL, NEW_QUALITY, TRADE, CASE)},
    )


def small_cast() -> Cast:
    """A short rehearsal for the tests with kills: six of the 28, and one category with a panel."""
    giants = little_giant_applicants()
    return Cast(
        giants=published_enterprises()[:6],
        invented=(*(one for one, _ in giants), *new_quality_applicants(13)),
        giant_targets={one.login: targets for one, targets in giants},
        experts=pool_experts(),
        parts={**_PARTS, "firm013": Part.WITHDRAWS_LATE},
        categories={GIANT_BOOK: (LITTLE_GIANT,), QINGDAO: (NEW_QUALITY,)},
    )
