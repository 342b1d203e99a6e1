"""Pages and pictures drawn on the server for whoever may read the case; nothing of the file reaches the browser."""

import io
from uuid import UUID

import httpx
import pytest
from PIL import Image

from tests.evidence_files import picture, sound_files
from tests.integration.submission.desk import API, Desk, Enterprise, good, refused


@pytest.fixture(scope="module")
def window(desk: Desk) -> UUID:
    return desk.begin(desk.category())


def attached(desk: Desk, window: UUID, name: str, content: bytes) -> tuple[Enterprise, str, dict[str, object]]:
    """A file of a case of its own."""
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    kept = desk.attach(one, case_id, content, name=name)
    return one, f"{API}/cases/{case_id}/evidence/{kept['evidence_id']}/preview", kept


def size_of(answer: httpx.Response) -> tuple[int, int]:
    """Pixels of the picture answered."""
    with Image.open(io.BytesIO(answer.content)) as drawn:
        assert drawn.format == "PNG"
        return drawn.size


def test_a_page_of_a_pdf_is_drawn_for_its_owner_and_the_office(desk: Desk, window: UUID) -> None:
    one, path, kept = attached(desk, window, "审计报告.pdf", sound_files()["审计报告.pdf"])

    for reader in (one.client, desk.office):
        answer = reader.get(path)
        assert size_of(answer) == (400, 400)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert kept["previews"] == [f"{path}?page=1"]
    refused(one.client.get(path, params={"page": 2}), 404, "not_found")
    refused(desk.enterprise().client.get(path), 404, "not_found")


def test_a_large_picture_is_made_smaller(desk: Desk, window: UUID) -> None:
    one, path, _ = attached(desk, window, "现场.jpg", picture("JPEG", (4000, 3000)))

    assert size_of(one.client.get(path)) == (1600, 1200)


def test_a_table_has_no_preview(desk: Desk, window: UUID) -> None:
    one, path, kept = attached(desk, window, "表.xlsx", sound_files()["明细v1.2.xlsx"])

    assert kept["previews"] == []
    refused(one.client.get(path), 404, "not_found")
