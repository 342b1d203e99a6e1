"""Rows to insert: one at a time, or many of several tables with one statement and one parameter a table.

Many go to PostgreSQL as one JSON array, which costs a fraction of binding each column of each row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnClause, Insert, Select, Table, column, func, literal, select, text
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


Kept = Mapping[Inserting, Sequence[Row]]
"""Rows kept back, by how they come into their tables; the rows of one table have the same columns."""


def all_at_once(kept: Kept) -> tuple[Select[Any], dict[str, object]]:
    """One statement that inserts all of it and wakes the channels named in its parameter ``channels``."""
    shapes = tuple((into, tuple(rows[0])) for into, rows in kept.items())
    return _statement(shapes), {f"rows_{n}": to_json(_written(rows)).decode() for n, rows in enumerate(kept.values())}


@cache
def _statement(shapes: Sequence[tuple[Inserting, Sequence[str]]]) -> Select[Any]:
    channel = func.unnest(text("CAST(:channels AS text[])")).column_valued("channel")
    inserts = [_from_array(into, names, n).returning(literal(1)) for n, (into, names) in enumerate(shapes)]
    ctes = [one.cte(f"kept_{n}") for n, one in enumerate(inserts)]
    return select(func.pg_notify(channel, "")).add_cte(*ctes)


def _from_array(inserting: Inserting, names: Sequence[str], number: int) -> Insert:
    """INSERT … SELECT … FROM json_populate_recordset, which gives each value its column's type."""
    table = inserting.table
    columns: list[ColumnClause[Any]] = [column(name) for name in names]
    like, given = text(f"NULL::{table.fullname}"), text(f"CAST(:rows_{number} AS json)")
    rows = func.json_populate_recordset(like, given).table_valued(*columns, name=f"given_{number}")
    return inserting.on_conflict(insert(table).from_select(list(names), select(*rows.c), include_defaults=False))


def _written(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with bytes as PostgreSQL reads them from text."""
    names = [name for name, value in rows[0].items() if isinstance(value, bytes)]
    return [{**row, **{name: f"\\x{row[name].hex()}" for name in names}} for row in rows] if names else rows
