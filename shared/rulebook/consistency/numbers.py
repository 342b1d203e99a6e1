"""When two printed numbers say the same: rounding half up and cutting are no differences of substance."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from shared.rulebook.figures import rounded


def places(number: Decimal) -> int:
    """Printed decimals: 2 for 23.90."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "a printed number is finite"
    return max(0, -exponent)


def same_but_rounded(left: Decimal, right: Decimal) -> bool:
    """Whether the one with more decimals, rounded half up or cut, gives the other."""
    short, long = sorted((left, right), key=places)
    unit = Decimal(1).scaleb(-places(short))
    return short in (long.quantize(unit, ROUND_HALF_UP), long.quantize(unit, ROUND_DOWN))


def gives(exact: Fraction, printed: Decimal, *, cut_too: bool = True) -> bool:
    """Whether an exact number, rounded half up (or cut) to the printed decimals, is the printed one."""
    decimals = places(printed)
    return rounded(exact, decimals) == printed or (cut_too and cut(exact, decimals) == printed)


def cut(exact: Fraction, decimals: int) -> Decimal:
    """The digits after so many decimals dropped, towards zero."""
    scaled = exact * 10**decimals
    magnitude = abs(scaled.numerator) // scaled.denominator
    return Decimal(magnitude if scaled >= 0 else -magnitude).scaleb(-decimals)


def about_hundredfold(left: Decimal, right: Decimal) -> bool:
    """Whether one is about a hundred times the other: 90 to 110 times, or exactly so before its decimals were cut."""
    small, large = sorted((left, right), key=abs)
    if small == 0 or (small < 0) != (large < 0):
        return False
    return 90 * abs(small) <= abs(large) <= 110 * abs(small) or (
        places(small) > 0 and gives(Fraction(large) / 100, small)
    )
