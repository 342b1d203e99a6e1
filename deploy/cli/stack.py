"""`fangbang up | down | status | logs | restart`: the local stack."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.refusals import refusals_as_sentences
from deploy.cli.stack_table import print_rows
from deploy.stack import Row, Stack, StackRefusal

Data = Annotated[Path | None, typer.Option("--data", help="Data directory; default $FANGBANG_DATA, else .data.")]


def up(
    data: Data = None,
    profile: Annotated[str | None, typer.Option(help="rehearsal or real, fixed at first start; default real.")] = None,
    servers_only: Annotated[bool, typer.Option("--servers-only", help="Start no service.")] = False,
    services: Annotated[str | None, typer.Option(help="Only these services, separated by commas.")] = None,
    s3: Annotated[str | None, typer.Option(help="seaweedfs or minio, fixed at first start.")] = None,
    port: Annotated[list[str] | None, typer.Option(help="NAME=NUMBER fixes a port, such as pages=8080.")] = None,
) -> None:
    """Start the stack in the background; says so when it runs already."""
    chosen: bool | list[str] = services.split(",") if services else not servers_only
    with refusals_as_sentences():
        stack = Stack(data, profile=profile, services=chosen, storage=s3, ports=_ports(port or []), owned=False)
        if stack.is_running():
            _already(stack, profile)
            return
        began = time.monotonic()
        stack.start(progress=_Progress().show)
        print(f"Ready after {time.monotonic() - began:.1f} s.")
        _addresses(stack)


def down(data: Data = None) -> None:
    """Stop every process of the stack; does nothing when none runs."""
    with refusals_as_sentences():
        stack = Stack(data)
        was_running = stack.is_running()
        stack.stop()
        print("Stopped." if was_running else f"No stack runs in {stack.data.root}.")


def status(data: Data = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show every part; exit 0 only if all are ready."""
    with refusals_as_sentences():
        stack = Stack(data)
        rows = stack.status(memory=True)
        if as_json:
            print(json.dumps([asdict(row) for row in rows], indent=2))
        elif rows:
            print_rows(rows)
        else:
            print(f"{'A stack is starting' if stack.is_running() else 'No stack runs'} in {stack.data.root}.")
    raise typer.Exit(0 if rows and all(row.ready for row in rows) else 1)


def logs(
    part: str,
    data: Data = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until interrupted.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n")] = 50,
) -> None:
    """Print the end of the log of one part (or of `supervisor`)."""
    with refusals_as_sentences():
        stack = Stack(data)
        log = stack.data.log(part)
        if not log.exists():
            known = sorted(path.stem for path in stack.data.logs.glob("*.log"))
            raise StackRefusal(f"There is no log of {part!r}; there are: {', '.join(known) or 'none yet'}.")
        print(stack.log_end(part, lines))
        if follow:
            _follow(log)


def restart(part: str, data: Data = None) -> None:
    """Stop and start one part, and wait until it is ready."""
    with refusals_as_sentences():
        Stack(data).restart(part)
        print(f"{part} is ready again.")


class _Progress:
    """Prints each part once, when it becomes ready."""

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def show(self, rows: list[Row]) -> None:
        for row in rows:
            if row.ready and row.part not in self._shown:
                self._shown.add(row.part)
                print(f"  {row.part} is ready", flush=True)


def _already(stack: Stack, profile: str | None) -> None:
    if profile is not None and profile != stack.birth.profile:
        raise StackRefusal(f"The stack in {stack.data.root} already runs, with profile {stack.birth.profile!r}.")
    print(f"The stack in {stack.data.root} already runs.")
    _addresses(stack)


def _addresses(stack: Stack) -> None:
    print(f"Pages     {stack.birth.page_origin}")
    print(f"Temporal  {stack.birth.temporal_ui}")


def _ports(given: list[str]) -> dict[str, int]:
    ports = {}
    for item in given:
        name, _, number = item.partition("=")
        if not number.isdecimal() or not 0 < int(number) < 65_536:
            raise StackRefusal(f"--port takes NAME=NUMBER such as pages=8080, not {item!r}.")
        ports[name] = int(number)
    return ports


def _follow(log: Path) -> None:
    with log.open(errors="replace") as file:
        file.seek(0, 2)
        while True:
            line = file.readline()
            if line:
                print(line, end="", flush=True)
            else:
                time.sleep(0.2)
