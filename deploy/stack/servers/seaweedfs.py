"""SeaweedFS: the embedded S3 server, as four processes so that each restarts alone and at once.

Together (`weed server`) a restart takes seconds, because the gateway waits out fixed pauses of the others.
"""

from __future__ import annotations

import json
from pathlib import Path

from deploy.stack import probes
from deploy.stack.birth import Birth
from deploy.stack.commands import run
from deploy.stack.files import write_text
from deploy.stack.keys import Keys
from deploy.stack.layout import DataDir
from deploy.stack.names import SERVICES
from deploy.stack.part import Part, PartFailed
from deploy.stack.rights import LIST, LOCK, READ, WRITE, Right, rights_of
from deploy.stack.servers.binaries import program
from deploy.stack.servers.first_files import make_buckets


def parts(data: DataDir, birth: Birth, keys: Keys) -> list[Part]:
    """The S3 gateway `s3` and the three servers behind it."""
    for name in ("master", "volume", "filer"):
        (data.of("s3") / name).mkdir(parents=True, exist_ok=True)
    return [_master(data, birth), _volume(data, birth), _filer(data, birth), _gateway(data, birth, keys)]


def _master(data: DataDir, birth: Birth) -> Part:
    flags = {
        "mdir": data.of("s3") / "master",
        "port": birth.port("s3_master"),
        "port.grpc": birth.port("s3_master_grpc"),
        "volumeSizeLimitMB": 512,
        # One server elects itself; the default of 10 s would only make a restart wait.
        "electionTimeout": "500ms",
        "heartbeatInterval": "100ms",
        "telemetry": "false",
    }
    return Part(
        name="s3-master",
        command=_weed("master", **_LOOPBACK, **flags),
        port=birth.port("s3_master"),
        # A bucket is a collection of its own; by default each would claim seven volumes at once.
        env={"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"},
        ready=probes.says(birth.port("s3_master"), "/cluster/status", '"IsLeader":true'),
        # A volume server whose master went away looks for it again only after 5 s.
        renews=("s3-volume",),
        leftovers=_sockets("master", birth.port("s3_master_grpc")),
    )


def _volume(data: DataDir, birth: Birth) -> Part:
    flags = {
        "dir": data.of("s3") / "volume",
        "port": birth.port("s3_volume"),
        "port.grpc": birth.port("s3_volume_grpc"),
        "master": _address(birth, "s3_master"),
        "max": 64,
        "minFreeSpace": "1GiB",
        "preStopSeconds": 0,
        "index": "leveldb",
        "fileSizeLimitMB": 64,
    }
    return Part(
        name="s3-volume",
        command=_weed("volume", **_LOOPBACK, **flags),
        port=birth.port("s3_volume"),
        needs=("s3-master",),
        ready=probes.answers(birth.port("s3_volume"), "/status"),
        leftovers=_sockets("volume", birth.port("s3_volume_grpc")),
    )


def _filer(data: DataDir, birth: Birth) -> Part:
    flags = {
        "defaultStoreDir": data.of("s3") / "filer",
        "port": birth.port("s3_filer"),
        "port.grpc": birth.port("s3_filer_grpc"),
        "master": _address(birth, "s3_master"),
        "localSocket": data.sockets / "filer",
        "allowedOrigins": birth.page_origin,
    }
    return Part(
        name="s3-filer",
        command=_weed("filer", **_LOOPBACK, **flags),
        port=birth.port("s3_filer"),
        needs=("s3-volume",),
        # Only a write shows that master, volume and filer have found each other.
        ready=probes.accepts_upload(birth.port("s3_filer"), "/stack/ready"),
        leftovers=_sockets("filer", birth.port("s3_filer_grpc")),
        # It waits ten seconds for its own subscription to itself to end. Nobody else is left to wait for
        # (the gateway has stopped) and its store survives a kill, so it is not given that long.
        stop_seconds=1,
    )


def _gateway(data: DataDir, birth: Birth, keys: Keys) -> Part:
    identities = data.config / "s3.json"
    write_text(identities, json.dumps({"identities": _identities(keys)}, indent=2), mode=0o600)
    flags = {
        "port": birth.port("s3"),
        "port.grpc": birth.port("s3_grpc"),
        "port.iceberg": 0,
        "port.lance": 0,
        "filer": _address(birth, "s3_filer"),
        "config": identities,
        "localSocket": data.sockets / "s3",
        "allowedOrigins": birth.page_origin,
        "autoCreateBucket": "false",
        "cacheCapacityMB": 8,
        "readerCacheSizeMB": 64,
    }
    first = _FirstStart(data, birth)
    return Part(
        name="s3",
        command=_weed("s3", **{"ip.bind": "127.0.0.1"}, **flags),
        port=birth.port("s3"),
        needs=("s3-filer",),
        ready=probes.answers(birth.port("s3"), "/status"),
        complete=first.complete,
        leftovers=_sockets("s3", birth.port("s3_grpc")),
    )


class _FirstStart:
    """What is set once: objects are fsynced before a write is answered; the buckets."""

    def __init__(self, data: DataDir, birth: Birth) -> None:
        self._data = data
        self._birth = birth
        self._done = data.of("s3") / "buckets-made"

    async def complete(self) -> None:
        if self._done.exists():
            return
        await self._run(
            (
                program("weed"),
                "shell",
                f"-master={_address(self._birth, 's3_master')}",
                f"-filer={_address(self._birth, 's3_filer')}",
            ),
            given=b"fs.configure -locationPrefix=/buckets/ -fsync -apply\n",
        )
        await make_buckets(self._data)
        self._done.touch()

    async def _run(self, command: tuple[str, ...], given: bytes) -> None:
        if await run(command, given=given, log=self._data.log("s3")) != 0:
            raise PartFailed("object fsync could not be switched on: see the log")


def _identities(keys: Keys) -> list[dict[str, object]]:
    operator = _identity("operator", ["Admin", "Read", "Write", "List", "Tagging"], keys)
    services = [
        _identity(name, [word for right in rights_of(name) for word in _actions(right)], keys) for name in SERVICES
    ]
    return [operator, *services]


def _identity(name: str, actions: list[str], keys: Keys) -> dict[str, object]:
    credentials = {"accessKey": keys.access_key(name), "secretKey": keys.password("s3", name)}
    return {"name": name, "credentials": [credentials], "actions": actions}


_ACTIONS = {
    READ: ("Read",),
    LIST: ("List",),
    WRITE: ("Write", "Tagging"),
    LOCK: ("PutObjectRetention", "GetObjectRetention", "PutObjectLegalHold", "GetObjectLegalHold"),
}


def _actions(right: Right) -> list[str]:
    """SeaweedFS writes a right as action:bucket or action:bucket/prefix*."""
    place = f"{right.bucket}/{right.prefix}*" if right.prefix else right.bucket
    return [f"{action}:{place}" for act in right.acts for action in _ACTIONS[act]]


_LOOPBACK = {"ip": "127.0.0.1", "ip.bind": "127.0.0.1"}


def _weed(role: str, **flags: object) -> tuple[str, ...]:
    return (program("weed"), role, *(f"-{name}={value}" for name, value in flags.items()))


def _address(birth: Birth, name: str) -> str:
    """SeaweedFS writes an address as host:port.grpcPort."""
    return f"127.0.0.1:{birth.port(name)}.{birth.port(f'{name}_grpc')}"


def _sockets(role: str, grpc_port: int) -> tuple[Path, ...]:
    return (Path(f"/tmp/seaweedfs-{role}-grpc-{grpc_port}.sock"),)  # its place cannot be set
