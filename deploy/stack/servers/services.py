"""The five services: migrate, then one process with every role."""

from __future__ import annotations

import sys

from deploy.stack import probes
from deploy.stack.birth import Birth
from deploy.stack.commands import run
from deploy.stack.keys import Keys
from deploy.stack.layout import REPOSITORY, DataDir
from deploy.stack.part import Part, PartFailed
from deploy.stack.refusal import StackRefusal
from deploy.stack.settings import settings_for

_PYTHON = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


def part(name: str, data: DataDir, birth: Birth, keys: Keys) -> Part:
    """The process of service `name`."""
    _refuse_missing(name)
    command = (sys.executable, "-m", f"services.{name}")
    env = {**_PYTHON, **settings_for(name, data, birth, keys)}

    async def migrate() -> None:
        code = await run((*command, "migrate"), log=data.log(name), cwd=REPOSITORY, env=env)
        if code != 0:
            raise PartFailed(f"migrate ended with exit code {code}: see the log")

    return Part(
        name=name,
        command=(*command, "all"),
        port=birth.port(name),
        env=env,
        cwd=REPOSITORY,
        prepare_needs=("postgres", "nats", "s3"),
        prepare=migrate,
        # Caddy too: the check of the S3 server at start uploads the way a browser does.
        needs=("temporal", "caddy"),
        ready=probes.answers(birth.port(name), "/readyz"),
        stop_seconds=30,
    )


def _refuse_missing(name: str) -> None:
    if not (REPOSITORY / "services" / name / "__main__.py").exists():
        raise StackRefusal(f"services/{name} has no __main__.py: start with --servers-only or name other services.")
