"""The values a case may hold, how they are shown, and exact rounding for the eye."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from shared.kernel.canonical import plain_decimal

Figure = Decimal | bool | str | tuple[str, ...] | None
Figures = Mapping[str, Figure]
Json = bool | int | str | None | list["Json"] | dict[str, "Json"]


def rounded(value: Fraction, places: int = 4) -> Decimal:
    """Half up (away from zero) to so many decimals; only for showing, never before a comparison."""
    return Decimal(_scaled(value, places)).scaleb(-places)


def _scaled(value: Fraction, places: int) -> int:
    """``value`` × 10^places, rounded half away from zero."""
    numerator, denominator = value.numerator, value.denominator
    magnitude: int = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def shown(value: Fraction | Decimal, places: int = 4) -> str:
    """A number for people: plain notation, at most ``places`` decimals."""
    if isinstance(value, Decimal):
        return plain_decimal(value)
    scaled = _scaled(value, places)
    whole, part = divmod(abs(scaled), 10**places)
    text = f"{'-' if scaled < 0 else ''}{whole}.{part:0{places}d}"
    return text.rstrip("0").rstrip(".")


def side(value: Fraction, edge: Fraction) -> int:
    """On which side of an edge an exact value lies: negative below it, 0 on it, positive above it."""
    return value.numerator * edge.denominator - edge.numerator * value.denominator


def as_json(value: Figure) -> Json:
    """A figure as JSON value: numbers as decimal strings, arrays as lists."""
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return list(value) if isinstance(value, tuple) else value


def number(figures: Figures, fact: str) -> Decimal:
    """A figure that must be a number; anything else means that the case was not checked before scoring."""
    value = figures.get(fact)
    if not isinstance(value, Decimal):
        raise TypeError(f"fact {fact} is not a number")
    return value
