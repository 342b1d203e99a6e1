"""Making a backup of a running stack."""

from __future__ import annotations

import asyncio
import fcntl
import getpass
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deploy.backup import buckets, cluster, contents, manifest
from deploy.backup.checking import check
from deploy.backup.manifest import OBJECTS, KeptFile, LedgerHead, Manifest
from deploy.declared import settings_on
from deploy.stack import Stack
from deploy.stack.refusal import StackRefusal
from shared.infra.backups import BackupMade, record_backup, record_failure
from shared.infra.database import Database, Tx

_NEEDED = ("postgres", "s3")
KEYS = "keys"


def back_up(stack: Stack, folder: Path, say: Callable[[str], None]) -> BackupMade:
    """Back a running stack up into a new folder of `folder`, read it all again, and record it in office.

    The database goes first: a file is in S3 before a row says so, so every file that a row of the copy names is there
    when the files are copied afterwards.

    Raises:
        StackRefusal: nothing runs, the folder is another's, or what was written is not what was read.
    """
    _refuse_silent(stack)
    with _held(stack, folder):
        moment = datetime.now(UTC)
        unfinished, name = folder / f".{moment:%Y%m%dT%H%M%SZ}", f"{moment:%Y%m%dT%H%M%SZ}"
        try:
            made = _make(stack, unfinished, moment, say)
            unfinished.rename(folder / name)
            found = _told(name, *check(folder / name))
        except StackRefusal as refusal:
            reason = str(refusal).partition("\n")[0][:300]
            record(stack, lambda tx: record_failure(tx, name, reason))
            raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        assert found.digest == made
        record(stack, lambda tx: record_backup(tx, found))
    return found


def record(stack: Stack, row: Callable[[Tx], Awaitable[None]]) -> None:
    """Write a row of the audit in office."""

    async def write() -> None:
        database = Database(settings_on(stack, "office").database_url, "office", pool=1)
        try:
            async with database.transaction() as tx:
                await row(tx)
        finally:
            await database.close()

    asyncio.run(write())


def ledger_head(stack: Stack) -> LedgerHead | None:
    """The head of the ledger as office's database has it; None before office was ever started."""
    import asyncpg

    async def ask() -> LedgerHead | None:
        connection = await asyncpg.connect(settings_on(stack, "office").database_url)
        try:
            if await connection.fetchval("SELECT to_regclass('ledger_head')") is None:
                return None
            row = await connection.fetchrow("SELECT number, chain FROM ledger_head WHERE source = ''")
        finally:
            await connection.close()
        return LedgerHead(entries=row["number"], chain=row["chain"]) if row else None

    return asyncio.run(ask())


def _make(stack: Stack, unfinished: Path, moment: datetime, say: Callable[[str], None]) -> str:
    unfinished.mkdir(mode=0o700)
    birth, head, shared = stack.birth, ledger_head(stack), unfinished.parent / OBJECTS
    cluster.copy(stack, unfinished / cluster.FOLDER)
    say("PostgreSQL is copied: all databases as they were at one instant.")
    shutil.copytree(stack.data.keys, unfinished / KEYS)
    had = buckets.known(_before(unfinished.parent))
    objects = tuple(buckets.copy_out(buckets.client_of(stack), shared, had))
    say(f"{len(objects)} files in S3, {len(set(objects) - set(had.values()))} of them new since the backup before.")
    return manifest.write(
        unfinished,
        Manifest(
            made_at=moment,
            stack_id=birth.id,
            profile=birth.profile,
            storage=birth.storage,
            born_at=birth.born_at,
            rehearsal_offset_seconds=birth.rehearsal_offset_seconds,
            ports=birth.ports,
            postgres=cluster.version(),
            ledger=head,
            files=tuple(_files(unfinished)),
            objects=objects,
        ),
    )


def _files(folder: Path) -> Iterator[KeptFile]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        measured = contents.measure(path)
        yield KeptFile(path=str(path.relative_to(folder)), octets=measured.octets, sha256=measured.sha256)


def _before(folder: Path) -> tuple[manifest.KeptObject, ...]:
    finished = manifest.backups_in(folder)
    return manifest.read(finished[-1])[0].objects if finished else ()


def _told(name: str, kept: Manifest, digest: str) -> BackupMade:
    return BackupMade(
        name=name,
        digest=digest,
        octets=kept.octets,
        files=len(kept.objects),
        damaged=len(kept.damaged),
        system_user=getpass.getuser(),
    )


def _refuse_silent(stack: Stack) -> None:
    ready = {row.part for row in stack.status() if row.ready}
    if missing := [part for part in _NEEDED if part not in ready]:
        silent = " and ".join(missing)
        raise StackRefusal(f"{silent} must run in {stack.data.root} for a backup: start with `fangbang up`.")


@contextmanager
def _held(stack: Stack, folder: Path) -> Iterator[None]:
    """The folder, for this backup alone; refuses what is not a folder of this stack's backups."""
    if folder.is_relative_to(stack.data.root):
        raise StackRefusal(f"{folder} lies in the data directory and would be lost with it: name another place.")
    _refuse_foreign(stack, folder)
    (folder / OBJECTS).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackRefusal(f"Another backup into {folder} is under way.") from None
        yield
        os.sync()


def _refuse_foreign(stack: Stack, folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise StackRefusal(f"{folder} is a file: name a folder.")
    finished = manifest.backups_in(folder)
    if not finished and not (folder / OBJECTS).is_dir() and any(folder.iterdir()):
        raise StackRefusal(f"{folder} holds other things than backups: name an empty or a new folder.")
    if finished and (other := manifest.read(finished[-1])[0].stack_id) != stack.birth.id:
        raise StackRefusal(f"{folder} holds backups of another stack ({other}): name another folder.")
