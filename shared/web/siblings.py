"""More web processes on one port, so that requests use every core.

The first process starts, watches and ends the others; they end by themselves when it is gone.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable

from shared.infra.telemetry import log

SIBLING = "FANGBANG_WEB_SIBLING"
_PAUSE_SECONDS = 1.0
_STOP_SECONDS = 25.0
_log = log(__name__)


def listening_socket(host: str, port: int, *, several: bool, sibling: bool) -> socket.socket:
    """This process's own socket on the port.

    Where several processes answer, the kernel deals the connections out among their sockets. Of a socket that they
    share, whoever wakes first takes all connections that wait, and answers them alone for as long as they last.

    Raises:
        OSError: somebody else listens on the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if several and not sibling:
        socket.create_server((host, port), family=family).close()  # a port that may be shared is never refused
    return socket.create_server((host, port), family=family, backlog=2048, reuse_port=several)


async def keep_sibling() -> None:
    """Run one more web process until cancelled; one that ends is begun anew."""
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            sys.modules["__main__"].__spec__.name,  # type: ignore[union-attr]
            "web",
            env={**os.environ, SIBLING: "true"},
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
