"""Requests to a running supervisor: one line of JSON there, one line back, on a private Unix socket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

_SECONDS = 40.0


async def serve(path: Path, answer: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]) -> asyncio.Server:
    """Listen on `path`, answering each request by `answer`."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if line:
            writer.write(json.dumps(await answer(json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    path.unlink(missing_ok=True)
    return await asyncio.start_unix_server(handle, path)


def ask(path: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """The supervisor's answer, or None when none listens on `path` or it is ending."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_SECONDS)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as answers:
                line = answers.readline()
        except (FileNotFoundError, ConnectionError):
            return None
    return json.loads(line) if line else None
