"""Workbooks for people who go on with a spreadsheet."""

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from services.ranking.domain.lists import SUMMARY_COLUMNS

_WIDTHS = (6, 36, 22, 10, 10, 40)


def summary_workbook(table: Mapping[str, Any], *, rehearsal: bool) -> bytes:
    """The report table 附3 with a row a case and the items' points on a second sheet."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet), "a new workbook has one sheet"
    sheet.title = "总表"
    mark = "（演练）" if rehearsal else ""
    sheet.append([f"{table['title']}{mark}"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(SUMMARY_COLUMNS))
    _head(sheet, SUMMARY_COLUMNS)
    for row in table["rows"]:
        said = (_number(row["score"]), "推荐" if row["recommended"] else "不推荐", _text(row["reason"]))
        sheet.append([row["position"], _text(row["name"]), row["credit_code"], *said])
    for column, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    _items(book, table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Worksheet, columns: tuple[str, ...]) -> None:
    sheet.append(list(columns))
    for row in sheet.iter_rows(min_row=1, max_row=2):
        for cell in row:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(horizontal="center")


def _items(book: Workbook, table: Mapping[str, Any]) -> None:
    sheet = book.create_sheet("各项得分")
    names: Mapping[str, str] = table["item_names"]
    sheet.append(["序号", "企业名称", *names.values(), "得分"])
    for row in table["rows"]:
        points = [_number(row["items"].get(item)) for item in names]
        sheet.append([row["position"], _text(row["name"]), *points, _number(row["score"])])


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(value: str | None) -> str | None:
    """Never a formula, whatever was filed."""
    return f"'{value}" if value and value[0] in "=+-@" else value
