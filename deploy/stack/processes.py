"""Finding and ending processes for certain: by id and start time, never by name."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

MARK: Final = "FANGBANG_STACK_OF"
"""Environment variable that every process of a stack inherits; its value is the data directory."""

_PR_SET_CHILD_SUBREAPER: Final = 36


@dataclass(frozen=True)
class Identity:
    """A process id with its start time, so that a reused id is never mistaken for it."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Identity:
        """The identity of a living process."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process, if it is still this one and not a zombie."""
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 0.05
            if same and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


def adopt_orphans() -> None:
    """Make this process the parent of every orphan among its descendants (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans(known: Iterable[int]) -> int:
    """Kill and reap what processes of parts left to us when they died; returns how many there were.

    `known` are the living parts. Short commands of our own are children too: they, unlike every part and
    whatever a part starts, run in our own session.
    """
    living = {*known}
    session = os.getsid(0)
    children = [child.pid for child in psutil.Process().children() if child.pid not in living]
    return _end(pid for pid in children if _session(pid) != session)


def end_children() -> int:
    """Kill and reap every child of this process; returns how many there were."""
    return _end(child.pid for child in psutil.Process().children())


def _end(pids: Iterable[int]) -> int:
    ended = 0
    for pid in pids:
        ended += 1
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return ended


def _session(pid: int) -> int | None:
    with suppress(ProcessLookupError):
        return os.getsid(pid)
    return None


def family(roots: Iterable[Identity]) -> list[psutil.Process]:
    """Living processes among `roots` and all their descendants."""
    found: dict[int, psutil.Process] = {}
    for root in roots:
        process = root.process()
        if process is not None:
            with suppress(psutil.Error):
                found.update({child.pid: child for child in (process, *process.children(recursive=True))})
    return list(found.values())


def marked(data: Path) -> list[psutil.Process]:
    """Living processes of this user that inherited the mark of the stack in `data`."""
    wanted = f"{MARK}={data}".encode()
    found = []
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
            if wanted in environment.split(b"\0") and process.pid != os.getpid():
                found.append(process)
    return found


def kill(processes: Iterable[psutil.Process], *, wait_seconds: float = 5.0) -> int:
    """SIGKILL each process (psutil checks its start time) and wait for the end; returns how many."""
    ended = list(processes)
    for process in ended:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(ended, timeout=wait_seconds)
    return len(ended)


def memory_bytes(pid: int) -> int:
    """Proportional memory (PSS) of a process and all its descendants, 0 when it is gone."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return sum(_pss(each.pid) for each in (process, *process.children(recursive=True)))
    return 0


def _pss(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
