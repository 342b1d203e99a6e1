"""Outbox, relay, inbox, dead letters, idempotency, audit chain: on real PostgreSQL, NATS, Temporal and S3."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import nats
import pytest
from sqlalchemy import func, select

from deploy.stack import Stack
from shared.infra.clocks import new_id
from shared.infra.database import Database, Tx
from shared.infra.deadletters import list_dead_letters, resend_dead_letter
from shared.infra.rebuilding import rebuild
from shared.infra.sequencer import GENESIS, entry_digest, link
from shared.infra.tables import Audit, DeadLetter, Outbox
from tests.integration.servers import People, ServiceProcess, eventually, key


@pytest.fixture(scope="module")
def echo(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(stack, "review", "tests.integration.infra.echo", tmp_path_factory.mktemp("echo") / "log")
    process.start("migrate", "all")
    yield process
    process.stop()


@pytest.fixture
def shouter(echo: ServiceProcess, people: People) -> Iterator[httpx.Client]:
    with people.client(echo.origin, "enterprise", "operator", account=uuid4()) as client:
        yield client


@pytest.fixture
async def database(echo: ServiceProcess) -> AsyncIterator[Database]:
    found = Database(echo.settings().database_url, "review")
    yield found
    await found.close()


def shout(client: httpx.Client, word: str, headers: dict[str, str] | None = None) -> str:
    answer = client.post("/api/review/shouts", json={"word": word}, headers=headers or key())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["case_id"])


def counts(client: httpx.Client, case: str) -> dict[str, int]:
    found: dict[str, int] = client.get(f"/api/review/shouts/{case}").json()
    return found


def done_once(client: httpx.Client, case: str) -> bool:
    return counts(client, case) == {"heard": 1, "worked": 1}


def test_an_action_reaches_its_consumer_and_its_workflow_once(shouter: httpx.Client) -> None:
    case = shout(shouter, "hello")

    eventually(lambda: done_once(shouter, case), "the fact or the command did not arrive")


def test_a_repeat_under_the_same_key_returns_the_first_answer(shouter: httpx.Client) -> None:
    headers = key()

    first, again = shout(shouter, "twice", headers), shout(shouter, "twice", headers)

    assert first == again


def test_a_key_used_for_another_request_is_refused(shouter: httpx.Client) -> None:
    headers = key()
    shout(shouter, "one", headers)

    answer = shouter.post("/api/review/shouts", json={"word": "other"}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_a_write_without_a_key_is_refused(shouter: httpx.Client) -> None:
    answer = shouter.post("/api/review/shouts", json={"word": "keyless"})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_forged_token_is_refused(echo: ServiceProcess) -> None:
    answer = httpx.post(
        f"{echo.origin}/api/review/shouts", json={"word": "x"}, headers={**key(), "Authorization": "Bearer a.b.c"}
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_role_without_the_right_is_refused(echo: ServiceProcess, people: People) -> None:
    with people.client(echo.origin, "auditor") as auditor:
        answer = auditor.post("/api/review/shouts", json={"word": "x"}, headers=key())

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_audit_rows_are_numbered_without_gaps_and_chained(shouter: httpx.Client, database: Database) -> None:
    case = shout(shouter, "chain")
    await asyncio.to_thread(eventually, lambda: done_once(shouter, case), "not done")

    async def numbered() -> bool:
        async with database.transaction() as tx:
            left = await tx.session.execute(select(func.count()).select_from(Audit).where(Audit.number.is_(None)))  # type: ignore[union-attr]
            return left.scalar_one() == 0

    while not await numbered():
        await asyncio.sleep(0.1)
    async with database.transaction() as tx:
        rows = list((await tx.session.execute(select(Audit).order_by(Audit.number))).scalars())  # type: ignore[arg-type]

    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    chain = GENESIS
    for row in rows:
        chain = link(chain, row.number or 0, row.action, entry_digest(row))
        assert row.chain == chain


async def test_one_trace_runs_from_the_request_into_the_workflow(shouter: httpx.Client, database: Database) -> None:
    case = shout(shouter, "trace")
    await asyncio.to_thread(eventually, lambda: done_once(shouter, case), "not done")

    async with database.transaction() as tx:
        found = await tx.session.execute(
            select(Audit.action, Audit.trace).where(Audit.case_id == UUID(case)).order_by(Audit.id)  # type: ignore[call-overload]
        )
        traces = {row.action: row.trace for row in found}

    assert set(traces) == {"echo.shouted", "echo.worked"}
    assert traces["echo.shouted"] == traces["echo.worked"] != ""


async def test_a_fact_delivered_twice_has_its_effect_once(
    echo: ServiceProcess, shouter: httpx.Client, database: Database
) -> None:
    case = shout(shouter, "repeat")
    await asyncio.to_thread(eventually, lambda: done_once(shouter, case), "not done")
    connection = await nats.connect(echo.settings().nats_url)
    async with database.transaction() as tx:
        row = (
            await tx.session.execute(
                select(Outbox).where(Outbox.target == "fact", Outbox.payload["fact"]["case_id"].astext == case)  # type: ignore[arg-type, index]
            )
        ).scalar_one()

    await connection.jetstream().publish(row.subject, json.dumps(row.payload).encode())
    await asyncio.sleep(1)
    await connection.close()

    assert counts(shouter, case) == {"heard": 1, "worked": 1}


async def test_a_malformed_fact_is_set_aside_and_the_next_ones_go_on(
    echo: ServiceProcess, shouter: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await nats.connect(echo.settings().nats_url)
    await connection.jetstream().publish("review.part.deposited.v1", b"\xff not json")

    case = shout(shouter, "after the malformed one")

    await asyncio.to_thread(eventually, lambda: done_once(shouter, case), "a malformed fact blocked the others")
    await asyncio.to_thread(lambda: None)
    letters: list[DeadLetter] = []
    for _ in range(900):
        async with database.transaction() as tx:
            letters = [one for one in await list_dead_letters(tx) if one.payload == b"\xff not json"]
        if letters:
            break
        await asyncio.sleep(0.1)
    assert [letter.consumer for letter in letters] == ["review-echo"]
    assert letters[0].deliveries == 8

    async with database.transaction() as tx:
        await resend_dead_letter(tx, connection, letters[0].id)
    async with database.transaction() as tx:
        assert letters[0].id not in [one.id for one in await list_dead_letters(tx)]
    await connection.close()


def test_a_request_is_answered_while_nats_is_down_and_its_fact_arrives_afterwards(
    stack: Stack, shouter: httpx.Client
) -> None:
    before = stack.kill("nats")

    case = shout(shouter, "while nats is down")

    stack.wait_ready("nats", other_than=before)
    eventually(lambda: done_once(shouter, case), "the fact was lost")


def test_a_killed_service_goes_on_where_it_was(echo: ServiceProcess, shouter: httpx.Client) -> None:
    cases = [shout(shouter, f"kill {number}") for number in range(20)]

    echo.kill()
    echo.start()

    for case in cases:
        eventually(lambda case=case: done_once(shouter, case), f"{case} was lost or done twice")


def test_a_service_stops_within_thirty_seconds(echo: ServiceProcess, shouter: httpx.Client) -> None:
    case = shout(shouter, "stop")

    seconds = echo.stop()
    echo.start()

    assert seconds < 30
    eventually(lambda: done_once(shouter, case), "the work was lost")


async def test_rebuild_brings_back_facts_and_workflows(database: Database, shouter: httpx.Client) -> None:
    case = shout(shouter, "rebuild")

    async with database.transaction() as tx:
        done = await rebuild(tx)

    assert done.facts > 0
    await asyncio.to_thread(eventually, lambda: done_once(shouter, case), "rebuild did something twice or lost it")


async def test_the_same_dossier_twice_is_one_object(database: Database) -> None:
    async def put(tx: Tx) -> str:
        return await tx.put_dossier({"same": "bytes", "id": "1"}, "test")

    async with database.transaction() as tx:
        first = await put(tx)
    async with database.transaction() as tx:
        again = await put(tx)

    assert first == again
    assert new_id() != new_id()


def test_readiness_names_every_part(echo: ServiceProcess) -> None:
    body = httpx.get(f"{echo.origin}/readyz").json()

    assert body == {
        "service": "review",
        "ready": True,
        "parts": {"database": True, "migrations": True, "nats": True, "temporal": True, "s3": True},
    }


def test_a_real_profile_refuses_a_rehearsal_database(stack: Stack, echo: ServiceProcess, tmp_path: Path) -> None:
    other = ServiceProcess(stack, "review", "tests.integration.infra.echo", tmp_path / "log")
    other.env["FANGBANG_PROFILE"] = "real"
    other.env["FANGBANG_HTTP_PORT"] = "0"

    with pytest.raises(AssertionError, match="born as rehearsal"):
        other.start()
