"""Which parts a stack consists of, and in which order they stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from deploy.stack.birth import Birth
from deploy.stack.keys import Keys
from deploy.stack.layout import DataDir
from deploy.stack.names import SERVICES
from deploy.stack.part import Part
from deploy.stack.servers import caddy, minio, nats, postgres, seaweedfs, services, temporal

STOP_ORDER: Final = (
    SERVICES,
    ("caddy",),
    ("nats",),
    ("temporal",),
    ("s3",),
    ("s3-filer",),
    ("s3-volume",),
    ("s3-master",),
    ("postgres",),
)
"""Groups that stop together, first to last: who asks before who answers, the truth at the end."""


def parts(data: DataDir, birth: Birth, keys: Keys, names: Sequence[str], extra: Mapping[str, str]) -> list[Part]:
    """Every part of the stack, with the services in `names` and `extra` settings for them."""
    return [
        postgres.part(data, birth, keys),
        nats.part(data, birth, keys),
        temporal.part(data, birth),
        *_storage(data, birth, keys),
        caddy.part(data, birth),
        *(services.part(name, data, birth, keys, extra) for name in names),
    ]


def _storage(data: DataDir, birth: Birth, keys: Keys) -> list[Part]:
    if birth.storage == "minio":
        return minio.parts(data, birth, keys)
    return seaweedfs.parts(data, birth, keys)
