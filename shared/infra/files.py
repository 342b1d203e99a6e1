"""S3 through the MinIO API: quarantine, the locked evidence bucket, dossiers, public files.

The client library is synchronous; every call runs in a thread.
"""

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import IO, Any, TypeVar
from urllib.parse import quote, urlsplit

from minio import Minio
from minio.commonconfig import GOVERNANCE, REPLACE, CopySource
from minio.datatypes import Part as S3Part
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
_GONE = ("NoSuchKey", "NoSuchObject", "NoSuchUpload", "NoSuchVersion")
_DIGEST = "sha256"
_CHUNK = 1024 * 1024

Answer = TypeVar("Answer")


class DamagedDossier(Exception):
    """The bytes under a digest do not hash to it."""


@dataclass(frozen=True)
class Fetched:
    """What was read of an object: bytes, SHA-256 in hex, and the tag under which exactly these bytes can be copied."""

    size: int
    sha256: str
    etag: str


@dataclass(frozen=True)
class UploadedPart:
    """A part of an unfinished upload: its number from 1, bytes, and the tag the server gave it."""

    number: int
    size: int
    etag: str


@dataclass(frozen=True)
class UnfinishedUpload:
    """An upload in parts that was begun and not joined."""

    key: str
    upload_id: str
    begun_at: datetime


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
            if trouble.code in _GONE:
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
            if trouble.code in _GONE:
                return None
            raise
        return int(found.size)

    async def fetch(self, bucket: str, key: str, into: IO[bytes], version_id: str | None = None) -> Fetched | None:
        """Copy an object into a local file, hashing on the way; None if there is none."""

        def read() -> Fetched:
            answer = self.client.get_object(bucket, key, version_id=version_id)
            digest, size = sha256(), 0
            try:
                for chunk in answer.stream(_CHUNK):
                    digest.update(chunk)
                    into.write(chunk)
                    size += len(chunk)
            finally:
                answer.close()
                answer.release_conn()
            into.flush()
            return Fetched(size, digest.hexdigest(), answer.headers["etag"].strip('"'))

        try:
            return await asyncio.to_thread(read)
        except S3Error as trouble:
            if trouble.code in _GONE:
                return None
            raise

    async def remove(self, bucket: str, key: str) -> None:
        """Remove an object (quarantine only: evidence is locked)."""
        await self._run(self.client.remove_object, bucket, key)

    async def lock_in(self, key: str, fetched: Fetched, media_type: str, until: datetime) -> str:
        """Copy the quarantined bytes that were fetched server-side into the locked bucket; returns the version id.

        The copy is bound to the tag of what was read: bytes that were exchanged since are refused by the server. A
        copy of the same bytes that is there already (of a process that died before it could say so) is taken.
        """
        there = await self._newest_version(key, fetched.sha256)
        if there is not None:
            return there
        try:
            copied = await self._run(
                self.client.copy_object,
                EVIDENCE,
                key,
                CopySource(QUARANTINE, key, match_etag=fetched.etag),
                metadata={_DIGEST: fetched.sha256, "Content-Type": media_type},
                metadata_directive=REPLACE,
                retention=Retention(GOVERNANCE, until),
            )
        except S3Error as trouble:
            there = await self._newest_version(key, fetched.sha256) if trouble.code in _GONE else None
            if there is None:
                raise
            return there  # whoever did the same beside us was quicker, and has cleared quarantine
        if copied.version_id is None:
            raise RuntimeError("the evidence bucket keeps no versions")
        return str(copied.version_id)

    async def locked_version(self, key: str, version_id: str, sha256: str) -> str | None:
        """Under which version a locked file lies; None if nowhere.

        A server that was filled from a backup gave the same bytes another version: the newest under the key then, if
        it was locked in with this SHA-256.
        """
        try:
            await self._run(self.client.stat_object, EVIDENCE, key, version_id=version_id)
        except S3Error as trouble:
            if trouble.code not in _GONE:
                raise
            return await self._newest_version(key, sha256)
        return version_id

    async def _newest_version(self, key: str, sha256: str) -> str | None:
        try:
            found = await self._run(self.client.stat_object, EVIDENCE, key)
        except S3Error as trouble:
            if trouble.code in _GONE:
                return None
            raise
        return str(found.version_id) if found.metadata.get(f"x-amz-meta-{_DIGEST}") == sha256 else None

    # -- uploads in parts: the client library has these calls, but not by public names ---------------------------------

    async def begin_parts(self, key: str, media_type: str) -> str:
        """Begin an upload in parts into quarantine; returns its id there."""
        headers = {"Content-Type": media_type}
        return str(await self._run(self.client._create_multipart_upload, QUARANTINE, key, headers))

    def part_link(self, key: str, upload_id: str, number: int) -> str:
        """A presigned PUT of one part on the file origin, for ten minutes."""
        return str(
            self._signing.get_presigned_url(
                "PUT",
                QUARANTINE,
                key,
                expires=timedelta(minutes=UPLOAD_MINUTES),
                extra_query_params={"uploadId": upload_id, "partNumber": str(number)},
            )
        )

    async def parts_there(self, key: str, upload_id: str) -> list[UploadedPart] | None:
        """The parts that have come; None when the upload was joined, dropped or forgotten."""
        try:
            found = await self._run(self.client._list_parts, QUARANTINE, key, upload_id, max_parts=1000)
        except S3Error as trouble:
            if trouble.code in _GONE:
                return None
            raise
        return [UploadedPart(one.part_number, int(one.size or 0), one.etag) for one in found.parts]

    async def join_parts(self, key: str, upload_id: str, parts: Sequence[UploadedPart]) -> None:
        """Make one quarantined object of the parts; the presigned addresses end with it."""
        ordered = [S3Part(one.number, one.etag) for one in sorted(parts, key=lambda one: one.number)]
        await self._run(self.client._complete_multipart_upload, QUARANTINE, key, upload_id, ordered)

    async def drop_parts(self, key: str, upload_id: str) -> None:
        """Forget an upload in parts and what came of it."""
        try:
            await self._run(self.client._abort_multipart_upload, QUARANTINE, key, upload_id)
        except S3Error as trouble:
            if trouble.code not in _GONE:
                raise

    async def unfinished_uploads(self) -> list[UnfinishedUpload]:
        """Every upload in parts that nobody joined (the first thousand)."""
        found = await self._run(self.client._list_multipart_uploads, QUARANTINE, max_uploads=1000)
        return [
            UnfinishedUpload(one.object_name, one.upload_id, one.initiated_time)
            for one in found.uploads
            if one.upload_id is not None and one.initiated_time is not None
        ]

    async def quarantined(self) -> Mapping[str, datetime]:
        """What lies in quarantine, and since when."""
        lying = await asyncio.to_thread(lambda: list(self.client.list_objects(QUARANTINE, recursive=True)))
        return {str(one.object_name): one.last_modified for one in lying if one.last_modified is not None}

    def upload_form(self, key: str, limit: int = SMALL_UPLOAD_LIMIT) -> tuple[str, dict[str, str]]:
        """A presigned POST into quarantine: exact key, size 1..limit bytes, ten minutes. Returns (url, fields)."""
        policy = PostPolicy(QUARANTINE, SystemClock().now() + timedelta(minutes=UPLOAD_MINUTES))
        policy.add_equals_condition("key", key)
        policy.add_content_length_range_condition(1, limit)
        fields = dict(self._signing.presigned_post_policy(policy))
        return f"{self.public_origin}/{QUARANTINE}", {"key": key, **fields}

    def download_link(
        self, bucket: str, key: str, version_id: str | None = None, *, name: str | None = None, minutes: int = 10
    ) -> str:
        """A presigned GET on the file origin; with a name the browser saves the file under it and never shows it."""
        headers: Any = {"response-content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"} if name else None
        return str(
            self._signing.presigned_get_object(
                bucket, key, expires=timedelta(minutes=minutes), version_id=version_id, response_headers=headers
            )
        )

    async def _run(self, call: Any, *arguments: Any, **options: Any) -> Any:
        return await asyncio.to_thread(lambda: call(*arguments, **options))
