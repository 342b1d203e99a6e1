"""Lists as files: what is read back equals what was shown, and no cell becomes a formula."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from shared.infra.exports import csv_bytes, guarded, json_bytes, xlsx_file

HEADINGS = ["名称", "数"]


async def _rows(rows: Sequence[Sequence[str]]) -> AsyncIterator[Sequence[str]]:
    for row in rows:
        yield row


async def _joined(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


@given(st.text())
def test_no_cell_of_a_csv_begins_like_a_formula_unless_it_is_a_number(text: str) -> None:
    cell = guarded(text)

    assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n"))
    assert not cell.startswith("-") or cell[1:].replace(",", "").replace(".", "").isdecimal()
    assert cell in (text, f"'{text}")


async def test_a_csv_begins_with_a_mark_and_keeps_commas_quotes_and_lines() -> None:
    rows = [["演练企业一", "1,234.50"], ['=HYPERLINK("x")', "-5"], ["甲,乙\n丙", "—"]]

    content = await _joined(csv_bytes(HEADINGS, _rows(rows)))

    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert read == [HEADINGS, rows[0], ['\'=HYPERLINK("x")', "-5"], rows[2]]


async def test_json_is_an_array_even_of_nothing() -> None:
    assert json.loads(await _joined(json_bytes(HEADINGS, _rows([])))) == []
    assert json.loads(await _joined(json_bytes(HEADINGS, _rows([["=1", "2"], ["乙", "3"]])))) == [
        {"名称": "=1", "数": "2"},
        {"名称": "乙", "数": "3"},
    ]


async def test_a_workbook_keeps_numbers_as_numbers_and_formulas_as_text() -> None:
    rows = [["=1+1", "1,234.50"], ["@x", "—"], ["-", "-3"]]

    with await xlsx_file("案件/一", HEADINGS, [False, True], _rows(rows)) as file:
        book = load_workbook(file)

    cells = [[(cell.value, cell.data_type) for cell in row] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert cells == [[("=1+1", "s"), (1234.5, "n")], [("@x", "s"), ("—", "s")], [("-", "s"), (-3, "n")]]
    assert book.worksheets[0].title == "案件一"
