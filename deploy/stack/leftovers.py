"""Ending what a supervisor left behind that was itself killed."""

from __future__ import annotations

import json
from contextlib import suppress

import psutil

from deploy.stack.layout import DataDir
from deploy.stack.processes import Identity, family, kill, marked


def end_leftovers(data: DataDir) -> int:
    """Kill every process of an earlier run of this stack; returns how many there were.

    Called while holding the lock of the data directory, so no supervisor of it lives.
    """
    return kill(_found(data).values())


def _found(data: DataDir) -> dict[int, psutil.Process]:
    processes = [*family(recorded(data)), *marked(data.root)]
    return {process.pid: process for process in processes if process.pid != psutil.Process().pid}


def recorded(data: DataDir) -> list[Identity]:
    """The processes of the stack that the last supervisor wrote down, itself first."""
    with suppress(FileNotFoundError):
        state = json.loads(data.state_file.read_text())
        return [Identity(*pair) for pair in (state["supervisor"], *state["parts"].values())]
    return []


def alive(data: DataDir) -> list[psutil.Process]:
    """Every process of the stack that lives now, whoever started it."""
    found = {process.pid: process for process in (*family(recorded(data)), *marked(data.root))}
    return list(found.values())
