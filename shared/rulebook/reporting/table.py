"""A table ready to be printed: columns, rows, and what adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.rulebook.consistency.findings import Value, said

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column: title, unit where there is one, and whether its numbers are added up below."""

    id: str
    title: str
    unit: str | None = None
    adds_up: bool = False

    @property
    def heading(self) -> str:
        """Title and unit."""
        return f"{self.title}（{self.unit}）" if self.unit else self.title


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of a report; ``source`` is the attachment or the data it is made from."""

    id: str
    title: str
    source: str
    columns: Sequence[ReportColumn]
    rows: Sequence[Row]

    @property
    def totals(self) -> dict[str, Decimal]:
        """The sums of the columns that add up, nothing counted as 0."""
        return {
            column.id: sum((v for row in self.rows if isinstance(v := row.get(column.id), Decimal)), Decimal(0))
            for column in self.columns
            if column.adds_up
        }

    def as_json(self) -> dict[str, object]:
        """The table as JSON value, numbers as plain decimal strings, answers as yes and no."""
        return {
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "columns": [{"id": one.id, "title": one.title, "unit": one.unit} for one in self.columns],
            "rows": [{one.id: said(row.get(one.id)) for one in self.columns} for row in self.rows],
            "totals": {name: said(total) for name, total in self.totals.items()},
        }
