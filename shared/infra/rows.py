"""Rows to insert: one at a time, or many of a table with one statement and one parameter.

Many go to PostgreSQL as one JSON array, which costs a fraction of binding each column of each row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnClause, Insert, Table, column, func, select, text
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

    def many(self, rows: Sequence[Row]) -> tuple[Insert, dict[str, str]]:
        """The statement for rows of the same columns, and its parameter."""
        return _of_array(self, tuple(rows[0])), {"rows": to_json(_written(rows)).decode()}


@cache
def _of_array(inserting: Inserting, names: tuple[str, ...]) -> Insert:
    """INSERT … SELECT … FROM json_populate_recordset, which gives each value its column's type."""
    table = inserting.table
    columns: list[ColumnClause[Any]] = [column(name) for name in names]
    like, given = text(f"NULL::{table.fullname}"), text("CAST(:rows AS json)")
    rows = func.json_populate_recordset(like, given).table_valued(*columns)
    return inserting.on_conflict(insert(table).from_select(list(names), select(*rows.c), include_defaults=False))


def _written(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with bytes as PostgreSQL reads them from text."""
    names = [name for name, value in rows[0].items() if isinstance(value, bytes)]
    return [{**row, **{name: f"\\x{row[name].hex()}" for name in names}} for row in rows] if names else rows
