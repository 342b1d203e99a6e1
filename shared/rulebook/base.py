"""What every rulebook model shares: frozen, no unknown keys, exact numbers."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from shared.kernel.canonical import plain_decimal

_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)


class Frozen(BaseModel):
    """A part of a rulebook: cannot be changed, refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


def exact(value: object) -> Decimal:
    """An exact number from an integer or a decimal; a float, a boolean or a quoted text is refused."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("应为不加引号的数")
    text = plain_decimal(value) if isinstance(value, Decimal) and value.is_finite() else str(value)
    if not _PLAIN_NUMBER.fullmatch(text):
        raise ValueError("数字须为通常写法，整数部分不超过15位，小数不超过6位")
    return Decimal(text)


Exact = Annotated[Decimal, BeforeValidator(exact), WithJsonSchema({"type": "number"})]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
