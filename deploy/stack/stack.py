"""The stack as Python code sees it: tests, the command line and the rehearsal start it through this."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import psutil

from deploy.stack import birth as births
from deploy.stack.birth import Birth
from deploy.stack.control import ask
from deploy.stack.keys import Keys
from deploy.stack.layout import REPOSITORY, DataDir
from deploy.stack.leftovers import alive, end_leftovers
from deploy.stack.names import SERVICES
from deploy.stack.processes import Identity
from deploy.stack.refusal import StackRefusal
from deploy.stack.settings import settings_for

_MAX_FAILURES: Final = 3
_START_SECONDS: Final = 180.0
_STOP_SECONDS: Final = 90.0


@dataclass(frozen=True)
class Row:
    """One part as `fangbang status` shows it; memory is PSS in bytes with all child processes."""

    part: str
    state: str
    pid: int | None
    port: int | None
    restarts: int
    failures: int
    last_exit: str
    ready: bool
    memory: int


class Stack:
    """One stack in one data directory; as a context manager it stops at the end."""

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        profile: str | None = None,
        services: bool | Sequence[str] = True,
        storage: str | None = None,
        ports: Mapping[str, int] | None = None,
        settings: Mapping[str, str] | None = None,
        owned: bool = True,
    ) -> None:
        """Name a stack without starting it.

        `profile` and `storage` are fixed at first start (default `real`, `seaweedfs`) and refused when they
        differ later. `services` is True for all five, False for servers only, or names. `settings` are
        further environment variables for every service. An `owned` stack ends with this process, even when
        this process is killed.
        """
        self.data = DataDir.at(data)
        self._wanted = {"profile": profile, "storage": storage}
        self._ports = dict(ports or {})
        self._services = _chosen(services)
        self._settings = dict(settings or {})
        self._owned = owned
        self._supervisor: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the stack and wait until it is ready."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the stack."""
        self.stop()

    @property
    def birth(self) -> Birth:
        """What was fixed when the stack was born; refused before the first start."""
        birth = births.load(self.data)
        if birth is None:
            raise StackRefusal(f"No stack was ever started in {self.data.root}: start one with `fangbang up`.")
        return birth

    @property
    def keys(self) -> Keys:
        """The generated secrets of this stack."""
        return Keys.load(self.data)

    def settings_for(self, service: str) -> dict[str, str]:
        """Every FANGBANG_ variable of `service`."""
        return settings_for(service, self.data, self.birth, self.keys)

    def is_running(self) -> bool:
        """Whether a supervisor runs this stack."""
        if not self.data.lock_file.exists():
            return False
        with self.data.lock_file.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def start(self, *, progress: Callable[[list[Row]], None] | None = None) -> None:
        """Start everything and wait until all parts are ready; refused when it runs already.

        When a part fails three times before it was ready, or three minutes pass, all is stopped and the end
        of that part's log is in the refusal.
        """
        if self.is_running():
            raise StackRefusal(f"The stack in {self.data.root} already runs: see `fangbang status`.")
        birth = births.born(
            self.data,
            profile=self._wanted["profile"],
            storage=self._wanted["storage"],
            fixed=self._ports,
        )
        self.data.make()
        keys = Keys.load(self.data)
        births.save(self.data, birth, {name: settings_for(name, self.data, birth, keys) for name in SERVICES})
        self._reap()
        self._supervisor = self._launch()
        self._await_start(self._supervisor, progress)

    def status(self, *, memory: bool = False) -> list[Row]:
        """One row a part, asked live; empty when the stack does not run. Memory takes a moment to sum."""
        answer = ask(self.data.control_socket, {"do": "status", "memory": memory})
        return [Row(**row) for row in answer["parts"]] if answer else []

    def restart(self, part: str, *, seconds: float = 60.0) -> None:
        """Stop one part in an orderly way and wait until it is ready again."""
        self._ask({"do": "restart", "part": part})
        self.wait_ready(part, seconds=seconds)

    def wipe(self, part: str) -> None:
        """Restart one part without its data, and wait until it is ready; refused for what cannot be rebuilt."""
        self._ask({"do": "wipe", "part": part})
        self.wait_ready(part)

    def kill(self, part: str) -> int:
        """SIGKILL the process of `part`, as a crash would end it; returns its process id."""
        pid = self._row(part).pid
        if pid is None:
            raise StackRefusal(f"{part} has no process now: wait until it is ready.")
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_ready(self, part: str, *, seconds: float = 60.0, other_than: int | None = None) -> Row:
        """Wait until `part` is ready, as another process than `other_than` if given."""
        deadline = time.monotonic() + seconds
        while True:
            row = self._row(part)
            if row.ready and row.pid != other_than:
                return row
            if time.monotonic() > deadline:
                raise StackRefusal(f"{part} is not ready after {seconds:.0f} s: see `fangbang logs {part}`.")
            time.sleep(0.05)

    def stop(self) -> None:
        """End every process of the stack in order; what a killed supervisor left is killed."""
        if self.is_running():
            self._stop_supervisor()
        if self.data.root.exists():
            end_leftovers(self.data)
        self._reap()

    def log_end(self, part: str, lines: int = 20) -> str:
        """The last lines of the log of `part`."""
        log = self.data.log(part)
        if not log.exists():
            return ""
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

    def _reap(self) -> None:
        """Take note that the supervisor this process started, if any, has ended."""
        if self._supervisor:
            self._supervisor.wait()
            self._supervisor = None

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "deploy.stack.supervisor", "--data", str(self.data.root)]
        command += [word for name in self._services for word in ("--service", name)]
        command += [word for pair in self._settings.items() for word in ("--setting", "=".join(pair))]
        if self._owned:
            me = Identity.of(os.getpid())
            command += ["--owner", str(me.pid), repr(me.started)]
        with self.data.log("supervisor").open("ab") as log:
            return subprocess.Popen(
                command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _await_start(self, supervisor: subprocess.Popen[bytes], progress: Callable[[list[Row]], None] | None) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if supervisor.poll() is not None:
                ending = self.log_end("supervisor", 5)
                raise StackRefusal(f"The supervisor ended while the stack was starting:\n{ending}")
            rows = self.status()
            if progress and rows:
                progress(rows)
            if rows and all(row.ready for row in rows):
                return
            self._refuse_failed(rows, late=time.monotonic() > deadline)
            time.sleep(0.1)

    def _refuse_failed(self, rows: list[Row], *, late: bool) -> None:
        failed = [row for row in rows if row.failures >= _MAX_FAILURES or (late and not row.ready)]
        if failed or late:
            self.stop()
            named = [f"{row.part}: {row.last_exit or row.state}\n{self.log_end(row.part)}" for row in failed]
            raise StackRefusal("The stack did not start.\n" + "\n".join(named))

    def _stop_supervisor(self) -> None:
        """Ask until it has ended; a supervisor that only just started does not listen at once."""
        processes = alive(self.data)
        deadline = time.monotonic() + _STOP_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            ask(self.data.control_socket, {"do": "stop"})
            time.sleep(0.1)
        psutil.wait_procs(processes, timeout=5)

    def _row(self, part: str) -> Row:
        rows = self.status()
        for row in rows:
            if row.part == part:
                return row
        if rows:
            raise StackRefusal(f"There is no part {part!r}; there are: {', '.join(row.part for row in rows)}.")
        raise StackRefusal(f"The stack in {self.data.root} does not run: start it with `fangbang up`.")

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = ask(self.data.control_socket, request)
        if answer is None:
            raise StackRefusal(f"The stack in {self.data.root} does not run: start it with `fangbang up`.")
        if "refused" in answer:
            raise StackRefusal(answer["refused"])
        return answer


def _chosen(services: bool | Sequence[str]) -> tuple[str, ...]:
    if isinstance(services, bool):
        return SERVICES if services else ()
    for name in services:
        if name not in SERVICES:
            raise StackRefusal(f"There is no service {name!r}; there are: {', '.join(SERVICES)}.")
    return tuple(services)
