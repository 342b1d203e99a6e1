"""What the servers must be before a service starts; each refusal is a sentence that says what to do."""

import asyncio
import io
from datetime import timedelta
from pathlib import Path

import httpx
from minio.commonconfig import COMPLIANCE, ENABLED
from minio.error import S3Error
from minio.retention import Retention
from sqlalchemy import text

from shared.infra.clocks import SystemClock, new_id
from shared.infra.database import Database
from shared.infra.files import EVIDENCE, QUARANTINE, Files
from shared.infra.messaging import WrongEnvironment
from shared.infra.migrating import INFRA_MIGRATIONS, head
from shared.infra.settings import Profile, Settings


async def require_migrated(database: Database, migrations: Path) -> None:
    """Refuse a database whose migrations are not at the newest revision."""
    async with database.engine.connect() as connection:
        for schema, folder in (("infra", INFRA_MIGRATIONS), ("public", migrations)):
            found = await connection.execute(
                text("SELECT to_regclass(:name) IS NOT NULL"), {"name": f"{schema}.alembic_version"}
            )
            revision = None
            if found.scalar_one():
                row = await connection.execute(text(f"SELECT version_num FROM {schema}.alembic_version"))  # noqa: S608 - ours
                revision = row.scalar_one_or_none()
            if revision != head(folder):
                raise WrongEnvironment(
                    f"migrations of {database.service} ({schema}) are at {revision}, needed is {head(folder)}:"
                    f" run `python -m services.{database.service} migrate`"
                )


async def require_profile(database: Database, profile: Profile) -> None:
    """Refuse a rehearsal database in a real stack and the reverse."""
    born = await database.stack()
    if born is None:
        raise WrongEnvironment(f"the database of {database.service} has no birth row: run the migrate role first")
    if born.profile != profile:
        raise WrongEnvironment(
            f"this database was born as {born.profile} and the stack is {profile.value}: use another data directory"
        )


async def require_evidence_store(files: Files, settings: Settings) -> None:
    """Refuse an S3 server that cannot keep evidence: lock, versions, legal hold, POST limits, conditional put."""
    for name, check in (
        ("object lock and versions (create the evidence bucket with object lock)", _lock_holds),
        ("legal hold", _hold_holds),
        ("size limits of presigned POST", _post_is_limited),
    ):
        try:
            held = await check(files)
        except (S3Error, httpx.HTTPError) as trouble:
            raise WrongEnvironment(
                f"S3 at {settings.s3_endpoint} failed the evidence check '{name}': {trouble}"
            ) from trouble
        if not held:
            raise WrongEnvironment(
                f"S3 at {settings.s3_endpoint} does not enforce {name}: choose a server that passes the evidence suite"
            )


async def _lock_holds(files: Files) -> bool:
    """A version under retention cannot be deleted, and an overwritten one is still there."""
    key = f"conformance/{files.service}-lock"
    until = SystemClock().now() + timedelta(seconds=20)

    def run() -> bool:
        client = files.client
        if client.get_bucket_versioning(EVIDENCE).status != ENABLED:
            return False
        first = client.put_object(EVIDENCE, key, io.BytesIO(b"1"), 1, retention=Retention(COMPLIANCE, until))
        second = client.put_object(EVIDENCE, key, io.BytesIO(b"2"), 1)
        if first.version_id is None or first.version_id == second.version_id:
            return False
        try:
            client.remove_object(EVIDENCE, key, version_id=first.version_id)
        except S3Error:
            client.remove_object(EVIDENCE, key, version_id=second.version_id)
            return True
        return False

    return await asyncio.to_thread(run)


async def _hold_holds(files: Files) -> bool:
    """A version under legal hold cannot be deleted."""
    key = f"conformance/{files.service}-hold"

    def run() -> bool:
        client = files.client
        put = client.put_object(EVIDENCE, key, io.BytesIO(b"1"), 1)
        client.enable_object_legal_hold(EVIDENCE, key, put.version_id)
        try:
            client.remove_object(EVIDENCE, key, version_id=put.version_id)
        except S3Error:
            client.disable_object_legal_hold(EVIDENCE, key, put.version_id)
            client.remove_object(EVIDENCE, key, version_id=put.version_id)
            return True
        return False

    return await asyncio.to_thread(run)


async def _post_is_limited(files: Files) -> bool:
    """A presigned POST takes what fits its range and refuses what is larger."""
    key = f"conformance/{new_id()}"
    url, fields = files.upload_form(key, limit=10)
    async with httpx.AsyncClient(timeout=10) as client:
        large = await client.post(url, data=fields, files={"file": b"x" * 11})
        small = await client.post(url, data=fields, files={"file": b"x" * 10})
    if small.is_success:
        await files.remove(QUARANTINE, key)
    return small.is_success and not large.is_success
