"""Importing on pages as somebody with a spreadsheet does: template, rows, preview, commit."""

import io
import re

import httpx
from openpyxl import load_workbook


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to ``action``."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.S)
    assert form, f"no form for {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))


def import_rows(client: httpx.Client, room: str, rows: list[list[object]]) -> tuple[str, str]:
    """Fill the room's first template with rows and hand it in; returns the preview and its path."""
    page = client.get(room).text
    template = re.search(rf'href="({re.escape(room)}/[^"]+/template.xlsx)"', page)
    assert template, page
    book = load_workbook(io.BytesIO(client.get(template[1]).content))
    for row in rows:
        book.worksheets[0].append(row)
    filled = io.BytesIO()
    book.save(filled)
    action = template[1].removesuffix("/template.xlsx")
    answer = client.post(action, data=hidden(page, action), files={"file": ("演练.xlsx", filled.getvalue())})
    while answer.is_redirect:
        answer = client.get(answer.headers["location"])
    assert answer.status_code == 200, answer.text
    return answer.text, answer.url.path


def take_over(client: httpx.Client, preview: str, path: str) -> str:
    """Commit what the preview shows; returns the page afterwards."""
    answer = client.post(f"{path}/commit", data={**hidden(preview, f"{path}/commit"), "confirmed": "yes"})
    while answer.is_redirect:
        answer = client.get(answer.headers["location"])
    assert answer.status_code == 200, answer.text
    return answer.text
