"""`fangbang score`: cases in, results out, as JSON Lines; or the path to every point for people."""

from __future__ import annotations

import codecs
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer

from deploy.cli.rulebook_files import open_rulebook
from shared.rulebook.exchange import BadLine, ScoredLine, answer_lines, scored_categories
from shared.rulebook.explaining import steps

CHUNK: Final = 1 << 20
UNREADABLE: Final = 2


class Form(StrEnum):
    """How explanations are written."""

    TEXT = "text"
    JSON = "json"


def score(
    rulebook: Annotated[str, typer.Argument(help="Id of a shipped rulebook, or a YAML file.")],
    file: Annotated[str, typer.Argument(help="Cases as JSON Lines; - for standard input.")] = "-",
    explain: Annotated[Form | None, typer.Option("--explain", help="Say how every point came about instead.")] = None,
) -> None:
    """Score the cases of FILE. Exit 0: all scored; 1: some lines had errors; 2: nothing could be read."""
    book = open_rulebook(rulebook)
    with _quiet_when_nobody_reads(), _checked(file) as cases:
        failed = False
        for answer in answer_lines(scored_categories(book), _lines(cases)):
            failed |= isinstance(answer, BadLine)
            sys.stdout.buffer.write(_written(answer, explain) + b"\n")
        sys.stdout.buffer.flush()
    raise typer.Exit(1 if failed else 0)


# ------------------------------------------------------------------------------------------------------- reading


@contextmanager
def _checked(file: str) -> Iterator[BinaryIO]:
    """The whole input, known to be UTF-8 before the first answer is printed; what cannot be read twice is kept."""
    try:
        with _opened(file) as source:
            if source.seekable():
                _check_encoding(source, None)
                source.seek(0)
                yield source
                return
            with tempfile.TemporaryFile() as kept:
                _check_encoding(source, kept)
                kept.seek(0)
                yield kept
    except _NotRead as refusal:
        print(f"{file}：{refusal}", file=sys.stderr)
        raise typer.Exit(UNREADABLE) from refusal


class _NotRead(Exception):
    """The input cannot be read; the message says why in Chinese."""


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    if file == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise _NotRead(f"文件无法读取（{reason}）。") from error


def _check_encoding(source: BinaryIO, kept: BinaryIO | None) -> None:
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    while True:
        chunk = source.read(CHUNK)
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object.count(b"\n", 0, error.start)
            raise _NotRead(f"第{line}行不是 UTF-8 编码（若是 GBK，请另存为 UTF-8）。") from error
        if not chunk:
            return
        line += chunk.count(b"\n")
        if kept is not None:
            kept.write(chunk)


def _lines(cases: BinaryIO) -> Iterator[str]:
    """Lines end at a line feed only: other separators may stand inside a JSON string."""
    return (line.decode("utf-8") for line in cases)


# ------------------------------------------------------------------------------------------------------- writing

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _written(answer: ScoredLine | BadLine, explain: Form | None) -> bytes:
    if explain is Form.TEXT:
        return "\n".join(_told(answer)).encode("utf-8", "backslashreplace")
    value = answer.as_json()
    if explain is Form.JSON and isinstance(answer, ScoredLine):
        value["explanations"] = [step.as_json() for step in steps(answer.category, answer.result)]
    return _utf8(value)


def _utf8(value: dict[str, Any]) -> bytes:
    try:
        return _encode(value).encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can escape and UTF-8 cannot hold
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def _told(answer: ScoredLine | BadLine) -> Iterable[str]:
    if isinstance(answer, BadLine):
        yield f"{answer.case or '（无案号）'}（第{answer.line}行）：不能计分"
        for error in answer.errors:
            yield f"  {error.field or '整行'}：{error.sentence}"
        return
    shown = answer.as_json()
    veto = "；一票否决" if shown["vetoed"] else ""
    yield f"{shown['case']}（{answer.category.name}）：{shown['total']} 分，可达 {shown['reachable_max']} 分{veto}"
    for step in steps(answer.category, answer.result):
        yield f"  {step.sentence}"
        if step.readings:
            yield "    依据：" + "；".join(f"{reading.label} {reading.value}" for reading in step.readings)


@contextmanager
def _quiet_when_nobody_reads() -> Iterator[None]:
    """`fangbang score … | head` ends when head does, without a word."""
    try:
        yield
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from error
