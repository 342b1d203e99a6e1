"""A ranking of several pages: each page is the part of the whole it says, for everybody, and files hold the whole."""

import re
from fractions import Fraction
from typing import Any

import httpx
import pytest

from services.ranking.domain.histograms import Histogram, histogram
from services.ranking.reading.stages import PAGE
from tests.integration.ranking.committee import CHAIRS, Committee
from tests.integration.ranking.rankings import Laid, lay_ranking
from tests.integration.ranking.rooms import Rooms
from tests.integration.servers import People, ServiceProcess
from tests.lists import read_files
from tests.pages import table_of

HTML = {"Accept": "text/html"}
CASES = 2 * PAGE + 30


def laid(place: int) -> Laid:
    """Ties of two, two classes, every fifth decided, some out of turn, two vetoed."""
    decided = ("shortlisted" if place % 3 else "not_shortlisted") if place % 5 == 0 else None
    division = "other" if place % 7 < 3 else "manufacturing"
    vetoed = place in (40, 41)
    return Laid(f"TP-{place:05d}", 1400 - place // 4 * 2, division, None if vetoed else decided, vetoed)


@pytest.mark.parametrize("aside", [(), ("TP-00000", "TP-00009", "TP-00040", "TP-00101")])
def test_every_page_is_the_part_of_the_whole_that_it_says(
    rooms: Rooms, ranking: ServiceProcess, people: People, aside: tuple[str, ...]
) -> None:
    committee = Committee(rooms, people, ranking.origin)
    stage, _ = rooms.run(lay_ranking(rooms.database, "trade_pioneer", [laid(one) for one in range(CASES)], 1, aside))

    with committee.client("co_chair", account=CHAIRS[1]) as second:
        whole = second.get(f"/api/ranking/stages/{stage}").json()
        pages = [second.get(f"/api/ranking/stages/{stage}?page={page}").json() for page in (1, 2, 3)]
        beyond = second.get(f"/api/ranking/stages/{stage}?page=4")
        _pages_and_files(second, f"/committee/stages/{stage}", aside)
    committee.http.close()

    assert [row for page in pages for row in page["ranking"]] == whole["ranking"]
    assert {(page["entries"], page["pages"], page["cases"]) for page in pages} == {(CASES - len(aside), 3, 0)}
    assert pages[2]["distribution"] == [one.as_json() for one in _pictured(whole["ranking"])]
    counts = ("undecided_count", "shortlisted")
    assert [pages[0]["to_confirm"][name] for name in counts] == [whole["to_confirm"][name] for name in counts]
    assert (beyond.status_code, beyond.json()["title"]) == (404, "排序共3页，没有第4页。")


def _pages_and_files(client: httpx.Client, path: str, aside: tuple[str, ...]) -> None:
    rows: list[list[str]] = []
    for page in (1, 2, 3):
        shown = client.get(f"{path}?page={page}", headers=HTML).text
        assert f"共 3 页、{CASES - len(aside)} 案" in shown
        rows += _read(table_of(shown, "ranking")[1])
        assert not [number for number in aside if number in shown]
    for file in read_files(client, f"{path}?page=2", "ranking"):
        assert _read(file[1:]) == rows


def _pictured(rows: list[dict[str, Any]]) -> list[Histogram]:
    """What the pictures of the classes say, computed from every row."""
    found = []
    for group in ("manufacturing", "other"):
        ranked = [row for row in rows if row["class"] == group and row["rank"]]
        points = [(Fraction(*row["mean"]), row["line"] != "below") for row in ranked]
        found.append(histogram(group, points))
    return [one for one in found if one]


def _read(rows: list[list[Any]]) -> list[list[str]]:
    """Numbers without the zeros that a workbook leaves out."""
    return [[re.sub(r"(\.\d*?)0+$", r"\1", str(cell)).rstrip(".") for cell in row] for row in rows]
