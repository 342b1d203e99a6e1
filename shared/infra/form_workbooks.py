"""The form of a category as an XLSX template, made from the rulebook, and what somebody filled into one.

Read back are raw figures as a page would send them; they are checked by the same rules.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from shared.kernel.canonical import plain_decimal
from shared.kernel.refusals import Refusal
from shared.rulebook import Category, Fact

LARGEST = 1024 * 1024
_LARGEST_UNPACKED = 20 * LARGEST
_HEADINGS = ("数据项", "填写", "单位", "说明", "标识（请勿改动）")
_WIDTHS = (44, 24, 10, 60, 28)
_MOST_ROWS = 500
_LONGEST_LIST = 255
_YES_NO = {"true": "是", "false": "否"}
_NUMBERS = {"number", "integer", "money_10k_cny", "percent", "year"}
_ANSWER = PatternFill("solid", fgColor="FFF7E0")


def form_workbook(
    category: Category, variant: str | None, entered: Mapping[str, object], *, party: str = "applicant", mark: str = ""
) -> bytes:
    """The template of a category: a row a fact of this party and variant, with what was entered already.

    Args:
        entered: figures as they are kept: decimal strings, booleans, option ids, lists of them.
        mark: put behind the title, such as （演练）.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "申报数据"
    sheet.append([f"{category.name}{mark}"])
    sheet.append(["只在“填写”一列填入；数字不写单位和百分号；多选用顿号隔开。"])
    sheet.append(list(_HEADINGS))
    for fact in category.facts:
        if fact.filled_by == party and (not fact.required_for or variant in fact.required_for):
            value = _written(fact, entered.get(fact.id))
            sheet.append([fact.label, value, fact.unit or "", _told(fact, variant), fact.id])
            _guide(sheet, fact, sheet.max_row)
    _dress(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_form_workbook(content: bytes, category: Category) -> dict[str, object]:
    """What was filled into a template: fact id → raw figure; empty cells are left out.

    Raises:
        Refusal: too large, no workbook, or not a template of this product.
    """
    if len(content) > LARGEST:
        raise Refusal("workbook_too_large", "填报表不得超过 1 MB。", field="file")
    try:
        _refuse_bomb(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = list(book.worksheets[0].iter_rows(max_row=_MOST_ROWS, max_col=len(_HEADINGS), values_only=True))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as trouble:
        raise Refusal("not_a_workbook", "无法读取这个文件，请上传由本页下载的 XLSX 填报表。", field="file") from trouble
    if _HEADINGS not in rows:
        raise Refusal("not_a_template", "这不是由本页下载的填报表，请重新下载后填写。", field="file")
    return dict(_answers(rows[rows.index(_HEADINGS) + 1 :], category))


def _refuse_bomb(content: bytes) -> None:
    """A small archive may unpack to anything; a template never does."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _LARGEST_UNPACKED:
            raise Refusal("workbook_too_large", "填报表解压后过大，请重新下载后填写。", field="file")


def _answers(rows: Sequence[Sequence[object]], category: Category) -> Iterator[tuple[str, object]]:
    for _, value, *_, fact_id in (row for row in rows if len(row) == len(_HEADINGS)):
        if value is None or (isinstance(value, str) and not value.strip()) or not isinstance(fact_id, str):
            continue
        fact = category.fact(fact_id)
        yield fact_id, value if fact is None else raw_value(fact, value)


def raw_value(fact: Fact, value: object) -> object:
    """A cell as a page would send it. A spreadsheet keeps doubles: their shortest text is what was typed."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, bool | int):
        return value
    ids = {choice.label: choice.value for choice in fact.allowed}
    text = str(value).strip()
    if fact.multiple:
        return [ids.get(part.strip(), part.strip()) for part in text.split("、") if part.strip()]
    return ids.get(text, text)


def _written(fact: Fact, value: object) -> object:
    if value is None:
        return None
    labels = {choice.value: choice.label for choice in fact.allowed} | _YES_NO
    if isinstance(value, list | tuple):
        return "、".join(labels.get(str(one), str(one)) for one in value)
    if isinstance(value, bool):
        return _YES_NO[str(value).lower()]
    if fact.type in _NUMBERS:
        return Decimal(str(value))
    return labels.get(str(value), str(value))


def _told(fact: Fact, variant: str | None) -> str:
    """What may be filled in, in a sentence."""
    said = ["必填" if fact.required_in(variant) and not fact.nullable else "没有的留空"]
    if fact.type == "boolean":
        said.append("是或否")
    if fact.allowed:
        said.append("、".join(choice.label for choice in fact.allowed) + ("，可多选" if fact.multiple else ""))
    if fact.min is not None:
        said.append(f"不小于{plain_decimal(fact.min)}")
    if fact.max is not None:
        said.append(f"不大于{plain_decimal(fact.max)}")
    return "；".join([*said, *([fact.hint] if fact.hint else [])])


def _guide(sheet: Worksheet, fact: Fact, row: int) -> None:
    """Let the spreadsheet itself offer the options and refuse a word for a number."""
    options = ["是", "否"] if fact.type == "boolean" else [choice.label for choice in fact.allowed]
    listed = ",".join(options)
    if options and not fact.multiple and len(listed) < _LONGEST_LIST and not any("," in one for one in options):
        rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
    elif fact.type in _NUMBERS:
        low = plain_decimal(fact.min) if fact.min is not None else "-999999999999999"
        high = plain_decimal(fact.max) if fact.max is not None else "999999999999999"
        rule = DataValidation(type="decimal", operator="between", formula1=low, formula2=high, allow_blank=True)
    else:
        return
    rule.error, rule.errorTitle = _told(fact, None)[:_LONGEST_LIST], fact.label[:32]
    sheet.add_data_validation(rule)
    rule.add(f"B{row}")


def _dress(sheet: Worksheet) -> None:
    sheet.freeze_panes = "B4"
    for number in (1, 3):
        for cell in sheet[number]:
            cell.font = Font(bold=True)
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDE"[place]].width = width
    for row in sheet.iter_rows(min_row=4, min_col=1, max_col=len(_HEADINGS)):
        row[1].fill = _ANSWER
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="center")
        row[4].font = Font(color="808080", size=9)
