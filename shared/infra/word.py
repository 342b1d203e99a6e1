"""Word documents: blocks of headings, paragraphs and tables as DOCX, to be worked on by people before a paper is final.

No clock is read; the same blocks give the same bytes. The paper in force is always the PDF.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FAMILY = "宋体"
_MADE = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within the document."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; empty text is an empty line."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a head; every row has as many cells as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Table


def word_document(title: str, blocks: Sequence[Block], *, mark: str = "") -> bytes:
    """The blocks under a title as DOCX. ``mark`` stands in the header of every page."""
    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = _MADE
    document.core_properties.title, document.core_properties.author = title, ""
    style = document.styles["Normal"]
    style.font.name, style.font.size = FAMILY, Pt(11)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FAMILY)
    if mark:
        document.sections[0].header.paragraphs[0].text = mark
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = head.add_run(title)
    run.bold, run.font.size = True, Pt(18)
    for block in blocks:
        _add(document, block)
    content = io.BytesIO()
    document.save(content)
    return _without_clock(content)


def _without_clock(content: io.BytesIO) -> bytes:
    """The package with one date for every part, which the library takes from the clock."""
    packed = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(packed, "w") as new:
        for part in old.infolist():
            new.writestr(zipfile.ZipInfo(part.filename, _MADE.timetuple()[:6]), old.read(part), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _add(document: Document, block: Block) -> None:
    match block:
        case Heading(text):
            document.add_paragraph().add_run(text).bold = True
        case Paragraph(text):
            document.add_paragraph(text)
        case Table(head, rows):
            table = document.add_table(rows=0, cols=len(head), style="Table Grid")
            for row in (head, *rows):
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
