"""Every list of a page as file: the three formats hold exactly what the page shows."""

import csv
import io
import json
import re
from decimal import Decimal
from typing import Protocol

import httpx
from openpyxl import load_workbook

from tests.pages import lists_of, table_of


class Reader(Protocol):
    """Somebody signed in who opens pages."""

    def get(self, path: str, /) -> httpx.Response:
        """What stands at a path."""


def check_lists(client: Reader, path: str) -> int:
    """Compare the files of each list on a page with the page; returns how many lists with rows it has."""
    page = client.get(path)
    assert page.status_code == 200, (path, page.status_code)
    found = lists_of(page.text)
    for list_id in found:
        headings, rows = table_of(page.text, list_id)
        assert f"list={list_id}" in page.text or "format=csv" in page.text, f"{path} does not offer {list_id} as files"
        shown = _exact([headings, *rows])
        assert [_exact(file) for file in read_files(client, path, list_id)] == [shown] * 3, (path, list_id)
    return len(found)


def _exact(rows: list[list[str]]) -> list[list[str]]:
    """Numbers as numbers: a workbook keeps 1,234.50 as 1234.5."""
    return [[_number(cell) or cell for cell in row] for row in rows]


def _number(cell: str) -> str | None:
    plain = cell.replace(",", "")
    return str(Decimal(plain).normalize()) if re.fullmatch(r"-?\d+(\.\d+)?", plain) else None


def read_files(client: Reader, path: str, list_id: str) -> list[list[list[str]]]:
    """Headings and rows of CSV, JSON and XLSX of a list."""
    mark = "&" if "?" in path else "?"
    contents = {}
    for name in ("csv", "json", "xlsx"):
        answer = client.get(f"{path}{mark}format={name}&list={list_id}")
        assert answer.status_code == 200, answer.text
        assert "attachment" in answer.headers["content-disposition"]
        contents[name] = answer.content
    assert contents["csv"].startswith(b"\xef\xbb\xbf")
    from_csv = list(csv.reader(io.StringIO(contents["csv"].decode("utf-8-sig"))))
    objects = json.loads(contents["json"])
    sheet = load_workbook(io.BytesIO(contents["xlsx"])).worksheets[0]
    from_xlsx = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    return [from_csv, [from_csv[0], *(list(one.values()) for one in objects)], from_xlsx]
