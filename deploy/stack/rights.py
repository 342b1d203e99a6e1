"""What each service may do with files, in words of our own; each S3 server is told in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

READ: Final = "read"
LIST: Final = "list"
WRITE: Final = "write"
LOCK: Final = "lock"
"""Set and read retention and legal hold; nobody may bypass a lock."""


@dataclass(frozen=True)
class Right:
    """Acts allowed on the objects of a bucket, or on those whose key begins with `prefix`."""

    bucket: str
    acts: tuple[str, ...]
    prefix: str = ""


def rights_of(service: str) -> list[Right]:
    """Everyone reads dossiers and writes their own; files belong to submission, experts see evidence."""
    rights = [
        Right("dossiers", (READ, LIST)),
        Right("dossiers", (WRITE,), f"{service}/"),
        Right("public", (READ, LIST, WRITE)),
    ]
    if service == "submission":
        rights.append(Right("quarantine", (READ, LIST, WRITE)))
        rights.append(Right("evidence", (READ, LIST, WRITE, LOCK)))
    if service == "review":
        rights.append(Right("evidence", (READ,)))
    return rights
