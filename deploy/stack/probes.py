"""Small questions asked of a server to see whether it is ready; they answer within a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

_SECONDS = 1.0
_LIMIT_BYTES = 16_384


def answers(port: int, path: str, *, status: int = 200) -> Callable[[], Awaitable[bool]]:
    """Whether `GET path` on the loopback `port` answers with `status`."""
    return _asks(port, _get(port, path), _has_status(status))


def accepts_upload(port: int, path: str, *, status: int = 201) -> Callable[[], Awaitable[bool]]:
    """Whether a small file put at `path` on the loopback `port` is taken with `status`."""
    head = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
    return _asks(port, f"{head}Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nready", _has_status(status))


def says(port: int, path: str, text: str) -> Callable[[], Awaitable[bool]]:
    """Whether the body of `GET path` on the loopback `port` contains `text`."""
    return _asks(port, _get(port, path), lambda answer: text.encode() in answer)


def listens(*ports: int) -> Callable[[], Awaitable[bool]]:
    """Whether something accepts connections on every one of the loopback `ports`."""

    async def probe() -> bool:
        return all([await _connects(port) for port in ports])

    return probe


def succeeds(*command: str) -> Callable[[], Awaitable[bool]]:
    """Whether a short command exits with 0."""

    async def probe() -> bool:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait() == 0

    return probe


def _asks(port: int, request: str, expected: Callable[[bytes], bool]) -> Callable[[], Awaitable[bool]]:
    async def probe() -> bool:
        try:
            return expected(await asyncio.wait_for(_exchange(port, request), _SECONDS))
        except (OSError, TimeoutError, ValueError, IndexError):
            return False

    return probe


def _get(port: int, path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"


def _has_status(status: int) -> Callable[[bytes], bool]:
    return lambda answer: int(answer.split(maxsplit=2)[1]) == status


async def _exchange(port: int, request: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request.encode())
        return await reader.read(_LIMIT_BYTES)
    finally:
        writer.close()


async def _connects(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), _SECONDS)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
