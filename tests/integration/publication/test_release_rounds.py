"""Rounds of a release: there is one at a time, whatever opens at the same moment."""

import asyncio
import threading
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event

from services.publication.actions.release.rounds import look_at_release, open_next_round
from shared.infra.database import Database
from tests.integration.publication.acts import Publication
from tests.integration.publication.rooms import Rooms
from tests.integration.servers import ServiceProcess, eventually

OPEN = "SELECT count(*) FROM release_round WHERE cycle_id = :id AND published_at IS NULL"


async def test_a_round_that_opens_while_it_is_looked_for_is_not_taken_for_one_that_is_over(
    publication: Publication, rooms: Rooms, process: ServiceProcess
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, _ = rooms.publicity(place, ["演练企业001"])
    notice = publication.post(publicity.stage_id)
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    url = process.settings().database_url
    database, opened = Database(url, "publication"), threading.Event()

    @event.listens_for(database.engine.sync_engine, "after_cursor_execute")
    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM release_round" in statement and not opened.is_set():
            opened.set()
            other = threading.Thread(target=lambda: asyncio.run(_open_first(url, place.cycle_id)))
            other.start()
            other.join()

    async with database.transaction() as tx:
        await look_at_release(tx, place.cycle_id)
    await database.close()

    assert opened.is_set()
    assert rooms.scalar(OPEN, id=place.cycle_id) == 1


async def _open_first(url: str, cycle_id: UUID) -> None:
    database = Database(url, "publication")
    async with database.transaction() as tx:
        await open_next_round(tx, cycle_id, 0)
    await database.close()
