"""XLSX workbooks: report tables in, bytes out. Numbers stay numbers, and nothing that was filed becomes a formula."""

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from shared.rulebook import ReportTable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NARROW, _WIDE, _LETTERS_SHOWN = 8, 44, 2
_SHEET_TITLE = 31
_NOT_IN_TITLES = str.maketrans("", "", "[]:*?/\\")
Cell = Decimal | str | None


def workbook(tables: Sequence[ReportTable], *, mark: str = "") -> bytes:
    """A sheet for each table: title and source, headings, rows, the sums.

    Args:
        mark: put behind every title, such as （演练）.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        _write(book.create_sheet(sheet_title(f"{table.source} {table.title}")), table, mark)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_title(text: str) -> str:
    """A title that a workbook takes for a sheet."""
    return text.translate(_NOT_IN_TITLES)[:_SHEET_TITLE]


def _write(sheet: Worksheet, table: ReportTable, mark: str) -> None:
    columns = table.columns
    sheet.append([f"{table.title}{mark}"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(columns))
    sheet.append([column.heading for column in columns])
    for row in table.rows:
        sheet.append([_cell(row.get(column.id)) for column in columns])
    if table.totals:
        sums = [table.totals.get(column.id) for column in columns]
        sheet.append([sums[0] or "合计", *sums[1:]])
    _dress(sheet, [2, *([sheet.max_row] if table.totals else [])])
    for place, column in enumerate(columns, start=1):
        shown = [column.heading, *(str(_cell(row.get(column.id)) or "") for row in table.rows)]
        sheet.column_dimensions[get_column_letter(place)].width = _width(shown)


def _dress(sheet: Worksheet, bold: Iterable[int]) -> None:
    sheet.freeze_panes = "C3"
    for number in (1, *bold):
        for cell in sheet[number]:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _width(shown: Sequence[str]) -> int:
    return min(_WIDE, max(_NARROW, _LETTERS_SHOWN * max(map(len, shown))))


def _cell(value: Decimal | bool | str | None) -> Cell:
    """A cell: numbers as numbers, answers as 是 and 否, text never as formula."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return value
