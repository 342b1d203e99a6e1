"""Makes the buckets of a stack; run once, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from minio import Minio

from deploy.stack import birth as births
from deploy.stack.keys import Keys
from deploy.stack.layout import DataDir
from deploy.stack.names import BUCKETS, LOCKED_BUCKETS


def make(data: DataDir) -> None:
    """Create every missing bucket, the locked ones with object lock."""
    birth, keys = births.load(data), Keys.load(data)
    assert birth is not None
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


if __name__ == "__main__":
    make(DataDir(Path(sys.argv[1])))
