"""Holding a backup against its manifest, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deploy.backup import cluster, manifest
from deploy.backup.contents import Measured, measure, place
from deploy.backup.manifest import DIGEST, MANIFEST, OBJECTS, Manifest
from deploy.stack.refusal import StackRefusal

_NAMED: Final = 10


def check(backup: Path) -> tuple[Manifest, str]:
    """Read every file that the manifest names; returns the manifest and its digest.

    Raises:
        StackRefusal: something is missing, damaged or too much; named.
    """
    kept, digest = manifest.read(backup)
    wrong = [*_wrong_files(backup, kept), *_wrong_contents(backup.parent / OBJECTS, kept)]
    if wrong:
        more = f"\n… and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise StackRefusal(f"{backup} is damaged:\n" + "\n".join(wrong[:_NAMED]) + more)
    cluster.prove(backup / cluster.FOLDER)
    return kept, digest


def _wrong_files(backup: Path, kept: Manifest) -> Iterator[str]:
    named = {one.path: Measured(one.octets, one.sha256) for one in kept.files}
    for path, expected in named.items():
        yield from _wrong(backup / path, expected)
    there = {str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file()}
    yield from (f"{path}: not in the manifest" for path in sorted(there - named.keys() - {MANIFEST, DIGEST}))


def _wrong_contents(folder: Path, kept: Manifest) -> Iterator[str]:
    contents = {one.sha256: (one.octets, f"{one.bucket}/{one.key}") for one in kept.objects}
    for sha256, (octets, name) in contents.items():
        yield from (f"{said} ({name})" for said in _wrong(place(folder, sha256), Measured(octets, sha256)))


def _wrong(path: Path, expected: Measured) -> Iterator[str]:
    if not path.is_file():
        yield f"{path}: missing"
    elif measure(path) != expected:
        yield f"{path}: not the bytes that were backed up"
