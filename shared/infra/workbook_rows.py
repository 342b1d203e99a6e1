"""Workbooks handed in for import: a template from columns, the rows filled in, the same workbook with reasons.

A template's sheet has a title, a line of guidance, headings, the columns' ids, then the rows. Read are raw values; what
they mean is checked by the action that takes a row over.
"""

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from shared.kernel.refusals import Refusal

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 2000
_LARGEST_UNPACKED = 60 * 1024 * 1024
_GUIDANCE = "从下一行起每行一条；不要改动标题行和灰色的标识行。带 * 的必填；数字不写单位，多选用顿号隔开。"
_REASONS = "错误原因"
_LONGEST_LIST = 255
_WRONG = PatternFill("solid", fgColor="FBE3E4")
_IDS_WITHIN = 20


@dataclass(frozen=True)
class SheetColumn:
    """A column of a template; ``options``: what the spreadsheet offers for choice."""

    id: str
    heading: str
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetRow:
    """A filled row: its number in the sheet, column id → value as typed (numbers exact), empty cells left out."""

    number: int
    values: Mapping[str, object]


@dataclass(frozen=True)
class CellFault:
    """Something wrong with a row, at a column where that is known."""

    row: int
    column: str | None
    reason: str


@dataclass(frozen=True)
class Sheet:
    """What was read of a workbook: the sheet's name, at which letter each column stands, rows, and faults of cells."""

    title: str
    letters: Mapping[str, str]
    rows: tuple[SheetRow, ...]
    faults: tuple[CellFault, ...]

    def place(self, fault: CellFault) -> str:
        """Sheet and cell of a fault, as a spreadsheet names them."""
        letter = self.letters.get(fault.column or "")
        return f"{self.title}!{letter}{fault.row}" if letter else f"{self.title} 第 {fault.row} 行"


def import_template(title: str, columns: Sequence[SheetColumn], *, mark: str = "") -> bytes:
    """An empty template; ``mark`` is put behind its title, such as （演练）."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "导入"
    sheet.append([f"{title}{mark}"])
    sheet.append([_GUIDANCE])
    sheet.append([f"{column.heading}{' *' if column.required else ''}" for column in columns])
    sheet.append([column.id for column in columns])
    _dress(sheet, columns)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _dress(sheet: Worksheet, columns: Sequence[SheetColumn]) -> None:
    sheet.freeze_panes = "A5"
    sheet["A1"].font = Font(bold=True)
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = min(40, max(12, 2 * len(column.heading)))
        sheet[f"{letter}3"].font = Font(bold=True)
        sheet[f"{letter}3"].alignment = Alignment(wrap_text=True, vertical="center")
        sheet[f"{letter}4"].font = Font(color="808080", size=8)
        listed = ",".join(column.options)
        if column.options and len(listed) < _LONGEST_LIST and not any("," in one for one in column.options):
            rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
            sheet.add_data_validation(rule)
            rule.add(f"{letter}5:{letter}{MOST_ROWS}")


def read_rows(content: bytes, columns: Sequence[SheetColumn]) -> Sheet:
    """The rows of a filled template.

    Raises:
        Refusal: too large, no workbook, not this template, no row or too many.
    """
    sheet = _opened(content).worksheets[0]
    head, places = _head(sheet, {column.id for column in columns})
    required = {column.id: column.heading for column in columns if column.required}
    rows: list[SheetRow] = []
    faults: list[CellFault] = []
    for number, cells in enumerate(sheet.iter_rows(min_row=head + 1, max_row=head + MOST_ROWS + 1), start=head + 1):
        wrong = [
            CellFault(number, name, "是公式，请改为数值或文字。")
            for name, at in places.items()
            if _is_formula(cells, at)
        ]
        values = {name: value for name, at in places.items() if (value := _value(cells, at)) is not None}
        if not values:
            continue
        missing = [name for name in required if name not in values]
        faults += wrong + [CellFault(number, name, f"“{required[name]}”必填。") for name in missing]
        rows.append(SheetRow(number, values))
    if not rows:
        raise Refusal("no_rows", "表中没有填写任何一行。", field="file")
    if len(rows) > MOST_ROWS:
        raise Refusal("too_many_rows", f"一次至多导入 {MOST_ROWS} 行，请分成几个文件。", field="file")
    letters = {name: get_column_letter(at + 1) for name, at in places.items()}
    return Sheet(sheet.title, letters, tuple(rows), tuple(faults))


def _opened(content: bytes) -> Any:
    if len(content) > LARGEST:
        raise Refusal("workbook_too_large", f"文件不得超过 {LARGEST // 1024 // 1024} MB。", field="file")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST_UNPACKED:
                raise Refusal("workbook_too_large", "文件解压后过大。", field="file")
        return load_workbook(io.BytesIO(content))
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        OSError,
        SyntaxError,
    ) as trouble:
        raise Refusal("not_a_workbook", "无法读取这个文件，请上传由本页下载的 XLSX 模板。", field="file") from trouble


def _head(sheet: Any, wanted: Collection[str]) -> tuple[int, dict[str, int]]:
    """The row of the ids, and at which place each stands."""
    for number, cells in enumerate(sheet.iter_rows(max_row=_IDS_WITHIN, values_only=True), start=1):
        places = {str(value): at for at, value in enumerate(cells) if value is not None}
        if set(wanted) <= set(places):
            return number, {name: places[name] for name in wanted}
    raise Refusal("not_a_template", "这不是由本页下载的模板，或者标识行被改动，请重新下载后填写。", field="file")


def _is_formula(cells: Sequence[Any], at: int) -> bool:
    return at < len(cells) and cells[at].data_type == "f"


def _value(cells: Sequence[Any], at: int) -> object:
    """A cell as it was typed. A spreadsheet keeps doubles: their shortest text is what was typed."""
    value = cells[at].value if at < len(cells) else None
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, str):
        return value.strip() or None
    return value


def with_reasons(content: bytes, sheet: Sheet, faults: Sequence[CellFault]) -> bytes:
    """The same workbook with a column of reasons behind its rows, the cells at fault marked."""
    book = _opened(content)
    written = book.worksheets[0]
    last = max((written[f"{letter}1"].column for letter in sheet.letters.values()), default=1) + 1
    letter = get_column_letter(last)
    head = min(row.number for row in sheet.rows) - 2
    written[f"{letter}{max(1, head)}"] = _REASONS
    written.column_dimensions[letter].width = 60
    for number, reasons in _by_row(faults):
        cell = written[f"{letter}{number}"]
        cell.value, cell.data_type = reasons, "s"
        cell.alignment = Alignment(wrap_text=True)
    for fault in faults:
        if at := sheet.letters.get(fault.column or ""):
            written[f"{at}{fault.row}"].fill = _WRONG
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _by_row(faults: Sequence[CellFault]) -> Iterator[tuple[int, str]]:
    for number in sorted({fault.row for fault in faults}):
        yield number, "；".join(fault.reason for fault in faults if fault.row == number)
