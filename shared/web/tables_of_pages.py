"""The tables of a finished page, read back: headings and rows as text, for the file of a list.

Only what is read counts: what is hidden from the eye, choices of a select box and cells not meant for print are left
out, and so are rows that span the table.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_SILENT = {"script", "style", "select", "svg", "template", "button"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_UNREAD = {"visually-hidden", "no-print"}


@dataclass
class PageTable:
    """A table of a page: its title, headings, which columns are numbers, rows of text."""

    id: str
    title: str
    headings: list[str] = field(default_factory=list)
    numeric: list[bool] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    sorts: list[list[str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[PageTable] = []
        self._table: PageTable | None = None
        self._silent: list[str] = []
        self._row: list[tuple[str, str, bool]] | None = None
        self._cell: list[str] | None = None
        self._sort: str | None = None
        self._numeric = False
        self._in_head = False
        self._spans = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if self._silent:
            if tag not in _VOID:
                self._silent.append(tag)
            return
        classes = set((found.get("class") or "").split())
        if tag in _SILENT or classes & _UNREAD:
            if tag not in _VOID:
                self._silent.append(tag)
            return
        if tag == "table" and found.get("data-list"):
            self._table = PageTable(found.get("id") or "", found["data-list"] or "")
            self.tables.append(self._table)
        if self._table is not None:
            self._start(tag, found, "numeric" in classes)

    def _start(self, tag: str, found: dict[str, str | None], numeric: bool) -> None:
        if tag in ("thead", "tbody", "tfoot"):
            self._in_head = tag == "thead"
        elif tag == "tr":
            self._row, self._spans = [], False
        elif tag in ("td", "th") and self._row is not None:
            self._cell, self._sort, self._numeric = [], found.get("data-sort"), numeric
            self._spans = self._spans or int(found.get("colspan") or 1) > 1
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                while self._silent.pop() != tag:
                    pass
            return
        if self._table is None:
            return
        if tag in ("td", "th") and self._cell is not None and self._row is not None:
            text = " ".join("".join(self._cell).split())
            self._row.append((text, text if self._sort is None else self._sort, self._numeric))
            self._cell = None
        elif tag == "tr" and self._row is not None:
            self._end_row(self._table, self._row)
            self._row = None
        elif tag == "table":
            self._table = None

    def _end_row(self, table: PageTable, row: list[tuple[str, str, bool]]) -> None:
        if self._in_head:
            table.headings, table.numeric = [text for text, _, _ in row], [numeric for _, _, numeric in row]
        elif not self._spans:
            table.rows.append([text for text, _, _ in row])
            table.sorts.append([sort for _, sort, _ in row])

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)


def tables_of(page: str) -> list[PageTable]:
    """The tables of a page that are lists (``data-list``: their title), in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.tables
