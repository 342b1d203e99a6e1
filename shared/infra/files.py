"""S3 through the MinIO API: quarantine, the locked evidence bucket, dossiers, public files.

The client library is synchronous; every call runs in a thread.
"""

import asyncio
import io
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from minio import Minio
from minio.commonconfig import GOVERNANCE, CopySource
from minio.datatypes import PostPolicy
from minio.error import S3Error
from minio.retention import Retention

from shared.infra.clocks import SystemClock
from shared.infra.settings import Settings
from shared.kernel.canonical import digest_bytes

QUARANTINE, EVIDENCE, DOSSIERS, PUBLIC = "quarantine", "evidence", "dossiers", "public"
SMALL_UPLOAD_LIMIT = 8 * 1024 * 1024
UPLOAD_MINUTES = 10
RETENTION_DAYS = 365 * 10

Answer = TypeVar("Answer")


class DamagedDossier(Exception):
    """The bytes under a digest do not hash to it."""


class Files:
    """One service's hands on S3, with its own credentials."""

    def __init__(self, settings: Settings) -> None:
        access, secret = settings.s3_access_key, settings.s3_secret_key.get_secret_value()
        self.service = settings.service
        self.client = Minio(
            settings.s3_endpoint, access_key=access, secret_key=secret, secure=settings.s3_secure, region="us-east-1"
        )
        self.public_origin = settings.s3_public_origin
        origin = urlsplit(settings.s3_public_origin)
        self._signing = Minio(
            origin.netloc, access_key=access, secret_key=secret, secure=origin.scheme == "https", region="us-east-1"
        )

    async def put_dossier(self, digest: str, content: bytes) -> None:
        """Write a dossier of this service under its digest."""
        await self.put(DOSSIERS, f"{self.service}/{digest}.json", content, "application/json")

    async def get_dossier(self, source: str, digest: str) -> bytes:
        """Read a dossier another service handed over; refuses bytes that do not hash to the digest."""
        content = await self.get(DOSSIERS, f"{source}/{digest}.json")
        if digest_bytes(content) != digest:
            raise DamagedDossier(f"{source}/{digest}")
        return content

    async def has_dossier(self, source: str, digest: str) -> bool:
        """Whether a dossier lies in S3."""
        try:
            await self._run(self.client.stat_object, DOSSIERS, f"{source}/{digest}.json")
        except S3Error as trouble:
            if trouble.code in ("NoSuchKey", "NoSuchObject"):
                return False
            raise
        return True

    async def put(self, bucket: str, key: str, content: bytes, content_type: str) -> str | None:
        """Write an object; returns its version id, if the bucket keeps versions."""
        written = await self._run(
            self.client.put_object, bucket, key, io.BytesIO(content), len(content), content_type=content_type
        )
        version: str | None = written.version_id
        return version

    async def get(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        """Read a whole object."""

        def read() -> bytes:
            answer = self.client.get_object(bucket, key, version_id=version_id)
            try:
                return bytes(answer.read())
            finally:
                answer.close()
                answer.release_conn()

        return await asyncio.to_thread(read)

    async def size(self, bucket: str, key: str) -> int | None:
        """Size of an object in bytes, or None if there is none."""
        try:
            found = await self._run(self.client.stat_object, bucket, key)
        except S3Error as trouble:
            if trouble.code in ("NoSuchKey", "NoSuchObject"):
                return None
            raise
        return int(found.size)

    async def remove(self, bucket: str, key: str) -> None:
        """Remove an object (quarantine only: evidence is locked)."""
        await self._run(self.client.remove_object, bucket, key)

    async def lock_in(self, key: str, target: str, until: datetime) -> str:
        """Copy a quarantined object server-side into the locked evidence bucket; returns its version id there."""
        copied = await self._run(
            self.client.copy_object,
            EVIDENCE,
            target,
            CopySource(QUARANTINE, key),
            retention=Retention(GOVERNANCE, until),
        )
        if copied.version_id is None:
            raise RuntimeError("the evidence bucket keeps no versions")
        return str(copied.version_id)

    def upload_form(self, key: str, limit: int = SMALL_UPLOAD_LIMIT) -> tuple[str, dict[str, str]]:
        """A presigned POST into quarantine: exact key, size 1..limit bytes, ten minutes. Returns (url, fields)."""
        policy = PostPolicy(QUARANTINE, SystemClock().now() + timedelta(minutes=UPLOAD_MINUTES))
        policy.add_equals_condition("key", key)
        policy.add_content_length_range_condition(1, limit)
        fields = dict(self._signing.presigned_post_policy(policy))
        return f"{self.public_origin}/{QUARANTINE}", {"key": key, **fields}

    def download_link(self, bucket: str, key: str, version_id: str | None = None, minutes: int = 10) -> str:
        """A presigned GET on the file origin."""
        return str(
            self._signing.presigned_get_object(bucket, key, expires=timedelta(minutes=minutes), version_id=version_id)
        )

    async def _run(self, call: Any, *arguments: Any, **options: Any) -> Any:
        return await asyncio.to_thread(lambda: call(*arguments, **options))
