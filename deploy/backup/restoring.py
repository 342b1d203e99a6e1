"""Laying a backup down in an empty place, and bringing what it holds back to life."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy import rebuild as rebuilding
from deploy.backup import buckets, cluster
from deploy.backup.checking import check
from deploy.backup.making import KEYS, ledger_head, record
from deploy.backup.manifest import OBJECTS, Manifest, backups_in
from deploy.stack import Stack
from deploy.stack import birth as births
from deploy.stack.birth import Birth
from deploy.stack.layout import DataDir
from deploy.stack.refusal import StackRefusal
from shared.infra.backups import record_restore


def chosen(path: Path) -> Path:
    """The backup that is meant by `path`: itself, or the newest in the folder."""
    if (path / OBJECTS).is_dir():
        finished = backups_in(path)
        if not finished:
            raise StackRefusal(f"There is no finished backup in {path}.")
        return finished[-1]
    return path


def restore(backup: Path, data: DataDir, say: Callable[[str], None], *, services: bool | Sequence[str] = True) -> Stack:
    """Lay `backup` down in `data`, start it, and put everything running back on its way; returns the running stack.

    Raises:
        StackRefusal: the place is not empty, the backup is damaged or needs another PostgreSQL; nothing was written,
            or what was written lies beside the place and says so.
    """
    refuse_taken(data)
    kept, digest = check(backup)
    _refuse_other_postgres(kept)
    say("The backup is whole.")
    fill(backup, kept, data)
    say("Databases, keys and files are laid down.")
    stack = Stack(data.root, services=services, owned=False)
    stack.start()
    record(stack, lambda tx: record_restore(tx, backup.name, digest))
    rebuilding.rebuild_services(stack, rebuilding.running_services(stack))
    say("Facts are published and workflows started again.")
    return stack


def refuse_taken(data: DataDir) -> None:
    """Refuse a place where anything lies."""
    if data.root.exists() and (not data.root.is_dir() or any(data.root.iterdir())):
        raise StackRefusal(f"{data.root} is not empty: a backup is laid down in an empty or a new folder only.")


def _refuse_other_postgres(kept: Manifest) -> None:
    if kept.postgres != cluster.version():
        raise StackRefusal(
            f"The backup was made with PostgreSQL {kept.postgres}, here is {cluster.version()}: "
            "restore with the version it was made with, and upgrade then."
        )


def fill(backup: Path, kept: Manifest, data: DataDir) -> None:
    """Fill the place, under another name first, so that half of a stack is never taken for whole; nothing runs then."""
    unfinished = DataDir(data.root.with_name(f"{data.root.name}.restoring"))
    if unfinished.root.exists():
        raise StackRefusal(f"{unfinished.root} is left from a restore that did not end: remove it and restore again.")
    # The same addresses, where nobody has taken them; a new id, because files outside are called by it.
    birth = Birth(
        id=secrets.token_hex(6),
        profile=kept.profile,
        storage=kept.storage,
        born_at=kept.born_at,
        rehearsal_offset_seconds=kept.rehearsal_offset_seconds,
        ports=kept.ports,
    )
    unfinished.root.mkdir(parents=True, mode=0o700)
    shutil.copytree(backup / KEYS, unfinished.keys)
    births.save(unfinished, birth, {})
    cluster.lay_down(backup / cluster.FOLDER, unfinished, birth)
    with Stack(unfinished.root, services=False) as servers:
        buckets.put_back(buckets.client_of(servers), backup.parent / OBJECTS, kept.objects)
        _refuse_other_ledger(servers, kept)
    _lay_public_files(backup, kept, unfinished)
    if data.root.exists():
        data.root.rmdir()
    unfinished.root.rename(data.root)


def _refuse_other_ledger(servers: Stack, kept: Manifest) -> None:
    """The ledger goes at least as far as it did when the backup began."""
    found = ledger_head(servers)
    if kept.ledger and (found is None or found.entries < kept.ledger.entries):
        raise StackRefusal(f"The restored ledger ends before entry {kept.ledger.entries}, which the backup states.")


def _lay_public_files(backup: Path, kept: Manifest, data: DataDir) -> None:
    """Released lists and bundles lie in the public folder too, where the site serves them from."""
    for one in kept.objects:
        if one.bucket == "public":
            target = data.public / one.key
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(backup.parent / OBJECTS / one.sha256[:2] / one.sha256, target)
