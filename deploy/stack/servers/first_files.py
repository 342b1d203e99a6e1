"""What an S3 server is told once: the buckets, and at MinIO also users and policies.

Run in a process of its own (`python -m deploy.stack.servers.first_files DIR`), so that the supervisor,
which stays in memory, loads no S3 client.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from deploy.stack import birth as births
from deploy.stack.birth import Birth
from deploy.stack.commands import run
from deploy.stack.keys import Keys
from deploy.stack.layout import REPOSITORY, DataDir
from deploy.stack.names import BUCKETS, LOCKED_BUCKETS, SERVICES
from deploy.stack.part import PartFailed
from deploy.stack.rights import LIST, LOCK, READ, WRITE, Right, rights_of


async def make_buckets(data: DataDir) -> None:
    """Run this module; raises PartFailed when the server refused something."""
    command = (sys.executable, "-m", "deploy.stack.servers.first_files", str(data.root))
    if await run(command, log=data.log("s3"), cwd=REPOSITORY) != 0:
        raise PartFailed("the buckets could not be made: see the log")


def tell(data: DataDir) -> None:
    """Create every missing bucket, the locked ones with object lock; at MinIO the users too."""
    birth, keys = births.load(data), Keys.load(data)
    assert birth is not None
    _make_missing_buckets(birth, keys)
    if birth.storage == "minio":
        _make_users(birth, keys)


def _make_missing_buckets(birth: Birth, keys: Keys) -> None:
    from minio import Minio

    client = Minio(
        f"127.0.0.1:{birth.port('s3')}",
        access_key=keys.access_key("operator"),
        secret_key=keys.password("s3", "operator"),
        secure=False,
        region="us-east-1",
    )
    for bucket in BUCKETS:
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket, object_lock=bucket in LOCKED_BUCKETS)


def _make_users(birth: Birth, keys: Keys) -> None:
    from minio import MinioAdmin
    from minio.credentials.providers import StaticProvider

    operator = StaticProvider(keys.access_key("operator"), keys.password("s3", "operator"))
    admin = MinioAdmin(endpoint=f"127.0.0.1:{birth.port('s3')}", credentials=operator, secure=False)
    for service in SERVICES:
        admin.user_add(keys.access_key(service), keys.password("s3", service))
        admin.policy_add(service, policy=_policy(service))
        admin.policy_set(service, user=keys.access_key(service))


_OBJECT_ACTIONS: Final = {
    READ: ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging"],
    WRITE: [
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObjectTagging",
        "s3:ListMultipartUploadParts",
        "s3:AbortMultipartUpload",
    ],
    LOCK: ["s3:PutObjectRetention", "s3:GetObjectRetention", "s3:PutObjectLegalHold", "s3:GetObjectLegalHold"],
}
_BUCKET_ACTIONS: Final = [
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
    "s3:GetBucketObjectLockConfiguration",
]


def _policy(service: str) -> dict[str, Any]:
    statements = [statement for right in rights_of(service) for statement in _statements(right)]
    return {"Version": "2012-10-17", "Statement": statements}


def _statements(right: Right) -> list[dict[str, Any]]:
    actions = [action for act in right.acts for action in _OBJECT_ACTIONS.get(act, [])]
    statements = [_allow(actions, f"{right.bucket}/{right.prefix}*")] if actions else []
    if LIST in right.acts:
        statements.append(_allow(_BUCKET_ACTIONS, right.bucket))
    return statements


def _allow(actions: list[str], place: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": [f"arn:aws:s3:::{place}"]}


if __name__ == "__main__":
    tell(DataDir(Path(sys.argv[1])))
