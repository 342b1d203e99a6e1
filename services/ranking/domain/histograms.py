"""How many cases of a class have which score, and where its quota line lies among them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

BINS = 16


class Histogram(NamedTuple):
    """``bins``: from ``low`` to ``high`` in equal steps, how many cases are within the line and how many outside;
    ``line``: half way between the last within and the first outside, None where nobody is on one side."""

    group: str | None
    low: Fraction
    high: Fraction
    bins: tuple[tuple[int, int], ...]
    line: Fraction | None

    def as_json(self) -> dict[str, Any]:
        """Fractions as texts."""
        line = None if self.line is None else str(self.line)
        bins = [list(one) for one in self.bins]
        return {"class": self.group, "low": str(self.low), "high": str(self.high), "bins": bins, "line": line}


def of_json(found: Mapping[str, Any]) -> Histogram:
    """A histogram that was shown."""
    line = None if found["line"] is None else Fraction(found["line"])
    bins = tuple((within, outside) for within, outside in found["bins"])
    return Histogram(found["class"], Fraction(found["low"]), Fraction(found["high"]), bins, line)


def histogram(group: str | None, points: Sequence[tuple[Fraction, bool]]) -> Histogram | None:
    """Of the scores of a class, each with whether it is within the line; None where all are the same or none is."""
    scores = [score for score, _ in points]
    if len(set(scores)) < 2:
        return None
    low, high = min(scores), max(scores)
    counts = [[0, 0] for _ in range(BINS)]
    for score, within in points:
        counts[min(BINS - 1, int((score - low) / (high - low) * BINS))][0 if within else 1] += 1
    last = min((score for score, within in points if within), default=None)
    first = max((score for score, within in points if not within), default=None)
    bins = tuple((within, outside) for within, outside in counts)
    return Histogram(group, low, high, bins, between(last, first))


def between(last: Fraction | None, first: Fraction | None) -> Fraction | None:
    """Half way between the last within and the first outside."""
    return None if last is None or first is None else (last + first) / 2
