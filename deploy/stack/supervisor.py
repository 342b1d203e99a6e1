"""The process that keeps a stack running; `fangbang up` starts it in the background.

It holds a lock on the data directory as long as it lives, takes requests on a Unix socket, and ends
only after every process it started has ended.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.stack import birth as births
from deploy.stack import plan
from deploy.stack.control import serve
from deploy.stack.files import write_json
from deploy.stack.keys import Keys
from deploy.stack.layout import DataDir
from deploy.stack.leftovers import end_leftovers
from deploy.stack.names import SERVICES
from deploy.stack.part import Part
from deploy.stack.processes import MARK, Identity, adopt_orphans, end_children, end_orphans, memory_bytes
from deploy.stack.refusal import StackRefusal
from deploy.stack.runner import Runner
from deploy.stack.settings import settings_for, write_env

_INHERITED = ("HOME", "LANG", "TMPDIR", "USER", "FANGBANG_POSTGRES_USER", "FANGBANG_CACHE", "FANGBANG_CLAMAV")


@dataclass(frozen=True)
class Owner:
    """A process with whose end the stack ends; tests name themselves."""

    identity: Identity

    async def ended(self) -> None:
        """Return when the owner is gone."""
        while self.identity.process() is not None:
            await asyncio.sleep(1)


class Supervisor:
    """The parts of one running stack."""

    def __init__(self, data: DataDir, parts: Sequence[Part]) -> None:
        """Prepare to run the stack in `data` with these parts."""
        self._data = data
        self._stopped = asyncio.Event()
        self._identity = Identity.of(os.getpid())
        self._runners: dict[str, Runner] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        for part in parts:
            self._runners[part.name] = Runner(part, data.log(part.name), self._runners, self._changed)

    async def run(self, owner: Owner | None) -> None:
        """Run until asked to stop, then end every process in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._stopped.set)
        watch = asyncio.create_task(self._stop_with(owner)) if owner else None
        async with await serve(self._data.control_socket, self._answer):
            for name, runner in self._runners.items():
                self._tasks[name] = asyncio.create_task(runner.run())
                self._tasks[name].add_done_callback(self._stop_on_error)
            await self._stopped.wait()
            await self._stop_all()
        if watch:
            watch.cancel()

    def _stop_on_error(self, task: asyncio.Task[None]) -> None:
        """A part whose keeper itself failed can no longer be kept: say so and end the stack in order."""
        if not task.cancelled() and task.exception() is not None:
            traceback.print_exception(task.exception())
            self._stopped.set()

    def _changed(self) -> None:
        """Note the processes for whoever must clean up after us, and react to one that ended."""
        write_json(self._data.state_file, self._state(), mode=0o600)
        if any(runner.condition.state == "down" for runner in self._runners.values()):
            self._end_orphans()

    def _end_orphans(self) -> None:
        """Kill what a crashed part left, but not while a new part is so young that its id is not known yet."""
        if any(runner.is_spawning for runner in self._runners.values()):
            asyncio.get_running_loop().call_later(0.05, self._end_orphans)
        else:
            end_orphans(self._known())

    def _state(self) -> dict[str, Any]:
        identities = {name: runner.condition.process for name, runner in self._runners.items()}
        recorded = {name: [each.pid, each.started] for name, each in identities.items() if each}
        return {"supervisor": [self._identity.pid, self._identity.started], "parts": recorded}

    def _known(self) -> set[int]:
        return {runner.pid for runner in self._runners.values() if runner.pid}

    async def _stop_with(self, owner: Owner) -> None:
        await owner.ended()
        self._stopped.set()

    async def _stop_all(self) -> None:
        for group in plan.STOP_ORDER:
            await asyncio.gather(*(self._stop(name) for name in group if name in self._runners))
        while end_children():
            await asyncio.sleep(0.05)
        for runner in self._runners.values():
            for path in runner.part.leftovers:
                path.unlink(missing_ok=True)
        shutil.rmtree(self._data.sockets, ignore_errors=True)

    async def _stop(self, name: str) -> None:
        await self._runners[name].stop()
        task = self._tasks[name]
        task.cancel()
        await asyncio.wait([task])

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request:
            case {"do": "status", "memory": bool(memory)}:
                return {"parts": await self._status(memory)}
            case {"do": "restart", "part": str(name)} if name in self._runners:
                await self._runners[name].renew()
                return {"ok": True}
            case {"do": "wipe", "part": str(name)} if self._is_disposable(name):
                await self._runners[name].renew(empty=True)
                return {"ok": True}
            case {"do": "wipe", "part": str(name)}:
                return {"refused": f"{name} is not running or keeps what nothing else can bring back."}
            case {"do": "restart", "part": str(name)}:
                return {"refused": f"There is no part {name!r}; there are: {', '.join(self._runners)}."}
            case {"do": "stop"}:
                self._stopped.set()
                return {"ok": True}
        return {"refused": "The request is not one that the supervisor knows."}

    def _is_disposable(self, name: str) -> bool:
        """Whether `name` runs and its data may be removed."""
        runner = self._runners.get(name)
        return runner is not None and runner.part.disposable is not None and runner.pid is not None

    async def _status(self, memory: bool) -> list[dict[str, Any]]:
        return list(await asyncio.gather(*(_row(runner, memory) for runner in self._runners.values())))


async def _row(runner: Runner, memory: bool) -> dict[str, Any]:
    condition = runner.condition
    return {
        "part": runner.part.name,
        "state": condition.state,
        "pid": runner.pid,
        "port": runner.part.port,
        "restarts": condition.restarts,
        "failures": condition.failures,
        "last_exit": condition.last_exit,
        "ready": condition.state == "ready" and await runner.part.ready(),
        "memory": memory_bytes(runner.pid) if memory and runner.pid else 0,
    }


def main() -> None:
    """Start from the command line: `python -m deploy.stack.supervisor --data DIR`."""
    arguments = _arguments()
    data = DataDir(Path(arguments.data))
    with data.lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("A supervisor already runs on this data directory.")
        try:
            _run(data, arguments)
        except StackRefusal as refusal:
            sys.exit(str(refusal))


def _run(data: DataDir, arguments: argparse.Namespace) -> None:
    _clean_environment(data)
    end_leftovers(data)
    birth = births.load(data)
    assert birth is not None, "the stack is born before its supervisor starts"
    keys = Keys.load(data)
    birth = births.with_free_ports(birth)
    settings = {name: settings_for(name, data, birth, keys) for name in SERVICES}
    for name, values in settings.items():
        write_env(name, data, values)
    births.save(data, birth, settings)
    adopt_orphans()
    owner = Owner(Identity(int(arguments.owner[0]), float(arguments.owner[1]))) if arguments.owner else None
    parts = plan.parts(data, birth, keys, arguments.service, dict(pair.split("=", 1) for pair in arguments.setting))
    asyncio.run(_supervise(data, parts, owner))


async def _supervise(data: DataDir, parts: Sequence[Part], owner: Owner | None) -> None:
    await Supervisor(data, parts).run(owner)


def _clean_environment(data: DataDir) -> None:
    """Keep of the caller's environment only what servers need, and mark every child as ours."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    os.environ.clear()
    os.environ.update({"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **kept, MARK: str(data.root)})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--service", action="append", default=[])
    parser.add_argument("--setting", action="append", default=[])
    parser.add_argument("--owner", nargs=2, metavar=("PID", "STARTED"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
