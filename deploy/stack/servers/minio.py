"""MinIO: a real MinIO server in place of SeaweedFS, for those who built one with `make minio`."""

from __future__ import annotations

from deploy.minio import program
from deploy.stack import probes
from deploy.stack.birth import Birth
from deploy.stack.keys import Keys
from deploy.stack.layout import DataDir
from deploy.stack.part import Part
from deploy.stack.servers.first_files import make_buckets


def parts(data: DataDir, birth: Birth, keys: Keys) -> list[Part]:
    """The one process of MinIO; it takes the place of the S3 gateway `s3`."""
    folder = data.of("s3")
    folder.mkdir(exist_ok=True)
    done = folder / "buckets-made"

    async def first_start() -> None:
        if not done.exists():
            await make_buckets(data)
            done.touch()

    address = f"127.0.0.1:{birth.port('s3')}"
    return [
        Part(
            name="s3",
            command=(program(), "server", str(folder / "minio"), "--address", address, "--quiet"),
            port=birth.port("s3"),
            env={
                "HOME": str(folder),
                "MINIO_ROOT_USER": keys.access_key("operator"),
                "MINIO_ROOT_PASSWORD": keys.password("s3", "operator"),
                "MINIO_API_CORS_ALLOW_ORIGIN": birth.page_origin,
                "MINIO_BROWSER": "off",
                "MINIO_UPDATE": "off",
            },
            ready=probes.answers(birth.port("s3"), "/minio/health/cluster"),
            complete=first_start,
        )
    ]
