"""Real servers for the tests: one stack for a whole run, service processes started on it one by one."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.stack import Stack
from shared.infra.database import Actor
from shared.infra.settings import Settings
from shared.infra.tickets import Signer, Ticket

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120.0
TLS = ssl.create_default_context()
"""For every HTTP client: each would otherwise read the machine's certificates anew, longer than a request takes."""


class ServiceProcess:
    """One service process on the stack's servers."""

    def __init__(self, stack: Stack, name: str, module: str, log: Path) -> None:
        self.stack, self.name, self.module, self.log = stack, name, module, log
        self.env = {**os.environ, **stack.settings_for(name), "PYTHONPATH": str(ROOT)}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """Where its HTTP API answers."""
        return f"http://127.0.0.1:{self.env['FANGBANG_HTTP_PORT']}"

    def run(self, *roles: str) -> None:
        """Run a role to its end, such as ``migrate``."""
        done = subprocess.run([sys.executable, "-m", self.module, *roles], env=self.env, capture_output=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr.decode()[-3000:]

    def start(self, *roles: str) -> None:
        """Start the process and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, *(roles or ("all",))],
                env=self.env,
                stderr=log,
                stdout=log,
                cwd=ROOT,
            )
        try:
            eventually(self._is_ready, f"{self.name} is not ready; see {self.log}", seconds=90)
        except AssertionError:
            self.kill()
            raise

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        try:
            return httpx.get(f"{self.origin}/readyz", timeout=5, verify=TLS).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """SIGKILL, as a crash does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> float:
        """SIGTERM; returns the seconds it took to end."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.terminate()
        self.process.wait(35)
        return time.monotonic() - begun

    def processor_seconds(self) -> float:
        """How long it and the processes that it has waited for have worked, however busy the machine is."""
        assert self.process is not None
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK")

    def settings(self) -> Settings:
        """The process's settings, for a test that looks into its database or bucket."""
        values = {
            name.removeprefix("FANGBANG_").lower(): value for name, value in self.stack.settings_for(self.name).items()
        }
        return Settings.model_validate(values)


def fresh_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """PostgreSQL, NATS, Temporal, S3 and Caddy as a rehearsal stack without services, for one package of tests.

    Each service's tests have servers of their own: what one test's neighbours leave on a queue is nobody else's.
    FANGBANG_TEST_STORAGE=minio runs the tests on a MinIO server (`make test-deep PART=minio`).
    """
    storage = os.environ.get("FANGBANG_TEST_STORAGE")
    with Stack(tmp_path_factory.mktemp("stack"), profile="rehearsal", services=False, storage=storage) as running:
        yield running


def eventually(condition: object, failure: str, seconds: float = PATIENCE) -> None:
    """Wait until the condition holds; fail with the sentence after ``seconds``.

    The longer it takes, the less often is asked: asking takes the processor from those who are waited for.
    """
    assert callable(condition)
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < seconds:
        if condition():
            return
        time.sleep(min(0.05 + waited / 10, 0.5))
    raise AssertionError(failure)


class People:
    """Signs tokens and tickets as office would, so that a test needs no office."""

    def __init__(self, stack: Stack) -> None:
        self._signer = Signer(Path(stack.settings_for("office")["FANGBANG_TOKEN_PRIVATE_KEY"]))

    def token(
        self,
        *roles: str,
        account: UUID | None = None,
        acts_for: Sequence[UUID] = (),
        session: UUID | None = None,
        fresh: bool = True,
    ) -> str:
        """A token with these roles; ``fresh``: the person proved who they are just now."""
        return self._signer.token(
            Actor(
                account_id=account or uuid4(),
                roles=frozenset(roles),
                acts_for=frozenset(acts_for),
                session=session or uuid4(),
                auth_time=None if fresh else datetime.now(UTC) - timedelta(hours=1),
            )
        )

    def stale_token(self, actor: Actor) -> str:
        """A token that says when its person proved who they are."""
        return self._signer.token(actor)

    def ticket(self, act: str, digest: str, asked_by: UUID, confirmed_by: UUID) -> str:
        """A ticket of two persons."""
        return self._signer.ticket(
            Ticket(ticket_id=uuid4(), act=act, digest=digest, asked_by=asked_by, confirmed_by=confirmed_by)
        )

    def client(
        self, origin: str, *roles: str, account: UUID | None = None, acts_for: Sequence[UUID] = ()
    ) -> httpx.Client:
        """An HTTP client signed in with these roles."""
        token = self.token(*roles, account=account, acts_for=acts_for)
        return httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {token}"}, timeout=20, verify=TLS)


def key() -> dict[str, str]:
    """Headers with a fresh idempotency key."""
    return {"Idempotency-Key": str(uuid4())}
