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
    PLATFORM,
    RISING,
    SYSTEM,
    TRADE,
    Intake,
    InventedEvent,
    case_applicants,
    events,
    figure_applicants,
    intakes,
    rising_applicants,
)
from deploy.rehearsal.published import (
    PublishedEnterprise,
    PublishedForm,
    PublishedPlatform,
    published_enterprises,
    published_platforms,
    published_system,
)

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
    intakes: Mapping[str, Intake] = field(default_factory=dict)
    events: tuple[InventedEvent, ...] = ()
    system: PublishedForm | None = None
    platforms: tuple[PublishedPlatform, ...] = ()
    _by_code: dict[str, PublishedEnterprise | InventedEnterprise] = field(default_factory=dict, init=False)
    _outcomes: dict[str, PublishedEnterprise | PublishedPlatform] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Index the applicants by credit code, and what was printed by name."""
        self._by_code.update({one.credit_code: one for one in self.giants})
        self._by_code.update({one.credit_code: one for one in self.invented})
        self._outcomes.update({one.current_name: one for one in self.giants})
        self._outcomes.update({one.name: one for one in self.platforms})

    def applicants(self, category_key: str) -> tuple[InventedEnterprise, ...]:
        """The invented applicants of a category."""
        return tuple(one for one in self.invented if one.category_key == category_key)

    def part_of(self, credit_code: str) -> Part:
        """The part of the applicant with this code."""
        return self.parts.get(self.by_code(credit_code).login, Part.PLAIN)

    def by_code(self, credit_code: str) -> PublishedEnterprise | InventedEnterprise:
        """The applicant with this code."""
        return self._by_code[credit_code]

    def printed(self, name: str) -> PublishedEnterprise | PublishedPlatform | None:
        """Whose outcome was printed under this name; nobody's for invented ones."""
        return self._outcomes.get(name)

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
    """Both programmes with all their categories."""
    others = (*figure_applicants(), *rising_applicants(), *case_applicants())
    cast = full_cast()
    return replace(
        cast,
        invented=(*cast.invented, *others),
        intakes=intakes(),
        system=published_system(),
        platforms=published_platforms(),
        events=events(),
        categories={
            GIANT_BOOK: (LITTLE_GIANT, SYSTEM, PLATFORM),
            QINGDAO: (EVENT, FIGURE, RISING, MODEL, NEW_QUALITY, TRADE, CASE),
        },
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
