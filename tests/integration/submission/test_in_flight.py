"""What came in before the end of a term counts, however long it then waited for its turn; what came after does not."""

import asyncio
import time

import asyncpg
import httpx
import pytest

from services.submission.domain.statement import STATEMENT_VERSION
from tests.integration.servers import key
from tests.integration.submission.desk import API, FIGURES, Desk, Enterprise, Place, good, refused


class Ended:
    """A term that ends now, behind the back of its workflow; ``before`` it the server in front had these requests."""

    def __init__(self, desk: Desk, table: str, column: str, row: str) -> None:
        self._began = int(time.time() * 1000)
        statement = (
            f"UPDATE {table} SET closes_at = now() + (SELECT offset_seconds FROM infra.stack) * interval '1 second'"
            f" WHERE {column} = '{row}'"
        )

        async def change() -> None:
            connection = await asyncpg.connect(desk.process.env["FANGBANG_DATABASE_URL"])
            await connection.execute(statement)
            await connection.close()

        asyncio.run(change())

    def before(self) -> dict[str, str]:
        """Headers of a request that came in time and waited since."""
        return {**key(), "X-Request-Start": f"t={self._began}"}


@pytest.fixture
def place(desk: Desk) -> Place:
    return desk.category()


def save(one: Enterprise, case_id: str, headers: dict[str, str]) -> httpx.Response:
    body = {"changes": [{"field": "revenue_this_year", "was": ["2000"], "now": ["2100"]}]}
    return one.client.patch(f"/portal/applications/{case_id}/draft", json=body, headers=headers)


def test_a_draft_that_waited_over_the_end_is_saved_and_handed_in(desk: Desk, place: Place) -> None:
    window, one = desk.begin(place), desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id)
    ended = Ended(desk, "infra.stage", "stage_id", str(window))
    path, stated = f"{API}/applications/{case_id}", {"statement_version": STATEMENT_VERSION, "confirmed": True}

    refused(save(one, case_id, key()), 409, "term_over")
    kept = good(save(one, case_id, ended.before()))
    good(one.client.put(f"{path}/figures", json={"figures": {"revenue_last_year": 1900}}, headers=ended.before()))
    refused(one.client.post(f"{path}/submit", json=stated, headers=key()), 409, "term_over")
    good(one.client.post(f"{path}/submit", json=stated, headers=ended.before()))

    figures = good(one.client.get(path))["figures"]
    assert kept["fields"]["revenue_this_year"]["typed"] == ["2100"]
    assert (figures["revenue_this_year"], figures["revenue_last_year"]) == ("2100", "1900")
    assert desk.state(one, case_id) == "accepted"


def test_an_answer_to_a_rectification_that_waited_over_its_end_counts(desk: Desk, place: Place) -> None:
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "核对"}]))
    ended = Ended(desk, "rectification", "case_id", case_id)
    path = f"{API}/applications/{case_id}/resubmit"

    refused(save(one, case_id, key()), 409, "term_over")
    good(save(one, case_id, ended.before()))
    refused(one.client.post(path, headers=key()), 409, "term_over")
    good(one.client.post(path, headers=ended.before()))

    assert desk.state(one, case_id) == "accepted"
