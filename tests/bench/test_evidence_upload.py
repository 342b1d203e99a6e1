"""50 MB of evidence through the file origin in parts, with and without finalising, as ratios to one bare PUT of the
same bytes; the three alternate in one run, the medians decide."""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
import pytest

from deploy.stack import Stack
from services.submission.domain.evidence import IN_ONE, LARGEST
from shared.infra.files import QUARANTINE, Files
from tests.integration.servers import People, ServiceProcess
from tests.integration.submission.desk import Desk, Enterprise, good
from tests.integration.submission.large_files import progress
from tests.integration.submission.outside import Outside
from tests.pdfs import large_pdf

ROUNDS = 5
AT_ONCE = 3  # as many parts at once as the browser sends
UPLOAD_GATE, WHOLE_GATE, FINALISE_SECONDS = 0.7, 0.25, 5.0


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Submission on servers of its own."""
    with Stack(tmp_path_factory.mktemp("bench") / "data", profile="rehearsal", services=False) as stack:
        process = ServiceProcess(stack, "submission", "services.submission", tmp_path_factory.mktemp("log") / "log")
        process.run("migrate")
        process.start()
        outside = Outside(stack)
        outside.start()
        found = Desk(process, People(stack), outside)
        yield found
        found.close()
        outside.stop()
        process.stop()


def timed(act: Callable[..., object], *arguments: object) -> float:
    began = time.monotonic()
    act(*arguments)
    return time.monotonic() - began


def bare_put(files: Files, content: bytes) -> None:
    """The floor: one PUT of the same bytes to the S3 server itself, without the origin before it."""
    address = files.client.presigned_put_object(QUARANTINE, "bench/bare")
    assert httpx.put(address, content=content, timeout=60).is_success


def send_parts(one: Enterprise, case_id: str, evidence_id: str, content: bytes) -> None:
    """As the browser: ask where the parts go, a few at a time."""
    missing = progress(one, case_id, evidence_id)["missing"]

    def put(part: dict[str, int | str]) -> None:
        start = (int(part["number"]) - 1) * IN_ONE
        answer = httpx.put(str(part["url"]), content=content[start : start + int(part["size"])], timeout=60)
        assert answer.is_success

    with ThreadPoolExecutor(AT_ONCE) as hands:
        list(hands.map(put, missing))


def finalise(desk: Desk, one: Enterprise, case_id: str, evidence_id: str) -> None:
    """Joined, hashed, looked at, copied, written down."""
    assert good(desk.finalise(one, case_id, evidence_id))["state"] == "kept"


def test_50_mb_against_a_bare_put(desk: Desk) -> None:
    window: UUID = desk.begin(desk.category())
    files, content = Files(desk.process.settings()), large_pdf(LARGEST)
    floors, uploads, finals = [], [], []

    for round_ in range(ROUNDS + 1):
        one = desk.enterprise()
        case_id = good(desk.open(one, window))["case_id"]
        evidence_id = good(desk.announce(one, case_id, size=len(content)))["evidence_id"]
        floor = timed(bare_put, files, content)
        upload = timed(send_parts, one, case_id, evidence_id, content)
        final = timed(finalise, desk, one, case_id, evidence_id)
        if round_:  # the first one warms everything up
            floors.append(floor), uploads.append(upload), finals.append(final)

    floor, upload, final = (statistics.median(each) for each in (floors, uploads, finals))
    print(
        f"\n50 MB: bare PUT {floor:.2f} s, upload in parts {upload:.2f} s, finalise {final:.2f} s (slowest"
        f" {max(finals):.2f} s; gate {FINALISE_SECONDS:.0f} s)"
        f"\nupload ÷ bare PUT {floor / upload:.2f} (gate {UPLOAD_GATE}), with finalise {floor / (upload + final):.2f}"
        f" (gate {WHOLE_GATE})",
        end="",
    )
    assert floor / upload >= UPLOAD_GATE
    assert floor / (upload + final) >= WHOLE_GATE
    assert final <= FINALISE_SECONDS
