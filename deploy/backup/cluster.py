"""PostgreSQL's part of a backup: all five databases at one instant, and laying them down again.

A dump of each database alone would show one service before an event that another has already taken in; after such a
restore the ledger could hold entries that their source writes differently the next time.
"""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from deploy.stack import Stack
from deploy.stack.birth import Birth
from deploy.stack.layout import DataDir
from deploy.stack.refusal import StackRefusal
from deploy.stack.servers import postgres_user
from deploy.stack.servers.binaries import postgres_home

FOLDER: Final = "postgres"
_ARCHIVES: Final = (("base.tar.gz", ""), ("pg_wal.tar.gz", "pg_wal"))
_LIMIT_SECONDS: Final = 6 * 3600


def version() -> str:
    """The major version of the programs here, such as `18`: a backup works with no other."""
    return _major(_run("postgres", "--version"))


def copy(stack: Stack, into: Path) -> None:
    """Copy the running cluster as it is at the end of the copying, with the log that makes it whole, and prove it.

    Raises:
        StackRefusal: the server refused, or what came does not hold against PostgreSQL's own manifest.
    """
    login = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(stack.birth.port("postgres")),
        "PGUSER": "postgres",
        "PGPASSWORD": stack.keys.password("postgres", "postgres"),
    }
    _run(
        "pg_basebackup",
        f"--pgdata={into}",
        "--format=tar",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--compress=client-gzip:1",
        "--manifest-checksums=SHA256",
        env=login,
    )
    prove(into)


def prove(folder: Path) -> None:
    """Hold every file of the copied cluster against PostgreSQL's own manifest."""
    _run("pg_verifybackup", "--quiet", "--exit-on-error", "--no-parse-wal", "--format=tar", str(folder))


def lay_down(folder: Path, data: DataDir, birth: Birth) -> None:
    """Unpack the cluster where the stack in `data` will look for it."""
    place = data.of("postgres")
    place.mkdir()
    user = postgres_user.choose(place, birth.id)
    user.data.mkdir(mode=0o700)
    for archive, target in _ARCHIVES:
        with tarfile.open(folder / archive) as packed:
            packed.extractall(user.data / target, filter="data")
    for path in (user.data, *user.data.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        user.give(path)


def _run(program: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    command = (str(postgres_home() / "bin" / program), *arguments)
    done = subprocess.run(
        command, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False
    )
    if done.returncode != 0:
        raise StackRefusal(f"{program} ended with exit code {done.returncode}:\n{done.stderr.strip()[-2000:]}")
    return done.stdout


def _major(said: str) -> str:
    found = re.search(r"(\d+)(?:\.\d+)*\s*$", said)
    return found[1] if found else said.strip()
