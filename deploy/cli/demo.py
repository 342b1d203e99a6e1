"""`fangbang demo`: both programmes from the call to the released lists, on a stack of its own."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.rehearsal.driver.cast import Cast, full_cast, small_cast, whole_cast
from deploy.rehearsal.run import rehearse
from deploy.stack import Row, Stack, StackRefusal
from deploy.stack.layout import DEFAULT_DATA

DEMOS: Final = DEFAULT_DATA / "demo"


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running and print sign-in links.")] = False,
    small: Annotated[bool, typer.Option("--small", help="A shorter year with fewer applicants.")] = False,
    whole: Annotated[bool, typer.Option("--all", help="All categories of both programmes.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="An empty directory; default a new one.")] = None,
) -> None:
    """Rehearse both programmes from the call to the released lists; exit 0 only if every promise held."""
    try:
        stack = Stack(_directory(data), profile="rehearsal", owned=not keep)
        cast = small_cast() if small else whole_cast() if whole else full_cast()
        held = _run(stack, keep=keep, cast=cast)
    except StackRefusal as refusal:
        print(refusal, file=sys.stderr)
        raise typer.Exit(1) from refusal
    raise typer.Exit(0 if held else 1)


def _run(stack: Stack, *, keep: bool, cast: Cast) -> bool:
    began = time.monotonic()
    finished = False
    print(f"演练数据目录：{stack.data.root}", flush=True)
    try:
        stack.start(progress=_parts)
        started = time.monotonic() - began
        print(f"服务器与五个服务就绪，用时 {started:.1f} 秒", flush=True)
        held = asyncio.run(rehearse(stack, cast=cast, started=started, keep=keep))
        finished = True
        return held
    finally:
        if not (keep and finished):
            stack.stop()


def _directory(data: Path | None) -> Path:
    """A new directory under `.data/demo`, where only the newest is kept; or the empty one given."""
    if data is None:
        _forget_earlier()
        return DEMOS / time.strftime("%Y%m%d-%H%M%S")
    if data.exists() and any(data.iterdir()):
        raise StackRefusal(f"{data} is not empty: a demo begins in an empty directory.")
    return data


def _forget_earlier() -> None:
    """Stop and remove what an earlier demo left behind, kept or not."""
    if not DEMOS.exists():
        return
    for folder in DEMOS.iterdir():
        if folder.is_dir():
            Stack(folder).stop()
            shutil.rmtree(folder, ignore_errors=True)


_shown: set[str] = set()


def _parts(rows: list[Row]) -> None:
    ready = [row.part for row in rows if row.ready and row.part not in _shown]
    _shown.update(ready)
    for part in ready:
        print(f"  {part} 就绪", flush=True)
