"""Filings handed in at the same moment are accepted together, each with its own outcome."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import asyncpg
import httpx

from services.submission import store
from services.submission.domain.statement import STATEMENT_VERSION
from shared.infra.database import Database
from tests.integration.servers import key
from tests.integration.submission.desk import API, FIGURES, PDF, Desk, Enterprise, good, refused

Wish = tuple[Enterprise, str, Mapping[str, str]]


def draft(desk: Desk, window: UUID, *, complete: bool = True) -> tuple[Enterprise, str]:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    if complete:
        desk.attach(one, case_id, PDF)
    return one, case_id


def at_once(desk: Desk, wishes: list[Wish]) -> list[httpx.Response]:
    """All hand in at the same moment."""

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=desk.process.origin, timeout=60) as client:
            body = {"statement_version": STATEMENT_VERSION, "confirmed": True}
            asked = [
                client.post(f"{API}/applications/{case_id}/submit", json=body, headers=headers, auth=one.client.auth)
                for one, case_id, headers in wishes
            ]
            return list(await asyncio.gather(*asked))

    return asyncio.run(ask())


async def rows(desk: Desk, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(desk.process.env["FANGBANG_DATABASE_URL"])
    try:
        found: list[asyncpg.Record] = await connection.fetch(query, *values)
        return found
    finally:
        await connection.close()


def test_each_of_many_has_its_own_outcome_number_and_audit_row(desk: Desk) -> None:
    window = desk.begin(desk.category())
    drafts = [draft(desk, window) for _ in range(5)]
    incomplete = draft(desk, window, complete=False)
    foreign = (drafts[0][0], drafts[1][1])

    answers = at_once(desk, [(*one, key()) for one in (*drafts, incomplete, foreign)])

    receipts = [good(answer) for answer in answers[:5]]
    refused(answers[5], 422, "incomplete")
    refused(answers[6], 404, "not_found")
    assert sorted(int(one["number"].rpartition("-")[2]) for one in receipts) == [1, 2, 3, 4, 5]
    assert len({one["digest"] for one in receipts}) == 5
    found = asyncio.run(
        rows(
            desk,
            "SELECT actor_id, case_id FROM infra.audit WHERE action = 'application.accepted' AND stage_id = $1",
            window,
        )
    )
    assert {str(row["case_id"]) for row in found} == {case_id for _one, case_id in drafts}
    assert len({row["actor_id"] for row in found}) == 5
    assert desk.state(*incomplete) == "draft"


class FailsLater(Exception):
    pass


def test_a_category_gives_numbers_while_others_go_on_and_none_twice(desk: Desk) -> None:
    category = uuid4()

    async def take() -> list[int]:
        database = Database(desk.process.env["FANGBANG_DATABASE_URL"], "submission", pool=1)
        other = Database(desk.process.env["FANGBANG_DATABASE_URL"], "submission", pool=1)
        taken = []
        try:
            async with database.transaction() as first:
                taken.append(await store.next_places(first, category, 2))
                async with other.transaction() as second:
                    taken.append(await store.next_places(second, category, 3))
                raise FailsLater
        except FailsLater:
            async with database.transaction() as again:
                taken.append(await store.next_place(again, category))
        finally:
            await database.close()
            await other.close()
        return taken

    assert asyncio.run(asyncio.wait_for(take(), 10)) == [2, 5, 6]


def test_a_repeat_at_the_same_moment_has_the_first_answer_and_another_key_is_refused(desk: Desk) -> None:
    window = desk.begin(desk.category())
    one = draft(desk, window)
    again, other = key(), key()

    first, second, third = at_once(desk, [(*one, again), (*one, again), (*one, other)])

    assert (first.status_code, first.json().get("digest")) == (second.status_code, second.json().get("digest"))
    refused(third if first.is_success else first, 409, "case_state")
    assert sum(answer.is_success for answer in (first, third)) == 1


def test_who_came_after_the_end_is_refused_though_the_window_is_not_closed_yet(desk: Desk) -> None:
    window = desk.begin(desk.category())
    early, late = draft(desk, window), draft(desk, window)
    good(desk.submit(*early))

    # The term ended just now; the workflow has not looked yet.
    asyncio.run(rows(desk, "UPDATE infra.stage SET closes_at = opens_at + interval '1 ms' WHERE stage_id = $1", window))

    refused(desk.submit(*late), 409, "term_over")
