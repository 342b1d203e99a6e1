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

LOOKS = 20


class Reader(Protocol):
    """Somebody signed in who opens pages."""

    def get(self, path: str, /) -> httpx.Response:
        """What stands at a path."""


def check_lists(client: Reader, path: str) -> int:
    """Compare the files of each list on a page with the page; returns how many lists with rows it has."""
    page = _page(client, path)
    found = lists_of(page)
    for list_id in found:
        assert f"list={list_id}" in page or "format=csv" in page, f"{path} does not offer {list_id} as files"
        shown, files = _at_rest(client, path, list_id)
        assert files == [shown] * 3, (path, list_id)
    return len(found)


def _page(client: Reader, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200, (path, page.status_code)
    return page.text


def _at_rest(client: Reader, path: str, list_id: str) -> tuple[list[list[str]], list[list[list[str]]]]:
    """What page and files show while nothing is added: some lists, such as the ledger's, grow by themselves."""
    for _ in range(LOOKS):
        before = table_of(_page(client, path), list_id)
        files = [_exact(file) for file in read_files(client, path, list_id)]
        if table_of(_page(client, path), list_id) == before:
            headings, rows = before
            return _exact([headings, *rows]), files
    raise AssertionError(f"{path} {list_id} never rests")


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
