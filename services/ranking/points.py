"""Exact points in requests: texts or whole numbers, never binary fractions."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator


def read_points(value: object) -> Decimal:
    """``"2.5"`` or ``2`` as an exact number; a JSON number with a fraction is refused because its text is lost."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError('points are written as text, such as "2.5"')
    text = str(value).strip()
    if not text.lstrip("-").replace(".", "", 1).isascii() or not text.lstrip("-").replace(".", "", 1).isdigit():
        raise ValueError("not a number")
    return Decimal(text)


Points = Annotated[Decimal, BeforeValidator(read_points)]
