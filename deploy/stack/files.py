"""Writing small files whole, so that a reader never sees half of one."""

from __future__ import annotations

import json
import os
from pathlib import Path


def write_text(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace `path` by `text` in one step, with permission bits `mode`."""
    write_bytes(path, text.encode(), mode=mode)


def write_bytes(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` by `content` in one step, with permission bits `mode`."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.chmod(mode)
    unfinished.replace(path)


def write_json(path: Path, value: object, *, mode: int = 0o644) -> None:
    """Replace `path` by `value` as indented JSON."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n", mode=mode)
