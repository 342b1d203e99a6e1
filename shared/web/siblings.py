"""More web processes on one listening socket, so that requests use every core.

The first process starts, watches and ends the others; they end by themselves when it is gone.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable

from shared.infra.telemetry import log

FD = "FANGBANG_HTTP_FD"
_PAUSE_SECONDS = 1.0
_STOP_SECONDS = 25.0
_log = log(__name__)


def listening_socket(host: str, port: int, given: int | None) -> socket.socket:
    """The socket to answer on: the one that the first process handed over, or a new one."""
    if given is not None:
        return socket.socket(fileno=given)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.create_server((host, port), family=family, backlog=2048)
    made.set_inheritable(True)
    return made


async def keep_sibling(listening: socket.socket) -> None:
    """Run one more web process until cancelled; one that ends is begun anew."""
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            sys.modules["__main__"].__spec__.name,  # type: ignore[union-attr]
            "web",
            env={**os.environ, FD: str(listening.fileno())},
            pass_fds=(listening.fileno(),),
            stdin=asyncio.subprocess.PIPE,
        )
        try:
            code = await process.wait()
        finally:
            await _end(process)
        _log.warning("web_process_ended", code=code)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    if process.returncode is None:
        process.kill()
        await process.wait()


def end_with_first_process(stop: Callable[[], None]) -> None:
    """Call ``stop`` once the first process, which holds the other end of standard input, is gone."""

    def gone() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            stop()

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), gone)
