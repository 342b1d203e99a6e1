"""Lists of pages as files: made of the page's own table, as the visitor sees it."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from shared.web.listing import Listing
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.templating import make_environment
from tests.lists import check_lists, read_files

ROOT = Path(__file__).parents[3]
COLUMNS = (Column(label="名称"), Column(label="得分", numeric=True), Column(label="状态"))
ROWS = (
    Row(cells=(Link(label="演练企业二", href="/x"), "1,234.50", Badge(text="通过", tone=Tone.GOOD))),
    Row(cells=("演练企业一 <b>", "9", Badge(text="不通过")), struck=True),
    Row(cells=("演练企业三", "—", "—")),
)
# Tables that are no lists: a form to fill in, or one case laid out in lines.
NO_LISTS = {
    "poll.html": "counts of one vote, published in the bundle",
    "evaluation.html": "points of one case",
    "home.html": "an expert's own tasks",
    "task.html": "one case",
    "order.html": "a sheet to fill in",
    "bulk.html": "the answer to one act",
    "draw.html": "the parties of one draw",
    "agenda.html": "the seats of the committee, behind the lists of stages",
    "_meeting.html": "who stands aside in one meeting",
    "mended.html": "before and after of one case",
    "call.html": "the conditions of one call",
}


class Door:
    """A client of an app without a server."""

    def __init__(self, app: FastAPI) -> None:
        self.transport = httpx.ASGITransport(app)

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://door") as client:
                return await client.get(path)

        return asyncio.run(ask())


@pytest.fixture
def client() -> Door:
    app = FastAPI()
    app.add_middleware(Listing)
    page = make_environment(None, rehearsal=True, manifest={}).from_string(
        '{% from "macros/figures.html" import figures_table %}'
        '{{ figures_table("one", "名单", columns, rows, filterable=true) }}'
        '{{ figures_table("none", "空", columns, ()) }}'
    )

    @app.get("/list")
    async def shown() -> HTMLResponse:
        return HTMLResponse(page.render(columns=COLUMNS, rows=ROWS))

    return Door(app)


def test_the_three_files_of_a_list_hold_what_the_page_shows(client: Door) -> None:
    assert check_lists(client, "/list") == 1
    assert read_files(client, "/list", "one")[0][1] == ["演练企业二", "1,234.50", "通过"]


def test_a_file_is_ordered_and_filtered_as_the_visitor_sees_the_list(client: Door) -> None:
    def names(query: str) -> list[str]:
        return [row["名称"] for row in client.get(f"/list?format=json&list=one&{query}").json()]

    assert names("by=1") == ["演练企业一 <b>", "演练企业二", "演练企业三"]
    assert names("by=1&falling=yes") == ["演练企业三", "演练企业二", "演练企业一 <b>"]
    assert names("only=企业 不通过") == ["演练企业一 <b>"]
    assert names("by=99&only=nobody") == []


def test_an_unknown_list_or_format_is_answered_with_the_page(client: Door) -> None:
    assert client.get("/list?format=csv&list=other").headers["content-type"].startswith("text/html")
    assert client.get("/list?format=pdf").headers["content-type"].startswith("text/html")


def test_every_table_of_a_page_is_a_list_with_files_or_named_here() -> None:
    missing = set()
    for path in [*ROOT.glob("services/**/templates/**/*.html"), *ROOT.glob("shared/web/templates/**/*.html")]:
        for table in re.findall(r"<table class=\"figures[^>]*>", path.read_text("utf-8")):
            if "data-list" not in table and "public-list" not in table:
                missing.add(path.name)

    assert missing - set(NO_LISTS) == set(), "give the table an id and data-list inside table_frame, or name it here"
    assert set(NO_LISTS) - missing == set(), "no longer needed in NO_LISTS"
