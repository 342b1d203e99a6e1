"""The tables of one report, flat: JSON documents in, rows out. Numbers keep the decimals that were printed."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.kernel.canonical import plain_decimal
from shared.rulebook.consistency.findings import Value

Row = Mapping[str, Any]
Cells = Mapping[str, Mapping[str, Value]]

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_LARGEST = 15
_FINEST = 12
_EACH = "*"


class Unreadable(Exception):
    """A document cannot be read; the message is one Chinese sentence with file and place."""


@dataclass(frozen=True)
class Report:
    """What the checks look at: rows of each table, and for each series subject → indicator → value.

    ``single``: the figures of one case instead of a report; its findings speak of 本案.
    """

    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    series: Mapping[str, Cells] = field(default_factory=dict)
    single: bool = False

    def rows(self, table: str) -> tuple[Row, ...]:
        """The rows of a table; none when it is not part of this report."""
        return self.tables.get(table, ())

    def cells(self, series: str) -> Cells:
        """The values of a series; none when it is not part of this report."""
        return self.series.get(series, {})

    def who(self, subject: str) -> str:
        """A subject for the reader."""
        return "本案" if self.single else f"第{subject}家企业"


def read_document(name: str, content: bytes) -> Any:
    """A JSON document with exact numbers.

    Raises:
        Unreadable: not UTF-8, not JSON, a repeated key, or a number that is none or beyond 15 + 12 digits.
    """
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_int=_number,
            parse_float=_number,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} 不是 UTF-8 编码的文件。") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"{name} 第{error.lineno}行第{error.colno}列：不是合法的 JSON。") from error
    except RecursionError as error:
        raise Unreadable(f"{name} 嵌套过深。") from error
    except ValueError as error:
        raise Unreadable(f"{name}：{error}") from error


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _no_number(text)
    digits = number.as_tuple().exponent
    if not isinstance(digits, int) or number.adjusted() >= _LARGEST or digits < -_FINEST:
        return _no_number(text)
    return number if digits <= 0 else Decimal(int(number))


def _no_number(text: str) -> Decimal:
    raise ValueError(f"数“{text[:40]}”过大、小数过多或不是数。")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        repeated = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"键“{repeated[:40]}”重复。")
    return found


def flat_rows(name: str, document: Any, path: str, *, optional: bool = False) -> tuple[Row, ...]:
    """The rows at a dotted path: lists are walked, ``*`` walks a mapping and names its key ``id``.

    A row holds its own fields and the plain ones of everything around it.

    Args:
        optional: a place that is missing holds no rows.

    Raises:
        Unreadable: the document has no such place.
    """
    return tuple(_walk(name, document, tuple(path.split(".")) if path else (), {}, optional))


def _walk(name: str, value: Any, steps: tuple[str, ...], around: Row, optional: bool) -> Iterator[Row]:
    if isinstance(value, list):
        for member in value:
            yield from _walk(name, member, steps, around, optional)
        return
    if not isinstance(value, dict):
        raise Unreadable(f"{name}：应为对象的地方写的是“{str(value)[:40]}”。")
    if not steps:
        yield {**around, **_printed(value)}
    elif steps[0] == _EACH:
        for key, member in value.items():
            yield from _walk(name, member, steps[1:], {**around, "id": key}, optional)
    elif steps[0] not in value and optional:
        return
    elif steps[0] not in value:
        raise Unreadable(f"{name}：缺少“{steps[0]}”。")
    else:
        yield from _walk(name, value[steps[0]], steps[1:], {**around, **_plain(_printed(value))}, optional)


def _plain(row: Row) -> dict[str, Any]:
    return {key: value for key, value in row.items() if not isinstance(value, list | dict)}


def _printed(row: Row) -> dict[str, Any]:
    """Numbers with the decimals of the cell they were read from (``x_raw`` beside ``x``, ``raw`` beside ``value``)."""
    return {key: _as_printed(value, row.get("raw" if key == "value" else f"{key}_raw")) for key, value in row.items()}


def _as_printed(value: Any, raw: object) -> Any:
    if not isinstance(value, Decimal) or not isinstance(raw, str):
        return value
    return next((number for text in _NUMBER.findall(raw) if (number := Decimal(text)) == value), value)


def subject_of(row: Row, column: str) -> str:
    """The value of a key column as text.

    Raises:
        Unreadable: the row has none.
    """
    value = row.get(column)
    if not isinstance(value, Decimal | str):
        raise Unreadable(f"有一行缺少“{column}”，或它既不是数也不是文字。")
    return plain_decimal(value) if isinstance(value, Decimal) else value


def value_of(row: Row, column: str) -> Value:
    """A cell as one value.

    Raises:
        Unreadable: it holds several.
    """
    value: Value | list[Any] | dict[str, Any] = row.get(column)
    if isinstance(value, list | dict):
        raise Unreadable(f"“{column}”应为一个值，现为多个。")
    return value
