"""Sheets that stand out: far from the others of the same case, or signed very soon after the one before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

FAR, FLOOR = 4, Fraction(1, 20)
FAST = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class SignedSheet:
    """A counted sheet: neutral label of its expert, its total, when it was signed if that is known."""

    case_id: UUID
    number: str
    expert: str
    total: Decimal
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlier:
    """A sheet far from the middle of its case's sheets; ``away`` is signed, in points."""

    sheet: SignedSheet
    middle: Fraction
    away: Fraction


@dataclass(frozen=True, slots=True)
class TooFast:
    """A sheet signed so many seconds after the same expert's sheet before it."""

    sheet: SignedSheet
    seconds: int


def middle(values: Sequence[Fraction]) -> Fraction:
    """The median, exactly."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def outliers(sheets: Sequence[SignedSheet], full: Decimal) -> list[Outlier]:
    """Sheets further than ``FAR`` median deviations from the middle, and than ``FLOOR`` of the full points; the
    furthest first. Fewer than four sheets of a case say nothing."""
    cases: dict[UUID, list[SignedSheet]] = defaultdict(list)
    for sheet in sheets:
        cases[sheet.case_id].append(sheet)
    found = [one for group in cases.values() if len(group) > 3 for one in _far(group, Fraction(full) * FLOOR)]
    return sorted(found, key=lambda one: (-abs(one.away), one.sheet.number, one.sheet.expert))


def _far(group: Sequence[SignedSheet], floor: Fraction) -> list[Outlier]:
    totals = [Fraction(sheet.total) for sheet in group]
    centre = middle(totals)
    spread = middle([abs(total - centre) for total in totals])
    far = max(FAR * spread, floor)
    return [
        Outlier(sheet, centre, total - centre)
        for sheet, total in zip(group, totals, strict=True)
        if abs(total - centre) > far
    ]


def too_fast(sheets: Sequence[SignedSheet]) -> list[TooFast]:
    """Sheets signed within ``FAST`` of the same expert's one before, the fastest first; the first is never too fast."""
    timed: dict[str, list[tuple[datetime, SignedSheet]]] = defaultdict(list)
    for sheet in sheets:
        if sheet.signed_at is not None:
            timed[sheet.expert].append((sheet.signed_at, sheet))
    found = []
    for signed in timed.values():
        signed.sort(key=lambda one: (one[0], one[1].number))
        for (before, _), (after, sheet) in pairwise(signed):
            if after - before < FAST:
                found.append(TooFast(sheet, int((after - before).total_seconds())))
    return sorted(found, key=lambda one: (one.seconds, one.sheet.number, one.sheet.expert))
