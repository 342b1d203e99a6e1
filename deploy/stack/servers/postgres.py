"""PostgreSQL: one cluster, a database and a role per service, a role may enter only its own database."""

from __future__ import annotations

import shutil
from pathlib import Path
from signal import SIGINT

from deploy.stack import probes
from deploy.stack.birth import Birth
from deploy.stack.commands import run
from deploy.stack.keys import Keys
from deploy.stack.layout import DataDir
from deploy.stack.names import SERVICES
from deploy.stack.part import Part, PartFailed
from deploy.stack.servers import postgres_user
from deploy.stack.servers.postgres_user import PostgresUser

_SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 120
shared_buffers = 64MB
max_wal_size = 512MB
huge_pages = off
io_workers = 1
jit = off
max_worker_processes = 4
max_parallel_workers = 2
fsync = on
full_page_writes = on
synchronous_commit = on
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_lock_waits = on
"""

# `replication` is how a backup is taken.
# `sameuser` holds even if someone grants CONNECT on another service's database by mistake.
_ACCESS = """\
host all,replication postgres 127.0.0.1/32 scram-sha-256
host sameuser        all      127.0.0.1/32 scram-sha-256
"""


def part(data: DataDir, birth: Birth, keys: Keys) -> Part:
    """The PostgreSQL server of this stack."""
    folder = data.of("postgres")
    folder.mkdir(exist_ok=True)
    user = postgres_user.choose(folder, birth.id)
    cluster = _Cluster(data, birth, keys, user)
    return Part(
        name="postgres",
        command=user.command("postgres", "-D", str(user.data)),
        port=birth.port("postgres"),
        uid=user.uid,
        ready=probes.succeeds(
            str(user.home / "bin" / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(birth.port("postgres"))
        ),
        prepare=cluster.prepare,
        complete=cluster.complete,
        stop_signal=SIGINT,
        stop_seconds=15,
    )


class _Cluster:
    """The data folder of PostgreSQL: made once, then only its configuration is written anew."""

    def __init__(self, data: DataDir, birth: Birth, keys: Keys, user: PostgresUser) -> None:
        self._log = data.log("postgres")
        self._done = data.of("postgres") / "roles-made"
        self._port = birth.port("postgres")
        self._keys = keys
        self._user = user

    async def prepare(self) -> None:
        if not (self._user.data / "PG_VERSION").exists():
            await self._initialise()
        self._write("postgresql.conf", _SETTINGS.format(port=self._port))
        self._write("pg_hba.conf", _ACCESS)

    async def complete(self) -> None:
        if self._done.exists():
            return
        password = self._keys.password("postgres", "postgres")
        code = await run(
            (str(self._user.home / "bin" / "psql"), "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", "-"),
            given="".join(_roles(self._keys)).encode(),
            log=self._log,
            env={"PGHOST": "127.0.0.1", "PGPORT": str(self._port), "PGUSER": "postgres", "PGPASSWORD": password},
        )
        if code != 0:
            raise PartFailed("roles and databases could not be made: see the log")
        self._done.touch()

    async def _initialise(self) -> None:
        """Make the cluster under another name first, so that half of one is never taken for whole."""
        unfinished = self._user.data.with_name("cluster.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self._user.data.with_name("password")
        password.write_text(self._keys.password("postgres", "postgres"))
        password.chmod(0o600)
        self._user.give(password)
        command = self._initdb(unfinished, password)
        code = await run(command, log=self._log, uid=self._user.uid, cwd=self._user.data.parent)
        password.unlink()
        if code != 0:
            raise PartFailed("initdb failed: see the log")
        unfinished.rename(self._user.data)

    def _initdb(self, target: Path, password: Path) -> tuple[str, ...]:
        return self._user.command(
            "initdb",
            f"--pgdata={target}",
            "--username=postgres",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
        )

    def _write(self, name: str, text: str) -> None:
        path = self._user.data / name
        path.write_text(text)
        self._user.give(path)


def _roles(keys: Keys) -> list[str]:
    """Statements that make what is missing and change nothing else."""
    statements = ["REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;\n"]
    for name in SERVICES:
        password = keys.password("postgres", name)
        statements += [
            f"SELECT 'CREATE ROLE {name} LOGIN' WHERE NOT EXISTS "
            f"(SELECT FROM pg_roles WHERE rolname = '{name}')\\gexec\n",
            f"ALTER ROLE {name} PASSWORD '{password}';\n",
            f"SELECT 'CREATE DATABASE {name} OWNER {name}' WHERE NOT EXISTS "
            f"(SELECT FROM pg_database WHERE datname = '{name}')\\gexec\n",
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;\n",
        ]
    return statements
