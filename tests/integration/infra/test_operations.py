"""What operators do: bring everything back after NATS and Temporal were emptied, send dead letters again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from deploy.rebuild import WIPED, rebuild_services
from deploy.stack import Stack, StackRefusal
from shared.infra.clocks import new_id
from shared.infra.database import Database
from shared.infra.tables import DeadLetter, Outbox
from tests.integration.servers import ROOT, People, ServiceProcess, eventually, key


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of this module's own, because its tests empty them."""
    with Stack(tmp_path_factory.mktemp("stack"), profile="rehearsal", services=False) as running:
        yield running


@pytest.fixture(scope="module")
def echo(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The echo service, migrated; each test starts the roles it wants."""
    process = ServiceProcess(stack, "review", "tests.integration.infra.echo", tmp_path_factory.mktemp("echo") / "log")
    process.start("migrate", "all")
    yield process
    process.stop()


@pytest.fixture
def shouter(stack: Stack, echo: ServiceProcess) -> Iterator[httpx.Client]:
    with People(stack).client(echo.origin, "enterprise", account=uuid4()) as client:
        yield client


def shout(client: httpx.Client, word: str) -> UUID:
    return UUID(
        client.post("/api/review/shouts", json={"word": word}, headers=key()).raise_for_status().json()["case_id"]
    )


def counts(client: httpx.Client, case: UUID) -> dict[str, int]:
    found: dict[str, int] = client.get(f"/api/review/shouts/{case}").raise_for_status().json()
    return found


def fangbang(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as an operator would."""
    command = [sys.executable, "-m", "deploy", *words, "--data", str(stack.data.root)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)


def run_in_database(echo: ServiceProcess, work: object) -> object:
    """Run ``work(tx)`` in the service's database."""

    async def run() -> object:
        database = Database(echo.settings().database_url, "review", pool=1)
        try:
            async with database.transaction() as tx:
                return await work(tx)  # type: ignore[operator]
        finally:
            await database.close()

    return asyncio.run(run())


def test_with_nats_and_temporal_emptied_everything_goes_on_from_the_database(
    stack: Stack, echo: ServiceProcess, shouter: httpx.Client
) -> None:
    done = shout(shouter, "done before")
    eventually(lambda: counts(shouter, done) == {"heard": 1, "worked": 1}, "not done")
    echo.stop()
    echo.start("web", "relay")  # nobody takes in and nobody works: both are under way when they are lost
    lost = [shout(shouter, f"under way {number}") for number in range(3)]

    async def unsent(tx: object) -> int:
        found = await tx.session.execute(select(Outbox).where(Outbox.sent_at.is_(None)))  # type: ignore[attr-defined, union-attr]
        return len(list(found))

    eventually(lambda: run_in_database(echo, unsent) == 0, "the relay did not send")
    echo.stop()

    for part in WIPED:
        stack.wipe(part)
    echo.start()
    [rebuilt] = rebuild_services(stack, ["review"])

    assert rebuilt.workflows == len(lost)
    assert rebuilt.facts >= len(lost) + 1
    for case in lost:
        eventually(lambda case=case: counts(shouter, case) == {"heard": 1, "worked": 1}, "lost")
    fresh = shout(shouter, "afterwards")
    eventually(lambda: counts(shouter, fresh) == {"heard": 1, "worked": 1}, "nothing goes on")
    assert counts(shouter, done) == {"heard": 1, "worked": 1}


def test_what_only_itself_remembers_is_not_emptied(stack: Stack) -> None:
    with pytest.raises(StackRefusal, match="nothing else can bring back"):
        stack.wipe("postgres")


def test_rebuild_without_services_says_what_to_do(stack: Stack) -> None:
    refused = fangbang(stack, "rebuild")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "fangbang up" in refused.stderr


def set_aside(echo: ServiceProcess, case: UUID) -> UUID:
    """A dead letter whose fact would be taken in now: stated but never published."""
    letter, fact = new_id(), new_id()
    subject = "review.part.deposited.v1"
    part = {"source": "review", "case_id": str(case), "audience": "public", "name": "again", "digest": "0" * 64}
    envelope = {"id": str(fact), "subject": subject, "occurred_at": "2026-01-05T01:00:00Z", "fact": part}

    async def write(tx: object) -> None:
        tx.session.add(  # type: ignore[attr-defined]
            DeadLetter(
                id=letter,
                consumer="review-echo",
                subject=subject,
                message_id=str(fact),
                payload=json.dumps(envelope).encode(),
                error="RuntimeError('cannot be taken in')",
                deliveries=8,
                set_aside_at=tx.system_now,  # type: ignore[attr-defined]
            )
        )

    run_in_database(echo, write)
    return letter


def test_dead_letters_are_listed_shown_and_sent_again(
    stack: Stack, echo: ServiceProcess, shouter: httpx.Client
) -> None:
    case = shout(shouter, "once")
    eventually(lambda: counts(shouter, case)["heard"] == 1, "not heard")
    letter = set_aside(echo, case)

    listed = fangbang(stack, "deadletters", "list", "--service", "review")
    shown = fangbang(stack, "deadletters", "show", str(letter), "--service", "review")
    resent = fangbang(stack, "deadletters", "resend", str(letter), "--service", "review")

    assert "review-echo" in listed.stdout, listed.stderr
    assert "cannot be taken in" in shown.stdout
    assert resent.returncode == 0, resent.stderr
    eventually(lambda: counts(shouter, case)["heard"] == 2, "the fact did not come again")
    assert "No dead letters" in fangbang(stack, "deadletters", "list", "--service", "review").stdout
    missing = fangbang(stack, "deadletters", "show", str(uuid4()), "--service", "review")
    assert (missing.returncode, "没有" in missing.stderr) == (1, True)
