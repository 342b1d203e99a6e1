"""`fangbang report RULEBOOK DIRECTORY --out DIRECTORY`: the report's tables and the figures of its text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.crosscheck import UNREADABLE, open_report
from shared.infra.workbooks import workbook
from shared.rulebook import Unreadable, report_tables


def command(
    rulebook: Annotated[str, typer.Argument(help="Id of the rulebook that declares the tables.")],
    directory: Annotated[Path, typer.Argument(help="Directory with the JSON files of the report.")],
    out: Annotated[Path, typer.Option("--out", help="Directory for report.xlsx and report.json.")],
) -> None:
    """Write the tables as XLSX and JSON. Exit code 0 when written, 2 when a file cannot be read or written."""
    try:
        book, report = open_report(rulebook, directory)
        tables = report_tables(book, report)
        _write(out, "report.xlsx", workbook(tables))
        shown = {"rulebook": book.id, "version": book.version, "tables": [table.as_json() for table in tables]}
        _write(out, "report.json", f"{json.dumps(shown, ensure_ascii=False, indent=1)}\n".encode())
    except Unreadable as error:
        print(error, file=sys.stderr)
        raise typer.Exit(UNREADABLE) from error
    for table in tables:
        print(f"{table.source}\t{table.title}\t{len(table.rows)}")


def _write(directory: Path, name: str, content: bytes) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    except OSError as error:
        raise Unreadable(f"无法写入 {directory / name}（{error.strerror}）。") from error
