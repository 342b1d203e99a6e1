"""Reading filled templates: what was typed comes back exactly, and every fault knows its cell."""

import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from shared.infra.workbook_rows import CellFault, SheetColumn, import_template, read_rows, with_reasons
from shared.kernel.refusals import Refusal

COLUMNS = (
    SheetColumn("name", "名称", required=True),
    SheetColumn("amount", "金额（万元）"),
    SheetColumn("kind", "类别", options=("甲", "乙")),
)
TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=30).filter(
    lambda text: text == text.strip() and not text.startswith("=") and "_x" not in text
)
NUMBER = st.integers(-(10**9), 10**9) | st.decimals(-1000, 1000, places=2)


def filled(rows: list[list[object]]) -> bytes:
    book = load_workbook(io.BytesIO(import_template("演练", COLUMNS)))
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXT, NUMBER), min_size=1, max_size=5))
def test_what_was_typed_is_read_back_exactly(rows: list[tuple[str, int | Decimal]]) -> None:
    sheet = read_rows(filled([[name, amount] for name, amount in rows]), COLUMNS)

    assert [row.number for row in sheet.rows] == list(range(5, 5 + len(rows)))
    assert [(row.values["name"], Decimal(str(row.values["amount"]))) for row in sheet.rows] == [
        (name, Decimal(amount)) for name, amount in rows
    ]
    assert sheet.faults == ()


def test_empty_lines_are_passed_over_and_missing_cells_named() -> None:
    sheet = read_rows(filled([["一", 1], [None, None], [None, 2]]), COLUMNS)

    assert [row.number for row in sheet.rows] == [5, 7]
    assert [(sheet.place(fault), fault.reason) for fault in sheet.faults] == [("导入!A7", "“名称”必填。")]


def test_columns_may_be_moved_as_long_as_their_ids_move_along() -> None:
    book = load_workbook(io.BytesIO(filled([["一", 1, "甲"]])))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=3):
        row[0].value, row[2].value = row[2].value, row[0].value
    out = io.BytesIO()
    book.save(out)

    read = read_rows(out.getvalue(), COLUMNS)

    assert read.rows[0].values == {"name": "一", "amount": 1, "kind": "甲"}
    assert read.place(CellFault(5, "name", "x")) == "导入!C5"


def test_reasons_come_back_in_the_workbook_and_can_be_handed_in_again() -> None:
    content = filled([["一", "=1+1"], ["二", 2]])
    sheet = read_rows(content, COLUMNS)

    marked = with_reasons(content, sheet, [*sheet.faults, CellFault(5, None, "=另一处")])

    cells = [row[-1] for row in load_workbook(io.BytesIO(marked)).worksheets[0].iter_rows(min_row=3)]
    assert [cell.value for cell in cells] == ["错误原因", None, "是公式，请改为数值或文字。；=另一处", None]
    assert len(read_rows(marked, COLUMNS).rows) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_workbook"),
        (b"PK\x03\x04 broken", "not_a_workbook"),
        (b"x" * (5 * 1024 * 1024 + 1), "workbook_too_large"),
        (import_template("别的", (SheetColumn("other", "别的"),)), "not_a_template"),
        (import_template("空的", COLUMNS), "no_rows"),
    ],
)
def test_what_is_no_filled_template_is_refused_in_words(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_rows(content, COLUMNS)

    assert refused.value.code == code
    assert refused.value.field == "file"
