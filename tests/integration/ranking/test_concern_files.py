"""Files that departments give with concerns go through what evidence goes through, before a real clamd."""

import asyncio
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.stack import Stack
from deploy.stack.ports import free_port
from services.ranking.files import scan_held
from services.ranking.tables import CaseCopy, Letter, StageProgress
from shared.infra.database import Database
from shared.infra.service import build_service
from shared.infra.stages import open_stage
from tests.attacks import EICAR
from tests.attacks.pdfs import pdfs
from tests.integration.clamd import Clamd
from tests.integration.ranking.committee import CATEGORY, Committee
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import People, ServiceProcess, key
from tests.pdfs import pdf

HTML = {"Accept": "text/html"}
SOUND, INFECTED = pdf(b"% drill"), pdf(EICAR)


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    with Clamd() as running:
        yield running


@pytest.fixture(scope="module")
def scanning(
    stack: Stack, ranking: ServiceProcess, clamd: Clamd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    """A second web process beside the first, that has a scanner."""
    second = ServiceProcess(stack, "ranking", "services.ranking", tmp_path_factory.mktemp("scanning") / "log")
    second.env |= {"FANGBANG_HTTP_PORT": str(free_port()), "FANGBANG_CLAMAV": clamd.socket}
    second.start("web")
    yield second
    second.stop()


async def asked(database: Database, department: UUID) -> tuple[UUID, UUID]:
    """A consultation in which a department is asked about one case: stage and case."""
    ref, case = stage_ref("consultation", CATEGORY, uuid4(), uuid4()), uuid4()
    async with database.transaction() as tx:
        await open_stage(tx, ref, length=10, waits_for="department")
        tx.session.add(StageProgress(stage_id=ref.stage_id, category_id=ref.category_id, received_at=tx.now, cases=1))
        tx.session.add(Letter(stage_id=ref.stage_id, department_id=department, department="演练部门", sent_at=tx.now))
        tx.session.add(
            CaseCopy(
                stage_id=ref.stage_id,
                case_id=case,
                category_id=ref.category_id,
                number="NQ-001",
                subject={"name": "演练企业001"},
                source="ranking",
                dossier_digest="0" * 64,
                dossier={"position": 1},
            )
        )
    return ref.stage_id, case


def give(client: httpx.Client, stage: UUID, content: bytes) -> httpx.Response:
    return client.post(f"/api/ranking/consultations/{stage}/files", content=content, headers=key())


def scan_again(process: ServiceProcess, clamd: Clamd) -> int:
    """What the sweeper does each twenty seconds."""

    async def sweep() -> int:
        service = build_service(process.settings().model_copy(update={"clamav": clamd.socket}))
        try:
            return await scan_held(service)
        finally:
            await service.database.close()

    return asyncio.run(sweep())


def test_a_file_that_acts_or_is_broken_is_refused_and_one_unscanned_says_so(
    rooms: Rooms, ranking: ServiceProcess, people: People
) -> None:
    department = uuid4()
    stage, case = rooms.run(asked(rooms.database, department))
    acting = next(one.content for one in pdfs() if "JavaScript" in one.trick)
    with people.client(ranking.origin, "department", acts_for=(department,)) as client:
        refusals = [give(client, stage, content).json()["code"] for content in (b"GIF89a", acting, SOUND[:40])]
        given = give(client, stage, SOUND).json()
        entry = {"case": str(case), "reply": "concern", "text": "演练：需核实", "file": given["sha256"]}
        reply = {"entries": [entry]}
        answered = client.post(f"/api/ranking/consultations/{stage}/replies", json=reply, headers=key())
        page = client.get("/committee/consultations", headers=HTML).text
        file = client.get(f"/api/ranking/consultations/{stage}/files/{given['sha256']}")

    assert refusals == ["file_kind", "evidence_active", "evidence_damaged"]
    assert (given["scan"], answered.status_code, file.content) == ("none", 200, SOUND)
    assert "未查毒" in page
    assert file.headers["content-disposition"] == "attachment; filename=concern.pdf"


def test_what_cannot_be_scanned_is_held_from_reading_and_ruling_until_it_was(
    rooms: Rooms, scanning: ServiceProcess, people: People, clamd: Clamd
) -> None:
    committee, departments = Committee(rooms, people, scanning.origin), (uuid4(), uuid4())
    places = [rooms.run(asked(rooms.database, one)) for one in departments]
    with people.client(scanning.origin, "department", acts_for=departments) as client:
        infected = give(client, places[0][0], INFECTED)
        clean = give(client, places[0][0], SOUND)
        clamd.stop()
        held = [
            give(client, stage, content).json() for (stage, _), content in zip(places, (SOUND, INFECTED), strict=True)
        ]
        for (stage, case), one in zip(places, held, strict=True):
            entry = {"case": str(case), "reply": "concern", "text": "演练：需核实", "file": one["sha256"]}
            path = f"/api/ranking/consultations/{stage}/replies"
            assert client.post(path, json={"entries": [entry]}, headers=key()).status_code == 200
        early = [_read(client, stage, one["sha256"]) for (stage, _), one in zip(places, held, strict=True)]
        waiting = client.get("/committee/consultations", headers=HTML).text
        ruling = {"ruling": "keep", "reason": "演练：情况属实但不影响"}
        rulings = [f"consultations/{stage}/concerns/{case}" for stage, case in places]
        too_early = committee.post(rulings[0], ruling)
        still = scan_again(scanning, clamd)
        clamd.start()
        settled = scan_again(scanning, clamd)
        late = [_read(client, stage, one["sha256"]) for (stage, _), one in zip(places, held, strict=True)]
        after = client.get("/committee/consultations", headers=HTML).text
    ruled = [committee.post(path, ruling).status_code for path in rulings]
    committee.http.close()

    assert (infected.status_code, infected.json()["code"], clean.json()["scan"]) == (422, "evidence_infected", "clean")
    assert [one["scan"] for one in held] == ["held", "held"]
    assert early == [409, 409]
    assert (waiting.count("待查毒"), "待查毒" in after) == (2, False)
    assert (too_early.status_code, too_early.json()["code"]) == (409, "file_held")
    assert (still, settled, late) == (0, 2, [200, 404])
    assert "查毒未通过，已移除" in after
    assert ruled == [200, 200]


def _read(client: httpx.Client, stage: UUID, sha256: str) -> int:
    return client.get(f"/api/ranking/consultations/{stage}/files/{sha256}").status_code
