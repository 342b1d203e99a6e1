"""Exact ranks: fractions compared as integers, equal cases share a rank, printed tie-breaks, nothing rounded."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import lcm
from operator import itemgetter
from uuid import UUID

TieValues = tuple[Decimal | None, ...]
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A case to be ranked by the exact fraction ``numerator / denominator`` (denominator above 0).

    ``group``: cases of different groups (classes with a share of the quota) are ranked apart. ``tie_values``: one a
    printed tie-break, the greater the better; None stands behind every number.
    """

    case_id: UUID
    number: str
    numerator: int
    denominator: int
    group: str | None = None
    tie_values: TieValues = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A ranked case. ``rank``: 1 + the number of better ones (standard competition); ``place``: its line in the table,
    equal ranks by case number; ``tied``: others share the rank and the printed rules do not part them."""

    case_id: UUID
    number: str
    group: str | None
    rank: int
    place: int
    tied: bool


def rank(standings: Sequence[Standing]) -> list[Ranked]:
    """Rank every group by itself, the greatest fraction first; the order of the argument does not matter."""
    groups: dict[str | None, list[Standing]] = defaultdict(list)
    for standing in standings:
        groups[standing.group].append(standing)
    names = sorted(groups, key=lambda name: name or "")
    return [ranked for name in names for ranked in _rank_group(groups[name])]


def _rank_group(standings: Sequence[Standing]) -> list[Ranked]:
    common = lcm(*{standing.denominator for standing in standings})

    def key(one: Standing) -> _Key:
        return (-one.numerator * (common // one.denominator), *map(_behind, one.tie_values))

    rows = sorted(((key(one), one.number, one) for one in standings), key=itemgetter(0, 1))
    shared = Counter(row[0] for row in rows)
    ranks: dict[_Key, int] = {}
    return [
        Ranked(one.case_id, number, one.group, ranks.setdefault(found, place), place, shared[found] > 1)
        for place, (found, number, one) in enumerate(rows, 1)
    ]


def _behind(value: Decimal | None) -> tuple[int, Decimal]:
    return (1, Decimal(0)) if value is None else (0, -value)
