"""The five services: migrate, then one process with every role."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping

from deploy.stack import probes
from deploy.stack.birth import Birth
from deploy.stack.commands import run
from deploy.stack.files import write_text
from deploy.stack.keys import Keys
from deploy.stack.layout import REPOSITORY, DataDir
from deploy.stack.part import Part, PartFailed
from deploy.stack.refusal import StackRefusal
from deploy.stack.settings import settings_for

_SERVERS = ("nats", "temporal")
# The owner of evidence tries the S3 server out before it starts, and uploads the way a browser does. The
# others only need it to be ready, and may load meanwhile.
_NEEDS = {"submission": (*_SERVERS, "s3", "caddy")}

_PYTHON = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


def part(name: str, data: DataDir, birth: Birth, keys: Keys, extra: Mapping[str, str]) -> Part:
    """The process of service `name`; `extra` adds to its settings."""
    _refuse_missing(name)
    command = (sys.executable, "-m", f"services.{name}")
    env = {**_PYTHON, **settings_for(name, data, birth, keys), **extra}
    migrated = data.of("postgres") / f"{name}-migrated"

    async def migrate() -> None:
        wanted = _migrations(name)
        if migrated.exists() and migrated.read_text() == wanted:
            return
        code = await run((*command, "migrate"), log=data.log(name), cwd=REPOSITORY, env=env)
        if code != 0:
            raise PartFailed(f"migrate ended with exit code {code}: see the log")
        write_text(migrated, wanted)

    return Part(
        name=name,
        command=(*command, "all"),
        port=birth.port(name),
        env=env,
        cwd=REPOSITORY,
        prepare_needs=("postgres",),
        prepare=migrate,
        needs=_NEEDS.get(name, _SERVERS),
        ready=probes.answers(birth.port(name), "/readyz"),
        ready_seconds=120,
        stop_seconds=30,
    )


def _migrations(name: str) -> str:
    """A digest of all that `migrate` runs, so that a start from the same code need not run it again.

    Should it be wrong all the same, the service itself refuses to start on a database that is behind.
    """
    folders = (REPOSITORY / "services" / name / "migrations", REPOSITORY / "shared" / "infra" / "migrations")
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        digest.update(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _refuse_missing(name: str) -> None:
    if not (REPOSITORY / "services" / name / "__main__.py").exists():
        raise StackRefusal(f"services/{name} has no __main__.py: start with --servers-only or name other services.")
