"""Contents by their SHA-256, written once; and hashing files in pieces."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

_PIECE: Final = 1024 * 1024


@dataclass(frozen=True)
class Measured:
    """Octets and SHA-256 of what was read or written."""

    octets: int
    sha256: str


def measure(path: Path) -> Measured:
    """Read a file through."""
    with path.open("rb") as file:
        return _through(iter(lambda: file.read(_PIECE), b""))


def write_through(path: Path, pieces: Iterable[bytes]) -> Measured:
    """Write a file to the disk itself, measuring on the way."""
    with path.open("xb") as file:
        measured = _through(pieces, file.write)
        file.flush()
        os.fsync(file.fileno())
    return measured


def place(folder: Path, digest: str) -> Path:
    """Where the content with this SHA-256 lies."""
    return folder / digest[:2] / digest


def take_in(folder: Path, pieces: Iterable[bytes]) -> Measured:
    """Write a content under its SHA-256; what is there already stays as it is."""
    unfinished = folder / f".{secrets.token_hex(8)}"
    try:
        measured = write_through(unfinished, pieces)
        final = place(folder, measured.sha256)
        if not final.exists():
            final.parent.mkdir(exist_ok=True)
            unfinished.rename(final)
    finally:
        unfinished.unlink(missing_ok=True)
    return measured


def _through(pieces: Iterable[bytes], write: Callable[[bytes], object] = bool) -> Measured:
    digest, octets = sha256(), 0
    for piece in pieces:
        digest.update(piece)
        octets += len(piece)
        write(piece)
    return Measured(octets, digest.hexdigest())
