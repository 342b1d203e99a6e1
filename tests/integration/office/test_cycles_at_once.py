"""Two transactions that change one category at the same moment."""

import asyncio

from sqlalchemy import text

from services.office.cycles import actions, store
from services.office.cycles.consumers import category_released
from services.office.cycles.domain import CategoryState
from shared.contracts.facts import CategoryReleased
from shared.contracts.workflows import CategoryRef
from shared.infra.database import Database
from tests.integration.office.neighbours import DIGEST, Office
from tests.integration.servers import ServiceProcess, eventually

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


async def test_a_track_that_ends_while_its_list_comes_out_leaves_the_category_released(
    office: Office, process: ServiceProcess
) -> None:
    cycle = office.open_cycle("同时", "little-giant-performance", "little_giant")
    eventually(lambda: office.stages(cycle["cycle_id"])["application_window"]["state"] == "started", "not started")
    ref = CategoryRef(
        cycle_id=cycle["cycle_id"],
        category_id=cycle["categories"][0]["category_id"],
        category_key="little_giant",
        rulebook_id="little-giant-performance",
        rulebook_digest=DIGEST,
    )
    database = Database(process.env["FANGBANG_DATABASE_URL"], "office")

    async with database.transaction() as tx:
        await category_released(tx, _released(ref))
        await tx.session.flush()
        ending = asyncio.create_task(_end(database, ref))
        await _someone_waits(database)
    await ending

    async with database.transaction() as tx:
        assert (await store.category_row(tx, ref.category_id)).state == CategoryState.RELEASED
    await database.close()


def _released(ref: CategoryRef) -> CategoryReleased:
    return CategoryReleased(
        cycle_id=ref.cycle_id, category_id=ref.category_id, supplement=ref.supplement, digest=DIGEST, entries=28
    )


async def _end(database: Database, ref: CategoryRef) -> None:
    async with database.transaction() as tx:
        await actions.end_track(tx, ref)


async def _someone_waits(database: Database) -> None:
    for _ in range(200):
        async with database.transaction() as tx:
            if (await tx.session.execute(WAITING)).scalar_one():
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the end of the track does not wait for the release")
