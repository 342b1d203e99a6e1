"""`fangbang crosscheck RULEBOOK DIRECTORY`: what does not agree in the tables of a report."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from shared.infra.rulebooks import load_shipped
from shared.rulebook import Finding, Report, Rulebook, Unreadable, crosscheck, files_of, read_report

UNREADABLE = 2
_WORDS = {"error": "错误", "warning": "疑点", "info": "提示"}


def command(
    rulebook: Annotated[str, typer.Argument(help="Id of the rulebook that declares the checks.")],
    directory: Annotated[Path, typer.Argument(help="Directory with the JSON files of the report.")],
    table: Annotated[bool, typer.Option("--table", help="A table for people instead of JSON Lines.")] = False,
) -> None:
    """Print every finding as a line of JSON. Exit code 0 when the checks ran, 2 when a file cannot be read."""
    try:
        book, report = open_report(rulebook, directory)
        findings = crosscheck(book, report)
    except Unreadable as error:
        print(error, file=sys.stderr)
        raise typer.Exit(UNREADABLE) from error
    if table:
        _show(findings)
    else:
        sys.stdout.buffer.write(b"".join(_line(finding) for finding in findings))
        sys.stdout.buffer.flush()


def open_report(rulebook_id: str, directory: Path) -> tuple[Rulebook, Report]:
    """The rulebook and the report in a directory.

    Raises:
        Unreadable: no such rulebook or one without checks; a file is missing or cannot be read.
    """
    rulebook = load_shipped().get(rulebook_id)
    if rulebook is None or rulebook.consistency is None:
        known = "、".join(sorted(name for name, book in load_shipped().items() if book.consistency))
        raise Unreadable(f"没有声明一致性检查的实施办法“{rulebook_id}”；可用：{known}。")
    files = {name: _content(directory / name) for name in files_of(rulebook.consistency)}
    return rulebook, read_report(rulebook.consistency, files)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"无法读取 {path}（{error.strerror}）。") from error


def _line(finding: Finding) -> bytes:
    """A line of UTF-8, whatever the terminal's encoding."""
    return f"{json.dumps(finding.as_json(), ensure_ascii=False, separators=(',', ':'))}\n".encode()


def _show(findings: Iterable[Finding]) -> None:
    shown = Table("检查", "程度", "对象", Column("前后不一致", overflow="fold"))
    for finding in findings:
        shown.add_row(finding.check, _WORDS[finding.severity], finding.subject, finding.message)
    Console().print(shown)
