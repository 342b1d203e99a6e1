"""Canonical JSON and digests: one value, one byte string, everywhere.

Keys sorted, no white space, UTF-8 unescaped; decimals as plain strings; no floats at all, so that a reader in any
language gets the same bytes (the integer and string subset of RFC 8785).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

_PLAIN = frozenset({str, int, bool, type(None)})


def plain_decimal(number: Decimal) -> str:
    """Decimal in plain notation: no exponent, no trailing zeros, no plus sign, ``0`` for zero."""
    if number == 0:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: Any) -> Any:
    """Reduce models, dates, decimals and ids to JSON values; refuses floats and unknown types."""
    return value if type(value) in _PLAIN else _reduced(value)


def _reduced(value: Any) -> Any:
    reduce = _BY_TYPE.get(type(value))
    return reduce(value) if reduce else _reduced_kind(value)


def _reduced_kind(value: Any) -> Any:
    """What a value is by its base class, where its own type is not among the common ones."""
    match value:
        case Enum():
            return plain(value.value)
        case int() | str():
            return value
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case Decimal():
            return plain_decimal(value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return _plain_mapping(value)
        case list() | tuple() | set() | frozenset():
            items = sorted(value) if isinstance(value, set | frozenset) else value
            return [plain(item) for item in items]
    raise TypeError(f"no canonical form for {type(value).__name__}")


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): plain(item) for key, item in value.items()}


def _plain_items(value: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [plain(item) for item in value]


def instant(moment: datetime) -> str:
    """UTC instant with microseconds, such as ``2026-01-05T01:00:00.000000Z``; refuses naive times."""
    if moment.tzinfo is None:
        raise TypeError("a naive time has no canonical form")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


_BY_TYPE: dict[type, Callable[[Any], Any]] = {
    UUID: str,
    dict: _plain_mapping,
    list: _plain_items,
    tuple: _plain_items,
    datetime: instant,
    Decimal: plain_decimal,
}


def canonical(value: Any) -> bytes:
    """The canonical bytes of a value."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, lower-case hex."""
    return digest_bytes(canonical(value))


def digest_bytes(content: bytes) -> str:
    """SHA-256 of bytes, lower-case hex."""
    return hashlib.sha256(content).hexdigest()
