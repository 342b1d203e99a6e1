"""Acts and steps that come between two steps of the same stage."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from services.submission import store
from services.submission.actions.screening import lapse_case
from services.submission.tables import Closing
from shared.infra.database import Database
from tests.integration.servers import key
from tests.integration.submission.desk import API, Desk, Enterprise, Place, good, refused

FINDING = {"kind": "audit", "source": "演练审计", "found_on": "2026-02-10", "finding": "与申报一致"}


@pytest.fixture
async def database(desk: Desk) -> AsyncIterator[Database]:
    database = Database(desk.process.settings().database_url, "submission", pool=1)
    yield database
    await database.close()


@pytest.fixture
def screened(desk: Desk) -> tuple[Enterprise, str, UUID]:
    """A case in an open screening: its enterprise, its id, the stage."""
    place: Place = desk.category()
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    return one, case_id, desk.begin(place, "screening")


async def test_a_finding_that_comes_after_the_screening_was_ended_and_would_not_travel_is_refused(
    desk: Desk, database: Database, screened: tuple[Enterprise, str, UUID]
) -> None:
    _, case_id, stage_id = screened
    path = f"{API}/cases/{case_id}/investigations"
    good(desk.decide(case_id, "pass"))
    good(desk.office.post(path, json=FINDING, headers=key()))
    async with database.transaction() as tx:
        tx.session.add(Closing(stage_id=stage_id, asked_at=tx.now, prepared_at=tx.now))

    refused(desk.office.post(path, json=FINDING, headers=key()), 409, "stage_closing")

    assert len(desk.desk_case(case_id)["findings"]) == 1


async def test_a_rectification_that_still_stands_still_does_not_lapse_when_its_stage_goes_on(
    desk: Desk, database: Database, screened: tuple[Enterprise, str, UUID]
) -> None:
    one, case_id, _ = screened
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "核对"}]))
    async with database.transaction() as tx:
        rectification = await store.rectification_of(tx, UUID(case_id), state="open")
        assert rectification is not None
        rectification.paused_on, rectification.closes_at = "2026-01-05", tx.now - timedelta(hours=1)
        tx.session.add(rectification)

    async with database.transaction() as tx:
        await lapse_case(tx, UUID(case_id))

    assert desk.state(one, case_id) == "rectifying"
