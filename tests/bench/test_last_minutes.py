"""2,000 enterprises in the last ten minutes before a deadline, three times as fast: two hundred seconds.

Each saves its figures once more and hands in, most of them late; a few come after the end. Nobody who comes before
the end instant is refused, nobody after it is accepted, nothing accepted is lost.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID

import asyncpg
import pytest

from deploy.stack import Stack
from tests.bench.filings import Drafts, case_id, figure_entries, prepare_drafts, submissions
from tests.bench.load import at_instants
from tests.integration.servers import ServiceProcess

ENTERPRISES, SECONDS, LATE = 2000, 200.0, 40
P99_SECONDS = 1.0
APART = 0.25
"""Between the last that must be accepted and the first that must not: what a request needs to reach the server."""


@pytest.fixture(scope="module")
def office_hours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Drafts, ServiceProcess]]:
    """A service with all its roles, and complete drafts."""
    folder: Path = tmp_path_factory.mktemp("deadline")
    with Stack(folder / "data", services=False) as stack:
        drafts = prepare_drafts(stack, folder, count=ENTERPRISES + LATE)
        process = ServiceProcess(stack, "submission", "services.submission", folder / "log")
        process.env["FANGBANG_WEB_PROCESSES"] = "2"  # as operators are told to before a deadline
        process.start()
        yield stack, drafts, process
        process.stop()


async def _ends(url: str, window: UUID, at: datetime) -> None:
    """The row alone decides when the window ends."""
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE infra.stage SET closes_at = $2 WHERE stage_id = $1", window, at)
    await connection.close()


async def _accepted(url: str) -> dict[UUID, str]:
    """Receipt digests of what was accepted, with their dossiers kept."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT case_id, receipt_digest FROM cases JOIN infra.dossier ON digest = receipt_digest"
        " WHERE state = 'accepted'"
    )
    await connection.close()
    return {row["case_id"]: row["receipt_digest"] for row in rows}


def test_the_last_minutes_refuse_nobody_and_lose_nothing(
    office_hours: tuple[Stack, Drafts, ServiceProcess],
) -> None:
    stack, drafts, process = office_hours
    random, url, port = Random(2026), process.env["FANGBANG_DATABASE_URL"], stack.birth.port("pages")
    # The closer the end, the more of them: the square root of an even spread.
    in_time = sorted((random.random() ** 0.5) * (SECONDS - APART) for _ in range(ENTERPRISES))
    late = [SECONDS + APART + random.random() for _ in range(LATE)]
    numbers = range(1, ENTERPRISES + LATE + 1)
    saves, hands_in = figure_entries(stack, numbers), submissions(stack, drafts, numbers)
    begins = time.time() + 3.0
    asyncio.run(_ends(url, drafts.window, datetime.fromtimestamp(begins + SECONDS, UTC)))
    time.sleep(begins - time.time())

    before = [max(instant - 2.0, 0.0) for instant in (*in_time, *late)]
    order = sorted([*zip(before, saves, strict=True), *zip((*in_time, *late), hands_in, strict=True)])
    answers = asyncio.run(at_instants(port, [one for _, one in order], [instant for instant, _ in order]))

    receipts = {
        UUID(found["case_id"]): found["digest"]
        for status, body in zip(answers.statuses, answers.bodies, strict=True)
        if status == 200 and "digest" in (found := json.loads(body))
    }
    kept = asyncio.run(_accepted(url))
    print(
        f"\n{ENTERPRISES} enterprises in {SECONDS:.0f} s: {len(answers.statuses)} requests,"
        f" p50 {answers.quantile(0.5) * 1000:.0f} ms, p99 {answers.quantile(0.99) * 1000:.0f} ms"
        f" (goal {P99_SECONDS * 1000:.0f} ms), accepted {len(receipts)}, refused as late {answers.statuses.count(409)}",
        end="",
        flush=True,
    )
    assert set(receipts) == {case_id(number) for number in range(1, ENTERPRISES + 1)}
    assert receipts == kept
    assert not [status for status in answers.statuses if status not in (200, 409)]
    assert answers.quantile(0.99) <= P99_SECONDS
