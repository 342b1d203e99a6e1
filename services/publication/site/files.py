"""Public files: scanned for personal numbers, then written whole by rename."""

import os
from collections.abc import Collection
from pathlib import Path
from uuid import uuid4

from services.publication.domain.scanning import require_clean
from shared.kernel.canonical import digest_bytes


def write_public(root: Path, path: str, content: bytes, allowed_codes: Collection[str] = ()) -> str:
    """Write a public file under the public folder and return its digest; unchanged bytes are left alone.

    Text is scanned first; a PDF is not text: whoever renders it scans what it is rendered from.

    Raises:
        PersonalData: the file holds a personal number; nothing is written.
    """
    if not path.endswith((".pdf", ".zip")):
        require_clean(path, content.decode("utf-8"), allowed_codes)
    target = root / path.lstrip("/")
    if not (target.is_file() and target.read_bytes() == content):
        _replace(target, content)
    return digest_bytes(content)


def _replace(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{uuid4().hex}")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.chmod(0o644)
    unfinished.replace(target)
