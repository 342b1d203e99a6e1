"""Evidence before a real clamd: infected files are refused, what could not be scanned is held, the receipt is not."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest

from deploy.stack import Stack
from deploy.stack.ports import free_port
from services.submission.uploads.sweeping import scan_held
from shared.infra.files import EVIDENCE, QUARANTINE, Files
from shared.infra.service import build_service
from tests.attacks import EICAR
from tests.evidence_files import docx
from tests.integration.clamd import Clamd
from tests.integration.servers import People, ServiceProcess, key
from tests.integration.submission.desk import API, FIGURES, Desk, Enterprise, good, refused
from tests.integration.submission.outside import Outside
from tests.integration.submission.test_pages import Browser
from tests.pdfs import pdf

INFECTED = docx({"word/media/image1.png": EICAR})


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    with Clamd() as running:
        yield running


@pytest.fixture(scope="module")
def scanning(
    stack: Stack,
    process: ServiceProcess,
    people: People,
    outside: Outside,
    clamd: Clamd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    """A second web process beside the first, that has a scanner."""
    assert process.process is not None
    second = ServiceProcess(stack, "submission", "services.submission", tmp_path_factory.mktemp("scanning") / "log")
    second.env |= {"FANGBANG_HTTP_PORT": str(free_port()), "FANGBANG_CLAMAV": clamd.socket}
    second.start("web")
    found = Desk(second, people, outside)
    yield found
    found.close()
    second.stop()


@pytest.fixture(scope="module")
def window(scanning: Desk) -> UUID:
    return scanning.begin(scanning.category())


def draft(desk: Desk, window: UUID) -> tuple[Enterprise, str]:
    """An enterprise with a filing whose figures are complete."""
    one = desk.enterprise()
    case_id = str(good(desk.open(one, window))["case_id"])
    good(desk.enter(one, case_id, FIGURES))
    return one, case_id


def scan_again(desk: Desk, clamd: Clamd) -> int:
    """What the sweeper does each twenty seconds."""

    async def sweep() -> int:
        service = build_service(desk.process.settings().model_copy(update={"clamav": clamd.socket}))
        try:
            return await scan_held(service)
        finally:
            await service.database.close()

    return asyncio.run(sweep())


def lying(desk: Desk, bucket: str, case_id: str) -> int:
    """How many files of a case lie in a bucket."""
    return len(list(Files(desk.process.settings()).client.list_objects(bucket, prefix=case_id, recursive=True)))


def test_a_clean_file_is_kept_and_says_who_scanned_it(scanning: Desk, window: UUID) -> None:
    one, case_id = draft(scanning, window)

    kept = scanning.attach(one, case_id)

    assert (kept["state"], kept["scan"]) == ("kept", "clean")


def test_without_a_scanner_a_file_is_kept_and_shown_as_not_scanned(desk: Desk, window: UUID) -> None:
    one, case_id = draft(desk, window)

    kept = desk.attach(one, case_id)

    assert (kept["state"], kept["scan"]) == ("kept", "none")
    page = one.client.get(f"/portal/applications/{case_id}").text
    assert "未查毒" in page


def test_an_infected_file_is_refused_and_leaves_nothing(scanning: Desk, window: UUID) -> None:
    one, case_id = draft(scanning, window)
    announced = good(scanning.announce(one, case_id, name="说明.docx", size=len(INFECTED)))
    assert scanning.upload(announced, INFECTED).is_success

    problem = refused(scanning.finalise(one, case_id, announced["evidence_id"]), 422, "evidence_infected")

    assert "Drill.Eicar" in problem["title"]
    assert (lying(scanning, EVIDENCE, case_id), lying(scanning, QUARANTINE, case_id)) == (0, 0)


def test_with_the_scanner_gone_the_file_is_held_and_the_receipt_is_not(scanning: Desk, clamd: Clamd) -> None:
    place = scanning.category()
    window = scanning.begin(place)
    (one, case_id), (other, others) = draft(scanning, window), draft(scanning, window)
    clamd.stop()
    held = scanning.attach(one, case_id, figures=["revenue_this_year"], page=1)
    scanning.attach(other, others)
    bad = scanning.attach(other, others, INFECTED, name="说明.docx")

    receipt = good(scanning.submit(one, case_id))
    good(scanning.submit(other, others))
    scanning.begin(place, "screening")
    page = one.client.get(f"/portal/applications/{case_id}").text
    verdict = scanning.decide(case_id, "pass")
    still = scan_again(scanning, clamd)
    clamd.start()
    settled = scan_again(scanning, clamd)

    assert (held["state"], bad["state"], still, settled) == ("held", "held", 0, 3)
    assert receipt["number"]
    assert "待查毒" in page
    refused(verdict, 409, "evidence_held")
    shown = good(one.client.get(f"{API}/applications/{case_id}"))
    assert [(each["state"], each["scan"], each["sha256"]) for each in shown["evidence"]] == [
        ("kept", "clean", held["sha256"])
    ]
    assert shown["receipt"]["digest"] == receipt["digest"]
    good(scanning.decide(case_id, "pass"))
    files = good(other.client.get(f"{API}/applications/{others}"))["evidence"]
    assert {each["name"]: each["state"] for each in files} == {"审计报告.pdf": "kept", "说明.docx": "refused"}
    assert (lying(scanning, EVIDENCE, others), lying(scanning, QUARANTINE, others)) == (1, 0)


def test_a_held_file_that_was_exchanged_meanwhile_is_refused(scanning: Desk, window: UUID, clamd: Clamd) -> None:
    one, case_id = draft(scanning, window)
    clamd.stop()
    announced = good(scanning.announce(one, case_id, size=len(pdf())))
    assert scanning.upload(announced, pdf()).is_success
    assert good(scanning.finalise(one, case_id, announced["evidence_id"]))["state"] == "held"
    assert scanning.upload(announced, pdf(b"% other")).is_success
    clamd.start()

    scan_again(scanning, clamd)

    refused(scanning.finalise(one, case_id, announced["evidence_id"]), 422, "evidence_changed")
    assert lying(scanning, EVIDENCE, case_id) == 0


def test_a_held_file_can_be_taken_out(scanning: Desk, window: UUID, clamd: Clamd) -> None:
    one, case_id = draft(scanning, window)
    clamd.stop()
    held = scanning.attach(one, case_id)
    clamd.start()

    good(one.client.delete(f"{API}/applications/{case_id}/evidence/{held['evidence_id']}", headers=key()))

    assert scan_again(scanning, clamd) == 0
    assert lying(scanning, QUARANTINE, case_id) == 0


def test_a_file_with_a_finding_is_scanned_too_and_waits_for_the_scanner(scanning: Desk, clamd: Clamd) -> None:
    place = scanning.category()
    window = scanning.begin(place)
    one, case_id = draft(scanning, window)
    scanning.attach(one, case_id)
    good(scanning.submit(one, case_id))
    scanning.begin(place, "screening")
    office, path = Browser(scanning, "office"), f"/screening/cases/{case_id}/findings"
    office.open(f"/screening/cases/{case_id}")
    found = {"kind": "on_site", "source": "演练核查组", "found_on": "2026-02-10", "finding": "设备与申报一致"}

    infected = office.send(path, status=422, **found, files={"file": ("现场.docx", INFECTED)})
    clamd.stop()
    waits = office.send(path, status=422, **found, files={"file": ("现场.pdf", pdf())})
    clamd.start()
    kept = office.send(path, **found, files={"file": ("现场.pdf", pdf())})

    assert "Drill.Eicar" in infected
    assert "查毒服务暂时不能检查" in waits
    assert "设备与申报一致" in waits, "what was typed is kept"
    assert "现场.pdf" in kept
    assert lying(scanning, EVIDENCE, case_id) == 2
    office.client.close()
