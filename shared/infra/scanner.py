"""The virus scanner: ClamAV's daemon, asked over its own socket. What it did not look at in full is never clean.

Its limits fail open: by default it says OK of a file that it stopped reading. So a scanner counts only when it says
that it stopped (``AlertExceedsMax yes``), which is tried out with an archive nested deeper than it can follow.
"""

import asyncio
import contextlib
import io
import struct
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import IO, Literal
from urllib.parse import urlsplit

_CHUNK = 256 * 1024
_LENGTH = struct.Struct(">I")
_STOPPED = ("Heuristics.Limits.Exceeded", "Heuristics.Encrypted")
_DEEP = 150
CONNECT_SECONDS, SCAN_SECONDS = 5.0, 120.0


@dataclass(frozen=True)
class Scan:
    """What the scanner said: ``clean``, ``infected`` with the name of what it found, or ``unscanned`` with why."""

    verdict: Literal["clean", "infected", "unscanned"]
    found: str = ""
    by: str = ""


class Scanner:
    """A ClamAV daemon at ``tcp://host:port`` or ``unix:///path``."""

    def __init__(self, address: str) -> None:
        """Name it without asking it anything.

        Raises:
            ValueError: the address is neither.
        """
        self._place = urlsplit(address)
        if self._place.scheme not in ("tcp", "unix") or not (self._place.port or self._place.path):
            raise ValueError(f"{address!r} is no scanner: write tcp://host:port or unix:///path")

    async def scan(self, file: IO[bytes]) -> Scan:
        """Have a file read to its end; trouble of any kind is ``unscanned``."""
        try:
            async with asyncio.timeout(SCAN_SECONDS):
                by = await self._ask(b"zVERSION\0")
                if _verdict(await self._stream(io.BytesIO(_nested()))).verdict == "clean":
                    return Scan("unscanned", "AlertExceedsMax is off: it does not say what it skips", by)
                said = _verdict(await self._stream(file))
                return Scan(said.verdict, said.found, by)
        except (OSError, EOFError, TimeoutError) as trouble:
            return Scan("unscanned", f"unreachable: {type(trouble).__name__}")

    async def _stream(self, file: IO[bytes]) -> str:
        """The daemon's answer to the bytes of a file; it may answer and hang up before they are all sent."""
        async with self._connection() as (reader, writer):
            with contextlib.suppress(ConnectionError):
                writer.write(b"zINSTREAM\0")
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    writer.write(_LENGTH.pack(len(chunk)) + chunk)
                    await writer.drain()
                writer.write(_LENGTH.pack(0))
                await writer.drain()
            return await _answer(reader)

    async def _ask(self, command: bytes) -> str:
        async with self._connection() as (reader, writer):
            writer.write(command)
            return await _answer(reader)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        async with asyncio.timeout(CONNECT_SECONDS):
            if self._place.scheme == "unix":
                reader, writer = await asyncio.open_unix_connection(self._place.path)
            else:
                reader, writer = await asyncio.open_connection(self._place.hostname, self._place.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\0"))[:-1].decode(errors="replace").strip()


def _verdict(said: str) -> Scan:
    """``stream: OK``, ``stream: NAME FOUND``, or anything else, which is no verdict on the file."""
    said = said.removeprefix("stream: ")
    if said == "OK":
        return Scan("clean")
    if said.endswith(" FOUND"):
        name = said.removesuffix(" FOUND")
        return Scan("unscanned", name) if name.startswith(_STOPPED) else Scan("infected", name)
    return Scan("unscanned", said)


@cache
def _nested() -> bytes:
    """An archive in an archive in an archive …, deeper than any limit that can be set."""
    content = b"nothing"
    for _ in range(_DEEP):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.zip", content)
        content = packed.getvalue()
    return content
