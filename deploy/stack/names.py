"""Names of everything the local stack starts."""

from __future__ import annotations

from typing import Final

SERVICES: Final = ("office", "submission", "review", "ranking", "publication")
"""The five services, each with its own database, keys and process."""

BUCKETS: Final = ("quarantine", "evidence", "dossiers", "public")
"""Buckets made at first start."""

LOCKED_BUCKETS: Final = ("evidence",)
"""Buckets born with object lock, and so with versioning."""

PROFILES: Final = ("rehearsal", "real")

STORAGES: Final = ("seaweedfs", "minio")

PORT_NAMES: Final = (
    "pages",
    "files",
    "temporal_ui",
    "postgres",
    "nats",
    "nats_monitor",
    "temporal",
    "temporal_http",
    "temporal_metrics",
    "s3",
    "s3_grpc",
    "s3_master",
    "s3_master_grpc",
    "s3_volume",
    "s3_volume_grpc",
    "s3_filer",
    "s3_filer_grpc",
    *SERVICES,
)
"""Every port a stack takes; `pages` and `files` are the two origins people's browsers talk to."""
