"""Lists as files: CSV, JSON and XLSX of headings and rows, written as the rows come, so that length does not matter."""

import csv
import io
import json
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from shared.infra.workbooks import XLSX, sheet_title

BOM = "\ufeff"
MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json", "xlsx": XLSX}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d+(\.\d+)?")
_BLOCK = 64 * 1024

Rows = AsyncIterator[Sequence[str]]


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; a plain negative number stays one."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


async def csv_bytes(headings: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, which spreadsheets need to read Chinese; formulas are disarmed."""
    yield (BOM + _csv_line(headings)).encode()
    async for row in rows:
        yield _csv_line([guarded(cell) for cell in row]).encode()


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


async def json_bytes(headings: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
    """An array of objects, heading → text as shown."""
    opening = "["
    async for row in rows:
        yield (opening + json.dumps(dict(zip(headings, row, strict=True)), ensure_ascii=False)).encode()
        opening = ",\n"
    yield b"[]" if opening == "[" else b"]"


async def xlsx_file(title: str, headings: Sequence[str], numeric: Sequence[bool], rows: Rows) -> IO[bytes]:
    """A workbook in a temporary file, at its beginning: text stays text, numbers of numeric columns are numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(title))
    sheet.append([WriteOnlyCell(sheet, heading) for heading in headings])
    async for row in rows:
        cells = []
        for cell, is_number in zip(row, numeric, strict=True):
            exact = is_number and _NUMBER.fullmatch(cell)
            value: Any = Decimal(cell.replace(",", "")) if exact else cell
            one = WriteOnlyCell(sheet, value)
            one.data_type = "n" if exact else "s"
            cells.append(one)
        sheet.append(cells)
    out = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who sends it
    book.save(out)
    out.seek(0)
    return out


def blocks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The file in blocks; closed at its end."""
    with file:
        while block := file.read(_BLOCK):
            yield block
