"""A rulebook named on the command line: the id of a shipped one, or a file. What is wrong is said with its line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, NoReturn

import typer

from shared.infra.rulebooks import load_shipped
from shared.rulebook import Rulebook, RulebookProblem, RulebookRefused, load_rulebook

UNREADABLE: Final = 2


def open_rulebook(name: str) -> Rulebook:
    """The rulebook; ends with exit status 2 and the reasons on standard error when there is none."""
    shipped = load_shipped()
    if name in shipped:
        return shipped[name]
    if not Path(name).exists():
        known = "、".join(shipped)
        _end([f"没有实施办法“{name}”：请写明 {known}，或一个 YAML 文件。"])
    try:
        return read_rulebook(Path(name))
    except RulebookRefused as refused:
        _end(sentences(name, refused.problems))


def read_rulebook(file: Path) -> Rulebook:
    """Read a file and check it.

    Raises:
        RulebookRefused: the file cannot be read, is not UTF-8, or is no valid rulebook.
    """
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise RulebookRefused([RulebookProblem(0, "文件", f"无法读取（{error.strerror}）。")]) from error
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        message = "不是 UTF-8 编码（若是 GBK，请另存为 UTF-8）。"
        raise RulebookRefused([RulebookProblem(line, "文件", message)]) from error
    return load_rulebook(text)


def sentences(file: str, problems: tuple[RulebookProblem, ...]) -> list[str]:
    """Each problem as editors understand it: ``FILE:LINE: place：reason``."""
    return [f"{file}:{problem.line}: {problem.place}：{problem.message}" for problem in problems]


def _end(lines: list[str]) -> NoReturn:
    print(*lines, sep="\n", file=sys.stderr)
    raise typer.Exit(UNREADABLE)
