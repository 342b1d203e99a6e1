"""The files of a stack: out of its S3 server into contents by SHA-256, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error
from minio.retention import Retention

from deploy.backup import contents
from deploy.backup.manifest import KeptObject
from deploy.stack import Stack
from deploy.stack.names import LOCKED_BUCKETS
from deploy.stack.refusal import StackRefusal

ORDER: Final = ("quarantine", "evidence", "dossiers", "public")
"""Files go from quarantine into evidence: what leaves the one before it is read is found in the other."""

_PIECE: Final = 1024 * 1024
_DIGEST: Final = "sha256"
_GONE: Final = ("NoSuchKey", "NoSuchVersion", "NoSuchObject")

Known = Mapping[tuple[str, str, str | None, str], KeptObject]
"""Objects of the backup before, by bucket, key, version and tag."""


def known(objects: Sequence[KeptObject]) -> Known:
    """What needs no reading again."""
    return {(one.bucket, one.key, one.version_id, one.etag): one for one in objects}


def client_of(stack: Stack) -> Minio:
    """The operator's hands on S3."""
    return Minio(
        f"127.0.0.1:{stack.birth.port('s3')}",
        access_key=stack.keys.access_key("operator"),
        secret_key=stack.keys.password("s3", "operator"),
        secure=False,
        region="us-east-1",
    )


def copy_out(client: Minio, folder: Path, had: Known) -> Iterator[KeptObject]:
    """Every version of every object; only contents that `folder` does not have are read."""
    for bucket in ORDER:
        # A bucket lists the newest version of a key first; they are laid down again oldest first.
        for found in reversed(list(client.list_objects(bucket, recursive=True, include_version=True))):
            version = None if found.version_id in (None, "null") else found.version_id
            same = had.get((bucket, str(found.object_name), version, _tag(found.etag)))
            if same is not None and contents.place(folder, same.sha256).exists():
                yield same
            elif not found.is_delete_marker:
                with suppress(_Vanished):
                    yield _copy_one(client, folder, bucket, str(found.object_name), version)


class _Vanished(Exception):
    """It was listed, and has left its bucket since."""


def _copy_one(client: Minio, folder: Path, bucket: str, key: str, version: str | None) -> KeptObject:
    try:
        answer = client.get_object(bucket, key, version_id=version)
    except S3Error as trouble:
        if trouble.code in _GONE and bucket not in LOCKED_BUCKETS:
            raise _Vanished from trouble
        raise
    try:
        measured = contents.take_in(folder, answer.stream(_PIECE))
        headers = answer.headers
    finally:
        answer.close()
        answer.release_conn()
    stated = headers.get(f"x-amz-meta-{_DIGEST}", measured.sha256)
    return KeptObject(
        bucket=bucket,
        key=key,
        version_id=version,
        etag=_tag(headers["etag"]),
        octets=measured.octets,
        sha256=measured.sha256,
        media_type=headers.get("content-type", "application/octet-stream"),
        retain_until=_until(headers.get("x-amz-object-lock-retain-until-date")),
        stated=None if stated == measured.sha256 else stated,
    )


def put_back(client: Minio, folder: Path, objects: Sequence[KeptObject]) -> None:
    """Write every object again, the locked ones locked until the same instant.

    The server gives new version ids; who reads a locked file by an old one finds it by its SHA-256.

    Raises:
        StackRefusal: the server did not take one.
    """
    for one in objects:
        try:
            _put_back(client, contents.place(folder, one.sha256), one)
        except S3Error as trouble:
            raise StackRefusal(f"S3 did not take {one.bucket}/{one.key}: {trouble.code}.") from trouble


def _put_back(client: Minio, content: Path, one: KeptObject) -> None:
    until = one.retain_until if one.retain_until and one.retain_until > datetime.now(UTC) else None
    with content.open("rb") as file:
        client.put_object(
            one.bucket,
            one.key,
            file,
            one.octets,
            content_type=one.media_type,
            metadata={_DIGEST: one.stated or one.sha256} if one.bucket in LOCKED_BUCKETS else None,
            retention=Retention(GOVERNANCE, until) if until else None,
        )


def _tag(etag: str | None) -> str:
    return (etag or "").strip('"')


def _until(header: Any) -> datetime | None:
    return datetime.fromisoformat(str(header).replace("Z", "+00:00")) if header else None
