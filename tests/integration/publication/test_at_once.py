"""Two transactions that touch one list, one stage or one posting at the same moment."""

from collections.abc import AsyncIterator, Awaitable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from services.publication import store
from services.publication.actions.postings import record_posting
from services.publication.actions.publicity import begin_publicity, take_in_list
from services.publication.actions.release.preparing import digest_now, prepare_release
from services.publication.actions.release.readiness import due_listings
from services.publication.consumers import case_amended
from services.publication.tables import ReleaseRound
from shared.contracts.dossiers import FinalEntryDossier
from shared.contracts.facts import CaseAmended, StageChangeRequested
from shared.infra.clocks import new_id
from shared.infra.database import Database, Tx
from shared.infra.manifests import fetch_manifest
from shared.infra.stages import apply_change, recount_terms, stage_row, term_of
from shared.kernel.refusals import Conflict
from tests.integration.interleaving import Work, interleave
from tests.integration.publication.acts import CHANNEL, Publication
from tests.integration.publication.rooms import Place, Rooms
from tests.integration.servers import ServiceProcess, eventually

ONE = ["演练企业001"]


@pytest.fixture
async def database(process: ServiceProcess) -> AsyncIterator[Database]:
    """The database of the service that runs beside."""
    database = Database(process.settings().database_url, "publication", pool=1)
    yield database
    await database.close()


def _withdrawn(place: Place, line: FinalEntryDossier) -> Work:
    about = place.model_dump(include={"cycle_id", "category_id"})
    fact = CaseAmended(**about, case_id=line.case_id, number=line.number, kind="withdrawn")
    return lambda tx: case_amended(tx, fact)


def _change(stage_id: UUID, change: str, days: int | None = None) -> Work:
    fact = StageChangeRequested(stage_id=stage_id, owner="publication", request_id=new_id(), change=change, days=days)
    return lambda tx: apply_change(tx, fact)


async def _announced(database: Database, rooms: Rooms, place: Place) -> tuple[UUID, Work, FinalEntryDossier]:
    """A publicity whose list has not been taken in: its stage, the taking in, and the line of the list."""
    manifest_id, found, lines = rooms.final_list(place, ONE)
    given: dict[str, Any] = {"manifest_id": manifest_id, "manifest_digest": found, "manifest_source": "ranking"}
    ref = place.stage("publicity", **given)
    manifest = rooms.run(fetch_manifest(rooms.files["ranking"], "ranking", found))
    async with database.transaction() as tx:
        await begin_publicity(tx, ref)
        listing = await store.listing_of_stage(tx, ref.stage_id)
    assert listing is not None
    listing_id = listing.listing_id
    return ref.stage_id, lambda tx: take_in_list(tx, listing_id, manifest, lines), lines[0]


async def test_what_two_persons_confirm_is_what_was_prepared_though_a_case_falls_meanwhile(
    publication: Publication, rooms: Rooms, database: Database
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, (line,) = rooms.publicity(place, ONE)
    notice = publication.post(publicity.stage_id)
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    async with database.transaction() as tx:
        values = {"cycle_id": place.cycle_id, "round": 0, "opened_at": tx.now}
        await tx.session.execute(insert(ReleaseRound).values(**values))

    await interleave(
        database.url,
        "publication",
        lambda tx: prepare_release(tx, place.cycle_id),
        "INSERT INTO infra.dossier",
        _withdrawn(place, line),
    )

    async with database.transaction() as tx:
        now, due = await store.open_round(tx, place.cycle_id), await due_listings(tx, place.cycle_id)
        assert now is not None
        assert [len((one.prepared or {})["entries"]) for one in due] == [1]
        assert now.prepared_digest != await digest_now(tx, now, due)


async def test_a_case_that_falls_while_its_list_is_taken_in_is_struck(
    publication: Publication, rooms: Rooms, database: Database
) -> None:
    place = publication.open_category("new_quality_pioneer")
    _, take_in, line = await _announced(database, rooms, place)

    await interleave(database.url, "publication", take_in, "FROM infra.amendment", _withdrawn(place, line))

    async with database.transaction() as tx:
        assert [entry.state for entry in await store.entries_of_case(tx, line.case_id)] == ["struck"]


async def test_a_stage_that_is_paused_while_its_list_is_taken_in_is_stated_as_paused_last(
    publication: Publication, rooms: Rooms, database: Database
) -> None:
    place = publication.open_category("new_quality_pioneer")
    stage_id, take_in, _ = await _announced(database, rooms, place)

    await interleave(database.url, "publication", take_in, "FROM infra.stage", _change(stage_id, "pause"))

    stated = rooms.facts("publication.stage.changed.v1", place.category_id)
    assert [fact["version"] for fact in stated] == sorted({fact["version"] for fact in stated})
    assert max(stated, key=lambda fact: fact["version"])["state"] == "paused"


async def test_of_two_who_record_a_posting_at_once_the_second_is_told_that_it_was_recorded(
    publication: Publication, rooms: Rooms, database: Database
) -> None:
    place = publication.open_category("new_quality_pioneer")
    stage_id, take_in, _ = await _announced(database, rooms, place)
    async with database.transaction() as tx:
        await take_in(tx)

    def post(tx: Tx) -> Awaitable[object]:
        return record_posting(tx, stage_id, CHANNEL, "https://example.invalid/notice")

    with pytest.raises(Conflict, match="已经登记过"):
        await interleave(database.url, "publication", post, "FROM infra.stage", post)

    assert rooms.scalar("SELECT count(*) FROM posting WHERE stage_id = :id", id=stage_id) == 1


async def test_a_term_that_is_extended_while_terms_are_counted_again_keeps_its_days(
    publication: Publication, rooms: Rooms, database: Database
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, _ = rooms.publicity(place, ONE)
    publication.post(publicity.stage_id)
    async with database.transaction() as tx:
        before = term_of(await stage_row(tx, publicity.stage_id)).length
        provisional = "UPDATE infra.stage SET term = jsonb_set(term, '{provisional}', 'true') WHERE stage_id = :id"
        await tx.session.execute(text(provisional), {"id": publicity.stage_id})

    await interleave(
        database.url, "publication", recount_terms, "FROM infra.stage", _change(publicity.stage_id, "extend", 5)
    )

    async with database.transaction() as tx:
        term = term_of(await stage_row(tx, publicity.stage_id))
        assert (term.length, term.provisional) == (before + 5, False)
