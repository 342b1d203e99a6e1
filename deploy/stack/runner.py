"""Keeping one part running: start, await readiness, record a crash, start again with back-off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from deploy.stack.commands import as_user
from deploy.stack.part import Part, PartFailed
from deploy.stack.processes import Identity

_POLL_SECONDS: Final = 0.05
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 10.0
_STABLE_SECONDS: Final = 20.0
_LOG_LIMIT_BYTES: Final = 20 * 1024 * 1024


@dataclass
class Condition:
    """What is known of a part, as `fangbang status` shows it."""

    state: str = "waiting"
    restarts: int = 0
    failures: int = 0
    last_exit: str = ""
    process: Identity | None = None


class Runner:
    """One part of the stack and the task that keeps it running."""

    def __init__(self, part: Part, log: Path, peers: dict[str, Runner], changed: Callable[[], None]) -> None:
        """Prepare to run `part`; `changed` is called after every change of its condition."""
        self.part = part
        self.condition = Condition()
        self.is_ready = asyncio.Event()
        self.is_spawning = False
        self._log = log
        self._env = {**os.environ, **part.env}
        self._peers = peers
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._renewing = False
        self._emptying = False
        self._pause = _FIRST_PAUSE_SECONDS

    @property
    def pid(self) -> int | None:
        """The id of the running process, if any."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self) -> None:
        """Keep the part running until `stop` is called."""
        while not self._stopping:
            began = time.monotonic()
            await self._live_once()
            await self._rest(time.monotonic() - began)
        self._set("stopped")

    async def _rest(self, lived_seconds: float) -> None:
        """Pause before the next start, the longer the more often the part ended early."""
        if self._stopping or self._renewing:
            self._renewing = False
            await self._empty()
            return
        if lived_seconds > _STABLE_SECONDS:
            self._pause = _FIRST_PAUSE_SECONDS
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _empty(self) -> None:
        """Remove the data that was asked to be removed, now that no process has it open."""
        if self._emptying and self.part.disposable is not None:
            await asyncio.to_thread(shutil.rmtree, self.part.disposable)
            self.part.disposable.mkdir()
        self._emptying = False

    async def renew(self, *, empty: bool = False) -> None:
        """Stop the process in an orderly way; `run` starts it again at once, without its data if `empty`."""
        if self.pid is not None:
            self._renewing = True
            self._emptying = empty
            self.is_ready.clear()
            self._set("restarting")
            await self._end()

    async def stop(self) -> None:
        """Stop the process for good: its stop signal, then SIGKILL after its time."""
        self._stopping = True
        self._set("stopping")
        await self._end()

    async def _live_once(self) -> None:
        try:
            await self._start()
            await self._become_ready()
        except PartFailed as failure:
            self._note_failure(str(failure))
            await self._end()
            return
        self._set_ready()
        await self._renew_dependents()
        await self._await_exit()

    async def _start(self) -> None:
        self._set("waiting")
        await self._wait_for(self.part.prepare_needs)
        self._set("preparing")
        await self.part.prepare()
        await self._wait_for(self.part.needs)
        if self._stopping:
            raise PartFailed("stopped while starting")
        await self._spawn()

    async def _wait_for(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name in self._peers:
                await self._peers[name].is_ready.wait()

    async def _spawn(self) -> None:
        _rotate(self._log)
        with self._log.open("ab") as output, self._spawning():
            self._process = await asyncio.create_subprocess_exec(
                *self.part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._env,
                cwd=self.part.cwd,
                start_new_session=True,
                **as_user(self.part.uid),
            )
        with contextlib.suppress(psutil.Error):
            self.condition.process = Identity.of(self._process.pid)
        self._set("starting")

    @contextlib.contextmanager
    def _spawning(self) -> Iterator[None]:
        self.is_spawning = True
        try:
            yield
        except OSError as failure:
            raise PartFailed(f"could not be started: {failure}") from failure
        finally:
            self.is_spawning = False

    async def _become_ready(self) -> None:
        deadline = time.monotonic() + self.part.ready_seconds
        while not await self.part.ready():
            self._refuse_dead()
            if time.monotonic() > deadline:
                raise PartFailed(f"not ready after {self.part.ready_seconds:.0f} s")
            await asyncio.sleep(_POLL_SECONDS)
        self._refuse_dead()
        await self.part.complete()

    def _refuse_dead(self) -> None:
        if self.pid is None:
            raise PartFailed(f"ended while starting with {self._exit_text()}")

    def _set_ready(self) -> None:
        self.condition.failures = 0
        self.is_ready.set()
        self._set("ready")

    async def _renew_dependents(self) -> None:
        if self.condition.restarts > 0:
            for name in self.part.renews:
                await self._peers[name].renew()

    async def _await_exit(self) -> None:
        assert self._process is not None
        await self._process.wait()
        self.is_ready.clear()
        if not self._stopping and not self._renewing:
            self.condition.restarts += 1
            self._note_exit(self._exit_text())

    def _note_failure(self, text: str) -> None:
        self.is_ready.clear()
        self.condition.failures += 1
        self._note_exit(text)

    def _note_exit(self, text: str) -> None:
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {self.part.name}: {text}", flush=True)
        self.condition.last_exit = text
        self._set("down")

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.part.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), self.part.stop_seconds)
        except TimeoutError:
            self.condition.last_exit = f"killed: did not stop within {self.part.stop_seconds:.0f} s"
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def _exit_text(self) -> str:
        code = self._process.returncode if self._process else None
        if code is None:
            return "no exit code"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def _set(self, state: str) -> None:
        self.condition.state = state
        self._changed()


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
