"""A list as page and as file: the same address with ``format=csv|xlsx|json``, hence the same rights and filters.

A page that shows its list whole needs nothing: the file is made of the page's own table (``list`` names it), ordered
and filtered as the visitor sees it (``by``, ``falling``, ``only``). A paged list answers with ``listing_file`` itself.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.infra.exports import MEDIA, Rows, blocks_of, csv_bytes, json_bytes, xlsx_file
from shared.kernel.refusals import Refusal
from shared.web.parts import Badge, Column, Link, Row
from shared.web.tables_of_pages import PageTable, tables_of

_LABELS = {"xlsx": "XLSX", "csv": "CSV", "json": "JSON"}
_NOT_KEPT = ("format", "page")


def wanted_format(request: Request) -> str | None:
    """The file format asked for, or None for the page.

    Raises:
        Refusal: a format that is not offered.
    """
    wanted = request.query_params.get("format")
    if wanted and wanted not in MEDIA:
        raise Refusal("format", f"导出格式应为：{'、'.join(MEDIA)}。", field="format")
    return wanted or None


def export_links(request: Request) -> tuple[Link, ...]:
    """Where the list of this page is had as a file, with the page's own filters and order."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in _NOT_KEPT and value]
    return tuple(
        Link(label=label, href=f"{request.url.path}?{urlencode([*kept, ('format', name)])}")
        for name, label in _LABELS.items()
    )


def text_of(cell: str | Badge | Link) -> str:
    """A cell as it is read."""
    if isinstance(cell, Badge):
        return cell.text
    return cell.label if isinstance(cell, Link) else cell


async def listing_file(
    request: Request, title: str, columns: Sequence[Column], rows: Iterable[Row] | AsyncIterator[Row]
) -> Response | None:
    """The list as the file that was asked for, or None when the page was."""
    wanted = wanted_format(request)
    if wanted is None:
        return None
    numeric = [column.numeric for column in columns]
    return await _file(wanted, title, [column.label for column in columns], numeric, _cells(rows))


async def _file(wanted: str, title: str, headings: Sequence[str], numeric: Sequence[bool], rows: Rows) -> Response:
    name = f"attachment; filename*=UTF-8''{quote(f'{title}.{wanted}')}"
    if wanted == "xlsx":
        body: Any = blocks_of(await xlsx_file(title, headings, numeric, rows))
    else:
        body = (csv_bytes if wanted == "csv" else json_bytes)(headings, rows)
    return StreamingResponse(body, media_type=MEDIA[wanted], headers={"Content-Disposition": name})


def list_links(list_id: str) -> tuple[Link, ...]:
    """Where a table of this page is had as a file; the page's script adds order and filter."""
    return tuple(
        Link(label=label, href=f"?{urlencode({'format': name, 'list': list_id})}") for name, label in _LABELS.items()
    )


class Listing:
    """ASGI middleware: answers ``format=`` on any page with the page's table as a file; all else passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold a page back where a file was asked for, and send the file in its place."""
        if scope["type"] != "http" or scope["method"] != "GET" or b"format=" not in scope["query_string"]:
            await self.app(scope, receive, send)
            return
        query = QueryParams(scope["query_string"])
        if query.get("format") not in MEDIA:
            await self.app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            if held or _begins_page(message):
                held.append(message)
            else:
                await send(message)

        await self.app(scope, receive, hold)
        table = _wanted_table(tables_of(_body_of(held).decode()), query.get("list"))
        if table is not None:
            file = await _table_file(table, _as_seen(table, query), query["format"])
            await file(scope, receive, send)
            return
        for message in held:
            await send(message)


def _begins_page(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != HTTPStatus.OK:
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")


def _body_of(held: Sequence[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in held)


def _wanted_table(tables: Sequence[PageTable], list_id: str | None) -> PageTable | None:
    return next((table for table in tables if list_id in (None, table.id)), None)


def _as_seen(table: PageTable, query: Mapping[str, str]) -> list[list[str]]:
    """The rows as the page's script orders and filters them."""
    words = query.get("only", "").lower().split()
    rows = [(cells, sort) for cells, sort in zip(table.rows, table.sorts, strict=True)]
    found = [one for one in rows if all(word in "".join(one[0]).lower() for word in words)]
    by = query.get("by", "")
    if by.isdecimal() and int(by) < len(table.headings):
        found.sort(key=lambda one: _sort_key(one[1][int(by)]), reverse=query.get("falling") == "yes")
    return [cells for cells, _ in found]


def _sort_key(text: str) -> tuple[bool, Decimal, str]:
    """Numbers by size before words."""
    try:
        return (False, Decimal(text.replace(",", "")), "")
    except InvalidOperation:
        return (True, Decimal(0), text)


async def _table_file(table: PageTable, rows: list[list[str]], wanted: str) -> Response:
    async def cells() -> AsyncIterator[Sequence[str]]:
        for row in rows:
            yield row

    return await _file(wanted, table.title, table.headings, table.numeric, cells())


async def _cells(rows: Iterable[Row] | AsyncIterator[Row]) -> AsyncIterator[Sequence[str]]:
    if isinstance(rows, AsyncIterator):
        async for row in rows:
            yield [text_of(cell) for cell in row.cells]
        return
    for row in rows:
        yield [text_of(cell) for cell in row.cells]
