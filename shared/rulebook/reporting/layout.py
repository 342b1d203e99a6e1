"""The report tables that a rulebook declares: which rows of the report's files, which columns."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.rulebook.base import Frozen, Key, Label


class Joined(Frozen):
    """A value from another table: of the row whose ``key`` is what this row has in ``by``."""

    table: Key
    key: Key
    by: Key
    column: Key


class ColumnLayout(Frozen):
    """A column: a field of the row, a figure of a series, a joined value, the score by rule, or other columns added."""

    id: Key
    title: Label
    unit: Label | None = None
    adds_up: bool = False
    column: Key | None = None
    series: Key | None = None
    joined: Joined | None = None
    score: Literal["total", "open_items"] | None = None
    added: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(map(bool, (self.column, self.series, self.joined, self.score, self.added))) != 1:
            raise ValueError("列须写明且只写明一个来处（column、series、joined、score、added）")
        return self


class TableLayout(Frozen):
    """A report table: one row for each row of ``table``; ``key`` names the subject of series and scores."""

    id: Key
    title: Label
    source: Label
    table: Key
    key: Key
    columns: Annotated[tuple[ColumnLayout, ...], Field(min_length=1)]

    def tables(self) -> Iterator[str]:
        """The tables it reads."""
        yield self.table
        yield from (column.joined.table for column in self.columns if column.joined)

    def series(self) -> Iterator[str]:
        """The series it reads."""
        yield from (column.series for column in self.columns if column.series)
