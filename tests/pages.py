"""Reading a page as a person does: the table under an id, as headings and rows of text."""

import re
from html.parser import HTMLParser

_UNREAD = re.compile(
    r'<(select|button|svg)\b.*?</\1>|<span class="visually-hidden">.*?</span>|<t[dh][^>]*class="no-print".*?</t[dh]>',
    re.S,
)


def lists_of(page: str) -> list[str]:
    """Ids of the tables of a page that are lists with at least one row."""
    found = re.findall(r'<table[^>]* id="([^"]+)"[^>]* data-list="', page)
    return [one for one in found if table_of(page, one)[1]]


class _Tables(HTMLParser):
    def __init__(self, wanted: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wanted = wanted
        self.inside = False
        self.cell: list[str] | None = None
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table" and dict(attrs).get("id") == self.wanted:
            self.inside = True
        if self.inside and tag == "tr":
            self.rows.append([])
        if self.inside and tag in ("td", "th"):
            self.cell = []
        if tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag in ("td", "th") and self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None
        if tag == "table":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)


def table_of(page: str, table_id: str) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the table under an id."""
    reader = _Tables(table_id)
    reader.feed(_UNREAD.sub("", page))
    assert reader.rows, f"no table {table_id}"
    headings, *rows = reader.rows
    return headings, [row for row in rows if len(row) == len(headings)]
