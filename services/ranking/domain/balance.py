"""What a list looks like by industry, district and ownership, and why an entry near the line is in or out.

Nothing here decides: the numbers are shown beside the ranking, and exchanges are proposed only when somebody asks.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

ATTRIBUTES = ("industry", "district", "ownership")
UNKNOWN = "未填"
NEAR = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A ranked case: its exact mean and the public attributes of its subject by name."""

    case_id: UUID
    group: str | None
    rank: int
    place: int
    mean: Fraction
    attributes: Mapping[str, str | None]

    def value(self, attribute: str) -> str:
        """What the entry counts under."""
        return self.attributes.get(attribute) or UNKNOWN


@dataclass(frozen=True, slots=True)
class Share:
    """One value of an attribute: how many are ranked, how many are chosen, the mean score of the chosen ones."""

    value: str
    ranked: int
    chosen: int
    mean: Fraction | None


@dataclass(frozen=True, slots=True)
class Beside:
    """An entry near the line. ``gap``: points above the best outside, or below the last inside (never negative);
    ``ahead``: how many would have to fall for it to come inside, 0 for one that is."""

    case_id: UUID
    inside: bool
    gap: Fraction | None
    ahead: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """``enters`` for ``leaves``, so that ``value`` of ``attribute`` stands in the list; ``cost`` in points."""

    attribute: str
    value: str
    enters: UUID
    leaves: UUID
    cost: Fraction


def shares(entries: Sequence[Entry], chosen: Collection[UUID], attribute: str) -> list[Share]:
    """How the ranked and the chosen spread over the values of an attribute, the most frequent first."""
    ranked, within = Counter(), Counter()  # type: ignore[var-annotated]
    points: dict[str, Fraction] = {}
    for one in entries:
        value = one.value(attribute)
        ranked[value] += 1
        if one.case_id in chosen:
            within[value] += 1
            points[value] = points.get(value, Fraction(0)) + one.mean
    found = [
        Share(value, ranked[value], within[value], points[value] / within[value] if within[value] else None)
        for value in ranked
    ]
    return sorted(found, key=lambda one: (-one.chosen, -one.ranked, one.value))


def beside_the_line(
    entries: Sequence[Entry], places: Mapping[str | None, int | None], near: int = NEAR
) -> list[Beside]:
    """The entries next to the line of their class, ``near`` on each side and all that are tied with those.

    Args:
        places: of each class; None where there is no quota, and so no line.
    """
    found: list[Beside] = []
    for group, line in places.items():
        mine = sorted((one for one in entries if one.group == group), key=lambda one: one.place)
        if line is None or line >= len(mine) or line == 0:
            continue
        inside, outside = mine[:line], mine[line:]
        last, first = inside[-1], outside[0]
        means = {one.mean for one in (*inside[-near:], *outside[:near])}
        found += [Beside(one.case_id, True, one.mean - first.mean, 0) for one in inside if one.mean in means]
        found += [
            Beside(one.case_id, False, last.mean - one.mean, number)
            for number, one in enumerate(outside, 1)
            if one.mean in means
        ]
    return found


def exchanges(
    entries: Sequence[Entry], chosen: Collection[UUID], near: Collection[UUID], attribute: str
) -> list[Exchange]:
    """For each value that is ranked near the line and stands nowhere in the list: its best entry for the last one of
    the same class whose own value stays in the list. The cheapest first; each needs a reason if it is taken up."""
    within = [one for one in entries if one.case_id in chosen]
    held = Counter(one.value(attribute) for one in within)
    found = []
    for value in sorted({one.value(attribute) for one in entries} - set(held) - {UNKNOWN}):
        enters = _best([one for one in entries if one.case_id in near and one.value(attribute) == value])
        leaves = enters and _last(
            [one for one in within if one.group == enters.group and held[one.value(attribute)] > 1]
        )
        if enters and leaves:
            found.append(Exchange(attribute, value, enters.case_id, leaves.case_id, leaves.mean - enters.mean))
    return sorted(found, key=lambda one: (one.cost, one.value))


def _best(entries: Sequence[Entry]) -> Entry | None:
    return min(entries, key=lambda one: one.place, default=None)


def _last(entries: Sequence[Entry]) -> Entry | None:
    return max(entries, key=lambda one: one.place, default=None)
