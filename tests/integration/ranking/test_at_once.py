"""A case that falls at the very moment at which it is taken over, ranked, or written into the final list."""

import json
from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import pytest

from services.ranking.actions.amendments import take_in_amendment
from services.ranking.actions.consultation import begin_consultation
from services.ranking.actions.decisions import freeze_shortlist
from services.ranking.actions.final_list import freeze_final_list
from services.ranking.actions.ranking import rank_stage
from services.ranking.actions.stages import Received, begin_stage, receive
from services.ranking.store import cases_of, entries_of, final_entries, list_of, seats_of
from services.ranking.tables import Decision
from shared.contracts.dossiers import Manifest, ManifestEntry
from shared.contracts.facts import CaseAmended
from shared.contracts.names import stage_workflow_id
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import StageRef
from shared.infra.clocks import new_id
from shared.infra.database import Database, Tx
from tests.integration.interleaving import Work, interleave
from tests.integration.ranking.committee import CATEGORY, reviewed
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import ServiceProcess


@pytest.fixture
async def database(ranking: ServiceProcess) -> AsyncIterator[Database]:
    """The database of the service that runs beside."""
    database = Database(ranking.settings().database_url, "ranking", pool=1)
    yield database
    await database.close()


def _withdrawn(ref: StageRef, case_id: UUID) -> Work:
    fact = CaseAmended(
        cycle_id=ref.cycle_id, category_id=ref.category_id, case_id=case_id, number="NQ-001", kind="withdrawn"
    )
    return lambda tx: take_in_amendment(tx, fact)


def _handed_over(ref: StageRef, source: str, received: Sequence[Received]) -> Work:
    manifest = Manifest(
        manifest_id=new_id(),
        source=source,
        stage_id=uuid4(),
        cycle_id=ref.cycle_id,
        category_id=ref.category_id,
        entries=tuple(one.entry for one in received),
    )
    return lambda tx: receive(tx, ref.stage_id, manifest, received)


async def _begin_alone(tx: Tx, ref: StageRef) -> None:
    """Open a stage that no workflow looks at: the test does its steps."""
    await (begin_consultation(tx, ref) if ref.kind == "consultation" else begin_stage(tx, ref))
    await tx.session.flush()
    await tx.finish_work(stage_workflow_id(ref.stage_id))


async def _decision(database: Database, rooms: Rooms) -> tuple[StageRef, Work, list[UUID]]:
    """A decision over two reviewed cases: its stage, the taking over, and its cases, the best first."""
    ref = stage_ref("decision", CATEGORY, uuid4(), uuid4())
    entries = [reviewed(rooms, number, (90 - number, 1)) for number in (1, 2)]
    received = []
    for entry in entries:
        dossier = json.loads(rooms.read("review", entry.dossier_digest))
        filing = dossier["application_digest"]
        application = json.loads(rooms.read("submission", filing))
        received.append(Received(entry=entry, dossier=dossier, application_digest=filing, application=application))
    async with database.transaction() as tx:
        await _begin_alone(tx, ref)
    return ref, _handed_over(ref, "review", received), [entry.case_id for entry in entries]


async def test_a_case_that_falls_while_its_manifest_is_taken_over_is_struck(rooms: Rooms, database: Database) -> None:
    ref, take_over, (first, _) = await _decision(database, rooms)

    await interleave(database.url, "ranking", take_over, "FROM infra.amendment", _withdrawn(ref, first))

    async with database.transaction() as tx:
        assert [copy.struck for copy in await cases_of(tx, ref.stage_id)] == ["withdrawn", None]


async def test_a_case_that_falls_while_the_ranking_is_computed_has_no_rank(rooms: Rooms, database: Database) -> None:
    ref, take_over, (first, second) = await _decision(database, rooms)
    async with database.transaction() as tx:
        await take_over(tx)

    await interleave(
        database.url, "ranking", lambda tx: rank_stage(tx, ref.stage_id), "FROM case_copy", _withdrawn(ref, first)
    )

    async with database.transaction() as tx:
        ranks = {one.case_id: (one.rank, one.struck) for one in await entries_of(tx, ref.stage_id)}
    assert ranks == {first: (None, "withdrawn"), second: (1, None)}


async def test_a_case_that_falls_while_the_final_list_is_written_leaves_an_empty_seat(
    rooms: Rooms, database: Database
) -> None:
    decision, take_over, cases = await _decision(database, rooms)
    consultation = stage_ref("consultation", CATEGORY, decision.category_id, decision.cycle_id)
    async with database.transaction() as tx:
        await take_over(tx)
        await rank_stage(tx, decision.stage_id)
        for case_id in cases:
            tx.session.add(
                Decision(stage_id=decision.stage_id, case_id=case_id, outcome="shortlisted", decided_at=tx.now)
            )
        await freeze_shortlist(tx, decision.stage_id)
        received = [
            Received(
                entry=ManifestEntry(
                    case_id=line.case_id,
                    number=line.number,
                    dossier_digest=line.dossier_digest,
                    subject=CaseSubject.model_validate(line.subject),
                ),
                dossier=line.dossier,
            )
            for line in await list_of(tx, decision.stage_id)
        ]
        await _begin_alone(tx, consultation)
        await _handed_over(consultation, "ranking", received)(tx)

    await interleave(
        database.url,
        "ranking",
        lambda tx: freeze_final_list(tx, consultation.stage_id),
        "FROM concern_ruling",
        _withdrawn(decision, cases[0]),
    )

    async with database.transaction() as tx:
        listed = [one.struck for one in await final_entries(tx, decision.category_id)]
        seats = [(one.vacated_by, one.cause) for one in await seats_of(tx, decision.category_id)]
    assert listed == ["withdrawn", None]
    assert seats == [(cases[0], "withdrawn")]
