"""Exact ranks: fractions compared as integers, equal cases share a rank, printed tie-breaks, nothing rounded."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from math import lcm
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

TieValues = tuple[Decimal | None, ...]


class Standing(NamedTuple):
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


class Ranked(NamedTuple):
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
    return [ranked for name in sorted(groups, key=lambda name: name or "") for ranked in _rank_group(groups[name])]


def _rank_group(standings: Sequence[Standing]) -> list[Ranked]:
    """Equal cases are brought together first, so that only the distinct values are compared."""
    equals: dict[Any, list[Standing]] = defaultdict(list)
    for key, standing in zip(_keys(standings), standings, strict=True):
        equals[key].append(standing)
    ranked: list[Ranked] = []
    for key in sorted(equals):
        found, best = sorted(equals[key], key=itemgetter(1)), len(ranked) + 1
        tied = len(found) > 1
        ranked += [
            Ranked(case_id, number, group, best, place, tied)
            for place, (case_id, number, _, _, group, _) in enumerate(found, best)
        ]
    return ranked


def _keys(standings: Sequence[Standing]) -> list[tuple[object, ...]] | list[int]:
    """One a case, the smallest the best: the negated numerator over the common denominator, then the tie-breaks."""
    common = lcm(*{standing.denominator for standing in standings})
    means = [-one.numerator * (common // one.denominator) for one in standings]
    if not any(one.tie_values for one in standings):
        return means
    return [(mean, *map(_behind, one.tie_values)) for mean, one in zip(means, standings, strict=True)]


def _behind(value: Decimal | None) -> tuple[int, Decimal]:
    return (1, Decimal(0)) if value is None else (0, -value)
