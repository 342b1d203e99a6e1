"""Which files are taken as evidence, by name, size and content."""

import io
import zipfile

import pytest

from services.submission.domain.evidence import (
    LARGEST,
    MEDIA_TYPES,
    check_announced,
    check_content,
    check_quota,
    check_size,
    extension_of,
)
from shared.kernel.refusals import Refusal, TooLarge


def archive(*members: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        for member in members:
            packed.writestr(member, "x")
    return written.getvalue()


GOOD = {
    "a.pdf": b"%PDF-1.7",
    "A.PDF": b"%PDF-2.0",
    "b.png": b"\x89PNG\r\n\x1a\n....",
    "c.jpg": b"\xff\xd8\xff\xe0",
    "c.jpeg": b"\xff\xd8\xff\xe1",
    "d.xlsx": archive("[Content_Types].xml", "xl/workbook.xml"),
    "e.docx": archive("[Content_Types].xml", "word/document.xml"),
}


@pytest.mark.parametrize("name", GOOD)
def test_allowed_files_are_taken(name: str) -> None:
    assert check_announced(name, len(GOOD[name])) == MEDIA_TYPES[extension_of(name)]
    check_content(name, GOOD[name])


@pytest.mark.parametrize("name", ["a.exe", "a", "a.pdf.exe", "a.docm", "a.svg", "a.html", "a.zip", ".pdf.", "a.doc"])
def test_other_extensions_are_refused(name: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_announced(name, 10)

    assert (refusal.value.code, refusal.value.field) == ("evidence_type", "name")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"PK\x03\x04"),
        ("a.pdf", b" %PDF-1.7"),
        ("b.png", b"\xff\xd8\xff"),
        ("c.jpg", b"GIF89a"),
        ("d.xlsx", archive("[Content_Types].xml", "word/document.xml")),
        ("d.xlsx", archive("xl/workbook.xml")),
        ("d.xlsx", b"PK\x03\x04 broken"),
        ("e.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("d.xlsx", archive("[Content_Types].xml", "xl/workbook.xml", *(f"x{number}" for number in range(2000)))),
        ("a.pdf", b""),
    ],
)
def test_content_must_be_what_the_name_says(name: str, content: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        check_content(name, content)

    assert refusal.value.code == "evidence_type"


def test_sizes() -> None:
    check_size(1)
    check_size(LARGEST)
    for size, code in ((0, "evidence_empty"), (LARGEST + 1, "evidence_too_large")):
        with pytest.raises(Refusal) as refusal:
            check_size(size)
        assert refusal.value.code == code


def test_the_quota_of_a_case() -> None:
    check_quota([1] * 59, 1)
    with pytest.raises(Refusal):
        check_quota([1] * 60, 1)
    with pytest.raises(TooLarge):
        check_quota([LARGEST] * 25, LARGEST)
