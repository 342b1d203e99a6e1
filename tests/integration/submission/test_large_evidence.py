"""Large files come in parts, go on after a cut, and are finalised once, whatever dies meanwhile."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from minio.error import S3Error

from services.submission.domain.evidence import IN_ONE, LARGEST
from shared.infra.files import EVIDENCE, QUARANTINE, Files
from shared.kernel.canonical import digest_bytes
from tests.integration.servers import key
from tests.integration.submission.desk import API, FIGURES, PDF, Desk, Enterprise, good, refused
from tests.integration.submission.large_files import progress, put, send
from tests.pdfs import large_pdf


@pytest.fixture(scope="module")
def window(desk: Desk) -> UUID:
    return desk.begin(desk.category())


@pytest.fixture
def one(desk: Desk) -> Enterprise:
    return desk.enterprise()


@pytest.fixture
def case_id(desk: Desk, one: Enterprise, window: UUID) -> str:
    return str(good(desk.open(one, window))["case_id"])


@pytest.fixture(scope="module")
def files(desk: Desk) -> Files:
    return Files(desk.process.settings())


def versions_in(files: Files, bucket: str, key_: str) -> int:
    """How many versions of an object a bucket holds."""
    found = files.client.list_objects(bucket, prefix=key_, recursive=True, include_version=bucket == EVIDENCE)
    return len(list(found))


def test_50_mb_come_in_parts_go_on_after_a_cut_and_are_finalised_with_five_seconds_of_work(
    desk: Desk, one: Enterprise, case_id: str, files: Files
) -> None:
    content = large_pdf(LARGEST)
    announced = good(desk.announce(one, case_id, size=len(content), figures=["revenue_this_year"], page=1))
    assert announced["upload_url"] is None
    begun = progress(one, case_id, announced["evidence_id"])
    assert (begun["part_size"], begun["done"], len(begun["missing"])) == (IN_ONE, [], 7)
    for part in begun["missing"][:3]:
        assert put(part, content).is_success

    rest = progress(one, case_id, announced["evidence_id"])
    refused(desk.finalise(one, case_id, announced["evidence_id"]), 409, "not_uploaded")
    for part in rest["missing"]:
        assert put(part, content).is_success
    began = desk.process.processor_seconds()
    kept = good(desk.finalise(one, case_id, announced["evidence_id"]))
    taken = desk.process.processor_seconds() - began

    assert rest["done"] == [1, 2, 3]
    assert (kept["state"], kept["sha256"], kept["size"]) == ("kept", digest_bytes(content), LARGEST)
    assert kept["bound"] == [{"figure": "revenue_this_year", "page": 1}]
    assert taken <= 5
    place = f"{case_id}/{kept['evidence_id']}"
    assert (versions_in(files, EVIDENCE, place), versions_in(files, QUARANTINE, place)) == (1, 0)
    found = one.client.get(f"{API}/cases/{case_id}/evidence/{kept['evidence_id']}")
    saved = httpx.get(found.headers["location"])
    assert saved.content == content
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in saved.headers["content-security-policy"]


def test_parts_of_another_size_than_agreed_are_asked_for_again(desk: Desk, one: Enterprise, case_id: str) -> None:
    content = large_pdf(IN_ONE + 1000)
    announced = good(desk.announce(one, case_id, size=len(content)))
    first, second = progress(one, case_id, announced["evidence_id"])["missing"]
    assert put(first, content).is_success
    assert httpx.put(second["url"], content=b"x" * (second["size"] + 1)).is_success

    refused(desk.finalise(one, case_id, announced["evidence_id"]), 409, "not_uploaded")
    again = progress(one, case_id, announced["evidence_id"])

    assert (again["done"], [part["number"] for part in again["missing"]]) == ([1], [2])
    assert httpx.put(second["url"], content=b"x" * 10_000_000).status_code == 413


def test_a_finalisation_killed_between_the_copy_and_the_commit_is_done_once(
    desk: Desk, one: Enterprise, case_id: str, files: Files, tmp_path: Path
) -> None:
    content = large_pdf(IN_ONE + 5000)
    announced = good(desk.announce(one, case_id, size=len(content)))
    for part in progress(one, case_id, announced["evidence_id"])["missing"]:
        assert put(part, content).is_success
    place = f"{case_id}/{announced['evidence_id']}"
    desk.process.stop()
    desk.process.env["FANGBANG_KILL_DIR"] = str(tmp_path)
    desk.process.start()
    order = tmp_path / "submission.evidence.locked"
    order.touch()

    with pytest.raises(httpx.HTTPError):
        desk.finalise(one, case_id, announced["evidence_id"])
    assert desk.process.process is not None
    desk.process.process.wait(10)
    locked = versions_in(files, EVIDENCE, place)
    del desk.process.env["FANGBANG_KILL_DIR"]
    desk.process.start()
    kept = good(desk.finalise(one, case_id, announced["evidence_id"]))

    assert not order.exists()
    assert locked == 1
    assert (versions_in(files, EVIDENCE, place), versions_in(files, QUARANTINE, place)) == (1, 0)
    assert kept["sha256"] == digest_bytes(content)


@pytest.mark.parametrize("size", [len(PDF), IN_ONE + 5000])
def test_the_same_finalisation_sent_many_times_at_once_is_one(
    desk: Desk, one: Enterprise, case_id: str, files: Files, size: int
) -> None:
    content = PDF if size == len(PDF) else large_pdf(size)
    announced = good(desk.announce(one, case_id, size=size))
    evidence = announced["evidence_id"]
    if announced["upload_url"] is not None:
        assert desk.upload(announced, content).is_success
    else:
        assert all(put(part, content).is_success for part in progress(one, case_id, evidence)["missing"])

    with ThreadPoolExecutor(6) as hands:
        answers = list(hands.map(lambda _: desk.finalise(one, case_id, evidence), range(6)))

    assert [(answer.status_code, answer.text) for answer in answers] == [(200, answers[0].text)] * 6
    assert answers[0].json()["sha256"] == digest_bytes(content)
    assert versions_in(files, QUARANTINE, f"{case_id}/{evidence}") == 0
    found = one.client.get(f"{API}/cases/{case_id}/evidence/{evidence}")
    assert httpx.get(found.headers["location"]).content == content


def test_bytes_exchanged_after_the_check_are_not_locked_in(desk: Desk, one: Enterprise, case_id: str) -> None:
    settings = desk.process.settings()

    async def exchange() -> str:
        files, place = Files(settings), f"{case_id}/exchanged"
        await files.put(QUARANTINE, place, PDF, "application/pdf")
        fetched = await files.fetch(QUARANTINE, place, io.BytesIO())
        assert fetched is not None
        await files.put(QUARANTINE, place, b"MZ", "application/pdf")
        try:
            await files.lock_in(place, fetched, "application/pdf", datetime.now(UTC) + timedelta(days=1))
        except S3Error as trouble:
            return trouble.code + str(versions_in(files, EVIDENCE, place))
        return "locked"

    assert asyncio.run(exchange()) == "PreconditionFailed0"


def test_a_removed_upload_leaves_no_parts(desk: Desk, one: Enterprise, case_id: str, files: Files) -> None:
    content = large_pdf(IN_ONE + 1000)
    announced = good(desk.announce(one, case_id, size=len(content)))
    part = progress(one, case_id, announced["evidence_id"])["missing"][0]
    assert put(part, content).is_success

    good(one.client.delete(f"{API}/applications/{case_id}/evidence/{announced['evidence_id']}", headers=key()))

    unfinished = asyncio.run(files.unfinished_uploads())
    assert f"{case_id}/{announced['evidence_id']}" not in {upload.key for upload in unfinished}
    assert put(part, content).status_code == 404


def test_a_small_file_has_no_parts_and_a_stranger_learns_nothing(desk: Desk, one: Enterprise, case_id: str) -> None:
    small = good(desk.announce(one, case_id))["evidence_id"]
    path = f"{API}/applications/{case_id}/evidence/{small}/parts"

    refused(one.client.post(path, headers=key()), 409, "not_in_parts")
    refused(desk.enterprise().client.post(path, headers=key()), 404, "not_found")


def test_a_page_that_the_file_does_not_have_is_refused(desk: Desk, one: Enterprise, case_id: str) -> None:
    announced = good(desk.announce(one, case_id, figures=["revenue_this_year"], page=2))
    assert desk.upload(announced, PDF).is_success

    assert "共 1 页" in refused(desk.finalise(one, case_id, announced["evidence_id"]), 422, "evidence_page")["title"]


def test_the_next_edition_replaces_a_file_and_the_former_stays_to_be_read(
    desk: Desk, one: Enterprise, case_id: str
) -> None:
    good(desk.enter(one, case_id, FIGURES))
    first = desk.attach(one, case_id, figures=["revenue_this_year"], page=1)
    content = large_pdf(IN_ONE + 1)

    second = send(desk, one, case_id, content, name="新审计报告.pdf", replaces=first["evidence_id"])

    shown = good(one.client.get(f"{API}/applications/{case_id}"))["evidence"]
    assert [(each["name"], each["edition"], each["state"]) for each in shown] == [
        ("新审计报告.pdf", 2, "kept"),
        ("审计报告.pdf", 1, "replaced"),
    ]
    assert second["bound"] == first["bound"] == [{"figure": "revenue_this_year", "page": 1}]
    former = one.client.get(f"{API}/cases/{case_id}/evidence/{first['evidence_id']}")
    assert httpx.get(former.headers["location"]).content == PDF
    refused(desk.announce(one, case_id, replaces=first["evidence_id"]), 409, "not_in_force")
    good(desk.submit(one, case_id))
