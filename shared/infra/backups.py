"""What is known of backups: each leaves a row of the audit, and the operators' page reads the newest.

The command line (``fangbang backup | restore``) writes them into office's database, where they go into the ledger.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from shared.infra.database import Tx
from shared.infra.tables import Audit


class BackupMade(BaseModel):
    """A backup whose every byte was read again and is as its manifest says; ``digest``: SHA-256 of the manifest;
    ``damaged``: files that were not what they were locked in as before they were copied."""

    name: str
    digest: str
    octets: int
    files: int
    damaged: int
    system_user: str


class LastBackup(BaseModel):
    """The newest backup, when a later one failed and why, and when this system was laid down from one."""

    made_at: datetime | None = None
    made: BackupMade | None = None
    failed_at: datetime | None = None
    failed: str | None = None
    restored_at: datetime | None = None

    def late(self, now: datetime, hours: int) -> bool:
        """Whether there is none, or it is older than ``hours``."""
        return self.made_at is None or now - self.made_at > timedelta(hours=hours)


async def record_backup(tx: Tx, made: BackupMade) -> None:
    """That a backup was made and read again."""
    await tx.audit(
        "backup.made",
        name=made.name,
        digest=made.digest,
        octets=made.octets,
        files=made.files,
        damaged=made.damaged,
        system_user=made.system_user,
    )


async def record_failure(tx: Tx, name: str, reason: str) -> None:
    """That a backup was begun and came to nothing."""
    await tx.audit("backup.failed", name=name, reason=reason)


async def record_restore(tx: Tx, name: str, digest: str) -> None:
    """That this system was laid down from a backup; what was done after the backup is not in it."""
    await tx.audit("backup.restored", name=name, digest=digest)


async def last_backup(tx: Tx) -> LastBackup:
    """What the operators' page says of backups."""
    made, failed, restored = [await _newest(tx, f"backup.{end}") for end in ("made", "failed", "restored")]
    newer = failed if failed and (made is None or failed.recorded_at > made.recorded_at) else None
    return LastBackup(
        made_at=made.recorded_at if made else None,
        made=BackupMade.model_validate(made.details) if made else None,
        failed_at=newer.recorded_at if newer else None,
        failed=str(newer.details["reason"]) if newer else None,
        restored_at=restored.recorded_at if restored else None,
    )


async def _newest(tx: Tx, action: str) -> Audit | None:
    rows = select(Audit).where(col(Audit.action) == action).order_by(col(Audit.id).desc()).limit(1)
    return (await tx.session.execute(rows)).scalar_one_or_none()
