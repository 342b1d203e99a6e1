"""Rows to insert: one at a time, or many of several tables with one statement and a parameter a table.

Many go to PostgreSQL as one JSON array, which costs a fraction of binding each column of each row. A statement that
is the same however many there are is prepared once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    ARRAY,
    ColumnClause,
    ColumnElement,
    Insert,
    Select,
    SQLColumnExpression,
    Table,
    Text,
    any_,
    bindparam,
    column,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.postgresql import insert

Row = Mapping[str, Any]


def _refused(statement: PgInsert) -> PgInsert:
    return statement


@dataclass(frozen=True)
class Inserting:
    """How rows come into a table; ``on_conflict`` says what becomes of a row whose key is there already.

    Statements of the table, not of its model: the ORM would look at every row once more.
    """

    table: Table
    on_conflict: Callable[[PgInsert], PgInsert] = _refused

    @cached_property
    def one(self) -> Insert:
        """The statement for one row."""
        return self.on_conflict(insert(self.table))


def among(tested: SQLColumnExpression[Any], values: str) -> ColumnElement[bool]:
    """Whether a column is one of a parameter's values. ``IN`` would make another statement for each number of them."""
    return tested == any_(bindparam(values, type_=ARRAY(tested.type)))  # type: ignore[attr-defined]


def writing(
    gathered: Mapping[Inserting, Sequence[Row]], channels: Collection[str]
) -> tuple[Select[Any], dict[str, object]]:
    """The one statement that inserts rows of several tables and wakes who listens, and its parameters.

    The rows of a table have the same columns.
    """
    statement = _written_at_once(tuple((into, tuple(rows[0])) for into, rows in gathered.items()))
    arrays = {_parameter(into): to_json(_written(rows)).decode() for into, rows in gathered.items()}
    return statement, {**arrays, "channels": sorted(channels)}


@cache
def _written_at_once(parts: tuple[tuple[Inserting, tuple[str, ...]], ...]) -> Select[Any]:
    channels = func.unnest(bindparam("channels", type_=ARRAY(Text))).column_valued("channel")
    inserts = [_of_array(into, names).cte(f"new_{into.table.name}") for into, names in parts]
    return select(func.pg_notify(channels, "")).add_cte(*inserts)


def _of_array(inserting: Inserting, names: tuple[str, ...]) -> Insert:
    """INSERT … SELECT … FROM json_populate_recordset, which gives each value its column's type."""
    table = inserting.table
    columns: list[ColumnClause[Any]] = [column(name) for name in names]
    like, given = text(f"NULL::{table.fullname}"), text(f"CAST(:{_parameter(inserting)} AS json)")
    rows = func.json_populate_recordset(like, given).table_valued(*columns, name=f"given_{table.name}")
    return inserting.on_conflict(insert(table).from_select(list(names), select(*rows.c), include_defaults=False))


def _parameter(inserting: Inserting) -> str:
    return f"{inserting.table.name}_rows"


def _written(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with bytes as PostgreSQL reads them from text."""
    names = [name for name, value in rows[0].items() if isinstance(value, bytes)]
    return [{**row, **{name: f"\\x{row[name].hex()}" for name in names}} for row in rows] if names else rows
