"""Sound files of every type that is taken as evidence, made as people make them."""

import io
import zipfile
from collections.abc import Mapping
from functools import cache

from openpyxl import Workbook
from PIL import Image

from tests.pdfs import pdf

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MODE = {True: ' TargetMode="External"', False: ""}
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def relationships(*of: tuple[str, str, bool]) -> str:
    """A part of relationships: (type, target, whether outside)."""
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"{_MODE[outside]}/>'
        for number, (kind, target, outside) in enumerate(of)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )


def document(body: str = "<w:r><w:t>演练材料</w:t></w:r>") -> str:
    """The main part of a text document, one paragraph."""
    return f'<w:document xmlns:w="{_WORD}"><w:body><w:p>{body}</w:p></w:body></w:document>'


def archive(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these members."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return written.getvalue()


def docx_parts() -> dict[str, str | bytes]:
    """The parts of a sound DOCX."""
    return {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": relationships(("officeDocument", "word/document.xml", False)),
        "word/document.xml": document(),
    }


def docx(more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A DOCX, with parts added or replaced."""
    return archive({**docx_parts(), **(more or {})})


@cache
def xlsx_parts() -> Mapping[str, str | bytes]:
    """The parts of a sound XLSX."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["A2"], sheet["A3"] = "演练数据", 12, "=SUM(A2:A2)"
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def xlsx(more: Mapping[str, str | bytes] | None = None) -> bytes:
    """An XLSX, with parts added or replaced."""
    return archive({**xlsx_parts(), **(more or {})})


def picture(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture with something on it."""
    written = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(written, kind)
    return written.getvalue()


def sound_files() -> dict[str, bytes]:
    """One file of each type, by its name."""
    return {
        "审计报告.pdf": pdf(),
        "A.PDF": pdf(b"another"),
        "2025.12.31 照片.png": picture("PNG"),
        "现场.jpg": picture("JPEG"),
        "现场2.jpeg": picture("JPEG"),
        "明细v1.2.xlsx": xlsx(),
        "说明.docx": docx(),
    }
