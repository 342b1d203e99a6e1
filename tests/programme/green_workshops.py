"""The invented programme of the file in ``tests/rulebooks``, and who enters it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.rehearsal.driver.cast import Cast
from deploy.rehearsal.invented import InventedEnterprise, pool_experts
from shared.infra import rulebooks
from shared.infra.rulebooks import install_rulebooks

RULEBOOKS = Path(__file__).parent.parent / "rulebooks"
BOOK, CATEGORY = "drill-green-workshops", "green_workshop"
SAVED = {701: 35, 702: 20, 703: 5, 704: 31}
"""Share of energy saved, by applicant: 20, 12, 3 and 20 points."""


@contextmanager
def installed() -> Iterator[None]:
    """The programme beside the shipped ones, in this process, for as long as it lasts."""
    install_rulebooks(RULEBOOKS)
    try:
        yield
    finally:
        rulebooks._folders.remove(RULEBOOKS)
        rulebooks.load_shipped.cache_clear()


def applicants() -> tuple[InventedEnterprise, ...]:
    return tuple(
        InventedEnterprise(
            number,
            CATEGORY,
            None,
            {"workshops": 2, "energy_saved": str(share * 10), "energy_used": "1000", "accidents": 1},
        )
        for number, share in SAVED.items()
    )


def cast() -> Cast:
    return Cast(
        giants=(),
        invented=applicants(),
        giant_targets={},
        experts=pool_experts(4),
        parts={},
        categories={BOOK: (CATEGORY,)},
    )


def joined_by(cast: Cast) -> Cast:
    """Another cast with this programme beside its own."""
    return replace(cast, invented=(*cast.invented, *applicants()), categories={**cast.categories, BOOK: (CATEGORY,)})


def require_both_listed(told: str) -> None:
    """The two best stand on the printed list, nobody else of the programme."""
    listed = [line for line in told.splitlines() if "演练企业7" in line and "GW-" in line]
    assert {name for line in listed for name in ("演练企业701", "演练企业704") if name in line} == {
        "演练企业701",
        "演练企业704",
    }
    assert len(listed) == 2
