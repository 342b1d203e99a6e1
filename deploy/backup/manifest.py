"""What a backup consists of: the manifest, its digest, and reading both back."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from deploy.stack.refusal import StackRefusal
from shared.kernel.canonical import canonical, digest_bytes

FORMAT: Final = "fangbang-backup-1"
MANIFEST: Final = "manifest.json"
DIGEST: Final = "manifest.sha256"
OBJECTS: Final = "objects"
"""The folder beside the backups that they share: each content once, under its SHA-256."""


class Frozen(BaseModel):
    """A part of the manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KeptFile(Frozen):
    """A file of this backup alone: its path within it, octets, SHA-256."""

    path: str
    octets: int
    sha256: str


class KeptObject(Frozen):
    """A version of an object in S3; its content lies under `sha256` in the shared folder.

    `etag` and `version_id` are what the server called it: the next backup knows by them what it has already.
    """

    bucket: str
    key: str
    version_id: str | None
    etag: str
    octets: int
    sha256: str
    media_type: str
    retain_until: datetime | None = None
    stated: str | None = None
    """The SHA-256 it was locked in with, where that is another: it was damaged in S3 already."""


class LedgerHead(Frozen):
    """How many entries the ledger had when the backup began, and the chain over them; none: nothing was there yet."""

    entries: int
    chain: str


class Manifest(Frozen):
    """All of a backup."""

    format: Literal["fangbang-backup-1"] = FORMAT
    made_at: datetime
    stack_id: str
    profile: str
    storage: str
    born_at: str
    rehearsal_offset_seconds: int
    ports: dict[str, int]
    postgres: str
    ledger: LedgerHead | None
    files: tuple[KeptFile, ...]
    objects: tuple[KeptObject, ...]

    @property
    def octets(self) -> int:
        """All of it, a content that several objects share counted once."""
        contents = {one.sha256: one.octets for one in self.objects}
        return sum(one.octets for one in self.files) + sum(contents.values())

    @property
    def damaged(self) -> list[str]:
        """Objects that were damaged before they were copied."""
        return [f"{one.bucket}/{one.key}" for one in self.objects if one.stated]


def write(folder: Path, manifest: Manifest) -> str:
    """Write manifest and digest; returns the digest."""
    content = canonical(manifest)
    (folder / MANIFEST).write_bytes(content)
    (folder / DIGEST).write_text(f"{digest_bytes(content)}  {MANIFEST}\n")
    return digest_bytes(content)


def read(folder: Path) -> tuple[Manifest, str]:
    """The manifest of the backup in `folder` and its digest; refuses one that is damaged or of another kind."""
    try:
        content, stated = (folder / MANIFEST).read_bytes(), (folder / DIGEST).read_text().split()[:1]
    except FileNotFoundError:
        raise StackRefusal(f"{folder} is not a backup, or one that was never finished: it has no manifest.") from None
    found = digest_bytes(content)
    if stated != [found]:
        raise StackRefusal(f"{folder / MANIFEST} is damaged: its SHA-256 is {found}, not the one beside it.")
    try:
        return Manifest.model_validate(json.loads(content)), found
    except ValueError:
        raise StackRefusal(f"{folder / MANIFEST} is not of the format {FORMAT} that is read here.") from None


def backups_in(folder: Path) -> list[Path]:
    """The finished backups of a folder, oldest first."""
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith("."))
