"""How firmly a ranking stands: one expert left out, experts drawn anew, and where the quota line falls then.

All numbers are exact. Experts are drawn from a stream of SHA-256 blocks over a recorded seed, so that anybody with the
auditor's bundle computes the same runs again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import count
from math import lcm
from operator import itemgetter
from typing import Literal
from uuid import UUID

from services.ranking.domain.decisions import Quota
from services.ranking.domain.ranks import TieValues
from shared.rulebook import TrimmedMean

RUNS = 400
Key = tuple[int, tuple[tuple[int, Decimal], ...]]
SURE, UNLIKELY = Fraction(9, 10), Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Scored:
    """A ranked case with the total of each expert's sheet, by the expert's neutral label (at least one)."""

    case_id: UUID
    number: str
    group: str | None
    totals: Mapping[str, Decimal]
    tie_values: TieValues = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Who comes inside the quota and who leaves it when one expert's sheets are left out."""

    expert: str
    enters: tuple[UUID, ...]
    leaves: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """The quota line of a class. ``gap``: between the means beside it; None where nobody stands on one side."""

    group: str | None
    places: int
    verdict: Literal["sharp", "blurred"]
    gap: Fraction | None
    contested: tuple[UUID, ...]
    swayed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stability:
    """``inside``: of all runs, the share in which a case is inside the quota; cases tied at the line share what is
    left of it, so that the shares of a class add up to its places."""

    seed: str
    runs: int
    inside: Mapping[UUID, Fraction]
    left_out: tuple[LeftOut, ...]
    lines: tuple[Line, ...]


def examine(
    cases: Sequence[Scored], quota: Quota, seed: str, runs: int = RUNS, trimmed: TrimmedMean | None = None
) -> Stability:
    """Examine a ranking.

    Args:
        cases: those that stand, in any order.
        seed: text that fixes the draws, such as the digest of the ranking's inputs.
        runs: how often experts are drawn anew.
        trimmed: which sheets the mean leaves out; in a run it looks at the sheets as often as they were drawn.
    """
    experts = sorted({expert for case in cases for expert in case.totals})
    classes = _Classes(cases, quota, experts, trimmed)
    now = classes.inside([1] * len(experts))
    left_out = tuple(_left_out(classes, experts, expert, now) for expert in experts) if len(experts) > 1 else ()
    total: dict[UUID, Fraction] = {case.case_id: Fraction(0) for case in cases}
    drawn = Counter(tuple(map(one.count, experts)) for one in draws(experts, seed, runs))
    for weights, times in drawn.items():
        for case, share in classes.inside(weights).items():
            if share:
                total[case] += share * times
    inside = {case: share / runs for case, share in total.items()}
    lines = tuple(_line(classes, group, inside, now, left_out) for group in classes.groups)
    return Stability(seed, runs, inside, left_out, lines)


def draws(experts: Sequence[str], seed: str, runs: int) -> Iterator[list[str]]:
    """As many experts as there are, drawn with replacement, ``runs`` times; no expert is likelier than another."""
    numbers = _numbers(seed, len(experts))
    for _ in range(runs if experts else 0):
        yield [experts[next(numbers)] for _ in experts]


def _numbers(seed: str, below: int) -> Iterator[int]:
    """Numbers from 0 up to ``below``, without the bias of a bare remainder. ``below``: 1 to 256."""
    limit = 256 - 256 % below if below else 0
    for block in count():
        for byte in sha256(f"{seed}/{block}".encode()).digest():
            if byte < limit:
                yield byte % below


class _Classes:
    """The cases by class, with totals as integers over one common denominator."""

    def __init__(
        self, cases: Sequence[Scored], quota: Quota, experts: Sequence[str], trimmed: TrimmedMean | None
    ) -> None:
        self.groups: dict[str | None, list[Scored]] = defaultdict(list)
        for case in sorted(cases, key=lambda case: case.number):
            self.groups[case.group].append(case)
        self.quota, self.experts, self._trimmed = quota, experts, trimmed
        totals = [Fraction(total) for case in cases for total in case.totals.values()]
        self.scale = lcm(*{total.denominator for total in totals})
        self._totals = {case.case_id: [self._whole(case.totals.get(one)) for one in experts] for case in cases}
        self._ties = {case.case_id: tuple(map(_behind, case.tie_values)) for case in cases}
        self._chances = {group: self._with_a_chance(group) for group in self.groups}

    def _whole(self, total: Decimal | None) -> int | None:
        return None if total is None else int(total * self.scale)

    def _with_a_chance(self, group: str | None) -> list[UUID]:
        """The cases that can be inside at all: a mean lies between the least and the greatest of its totals, so one
        whose greatest is below the least of as many others as there are places never is."""
        given = {
            case.case_id: [one for one in self._totals[case.case_id] if one is not None] for case in self.groups[group]
        }
        floors = sorted((min(totals) for totals in given.values()), reverse=True)
        floor = floors[self.places(group) - 1]
        return [case for case, totals in given.items() if max(totals) >= floor]

    def inside(self, weights: Sequence[int]) -> dict[UUID, Fraction]:
        """The part of a place each case has when the experts' sheets count so many times; who has none is left out."""
        found: dict[UUID, Fraction] = {}
        for group, cases in self._chances.items():
            found.update(_places(self._ordered(cases, weights), self.places(group)))
        return found

    def places(self, group: str | None) -> int:
        """How many places the class has; without a quota one for each case."""
        line = self.quota.line(group)
        return len(self.groups[group]) if line is None else min(line, len(self.groups[group]))

    def mean(self, case: Scored) -> Fraction:
        """The exact mean of a case as it is ranked."""
        total, weight = _weighted(self._totals[case.case_id], [1] * len(self.experts), self._trimmed)
        return Fraction(total, weight * self.scale)

    def _ordered(self, cases: Sequence[UUID], weights: Sequence[int]) -> list[tuple[Key, UUID]]:
        """The cases with keys of which the smallest is the best."""
        sums = [_weighted(self._totals[case], weights, self._trimmed) for case in cases]
        common = lcm(*{weight for _, weight in sums})
        keyed = [
            ((-total * (common // weight), self._ties[case]), case)
            for case, (total, weight) in zip(cases, sums, strict=True)
        ]
        return sorted(keyed, key=itemgetter(0))


def _weighted(totals: Sequence[int | None], weights: Sequence[int], trimmed: TrimmedMean | None) -> tuple[int, int]:
    """Sum and weight of a case's sheets; one of whose sheets none is left keeps its own mean."""
    given = [(total, weight) for total, weight in zip(totals, weights, strict=True) if total is not None]
    if not any(weight for _, weight in given):
        given = [(total, 1) for total, _ in given]
    if trimmed is not None:
        given = trimmed.keeps(given)
    return sum([total * weight for total, weight in given]), sum([weight for _, weight in given])


def _behind(value: Decimal | None) -> tuple[int, Decimal]:
    return (1, Decimal(0)) if value is None else (0, -value)


def _places(ordered: Sequence[tuple[Key, UUID]], places: int) -> dict[UUID, Fraction]:
    """One place a case from the best on; equal cases at the line share what is left."""
    found: dict[UUID, Fraction] = {}
    at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        left = max(0, min(places, end) - at)
        share = Fraction(left, end - at)
        found.update((case, share) for _, case in ordered[at:end])
        at = end
    return found


def _left_out(classes: _Classes, experts: Sequence[str], expert: str, now: Mapping[UUID, Fraction]) -> LeftOut:
    then = classes.inside([int(one != expert) for one in experts])
    cases = [case.case_id for group in classes.groups.values() for case in group]
    change = {case: then.get(case, Fraction(0)) - now.get(case, Fraction(0)) for case in cases}
    return LeftOut(
        expert,
        enters=tuple(case for case in cases if change[case] > 0),
        leaves=tuple(case for case in cases if change[case] < 0),
    )


def _line(
    classes: _Classes,
    group: str | None,
    inside: Mapping[UUID, Fraction],
    now: Mapping[UUID, Fraction],
    left_out: Sequence[LeftOut],
) -> Line:
    cases = classes.groups[group]
    mine = {case.case_id for case in cases}
    contested = tuple(case.case_id for case in cases if UNLIKELY < inside[case.case_id] < SURE)
    swayed_by = tuple(one.expert for one in left_out if mine & {*one.enters, *one.leaves})
    last = min((classes.mean(case) for case in cases if now.get(case.case_id, 0) > 0), default=None)
    first = max((classes.mean(case) for case in cases if now.get(case.case_id, 0) < 1), default=None)
    gap = None if last is None or first is None else last - first
    verdict: Literal["sharp", "blurred"] = "blurred" if contested or swayed_by else "sharp"
    return Line(group, classes.places(group), verdict, gap, contested, swayed_by)
