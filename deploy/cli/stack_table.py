"""The table of `fangbang status`."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from deploy.stack import Row

_MIB = 1024 * 1024


def print_rows(rows: list[Row]) -> None:
    """Print one line a part, and the memory of all together."""
    table = Table("part", "state", "pid", "port", "restarts", "ready", "MiB", "last exit")
    for column in table.columns[:-1]:
        column.no_wrap = True
    for row in rows:
        table.add_row(*_cells(row))
    console = Console()
    console.print(table)
    console.print(f"{sum(row.memory for row in rows) / _MIB:.0f} MiB in all (PSS)")


def _cells(row: Row) -> tuple[str, ...]:
    ready = "[green]yes[/]" if row.ready else "[red]no[/]"
    numbers = (str(row.pid or "–"), str(row.port or "–"), str(row.restarts))
    return (row.part, row.state, *numbers, ready, f"{row.memory / _MIB:.0f}", row.last_exit or "–")
