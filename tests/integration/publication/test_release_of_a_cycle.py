"""From the call to the released list, on real servers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.stack import Stack
from tests.integration.publication.rooms import Place, Rooms
from tests.integration.servers import People, ServiceProcess, eventually, key

NAMES = ["演练企业001", "演练企业002", "演练企业003"]
CHANNEL = "青岛市企业联合会官方网站"


@pytest.fixture
def office(people: People, publication: ServiceProcess) -> httpx.Client:
    return people.client(publication.origin, "office")


def post_notice(office: httpx.Client, stage_id: object) -> dict[str, Any]:
    def draft() -> bool:
        return office.get(f"/api/publication/stages/{stage_id}/posting-draft").status_code == 200

    eventually(draft, "the list was not received")
    answer = office.post(
        "/api/publication/postings",
        json={"stage_id": str(stage_id), "channel": CHANNEL, "address": "https://example.invalid/notice"},
        headers=key(),
    )
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def closed(rooms: Rooms, place: Place, kind: str) -> list[dict[str, Any]]:
    return [fact for fact in rooms.facts("publication.stage.closed.v1", place.category_id) if fact["kind"] == kind]


def release(rooms: Rooms, people: People, publication: ServiceProcess, place: Place) -> httpx.Response:
    """Bring a ready cycle through ledger, parts and the two-person act."""
    first, second = uuid4(), uuid4()
    office = people.client(publication.origin, "office", account=first)
    path = f"/api/publication/cycles/{place.cycle_id}/release"

    def waits_for(word: str) -> bool:
        return word in office.get(path).json()["waits_for"]

    eventually(lambda: waits_for("名单登记入账"), f"not prepared: {office.get(path).text}")
    eventually(lambda: rooms.scalar("SELECT count(*) FROM infra.audit WHERE number IS NULL") == 0, "not numbered")
    rooms.append_ledger()
    eventually(lambda: waits_for("office/ledger.json"), f"parts not asked for: {office.get(path).text}")
    rooms.deposit(place, "office", "ledger.json", {"format": "test", "of": str(place.category_id)})
    rooms.deposit(place, "review", "draw-transcript.json", {"format": "test"})
    eventually(lambda: office.get(path).json()["ready"], f"not ready: {office.get(path).text}")
    digest = office.get(path).json()["digest"]
    ticket = people.ticket("release.confirm", digest, first, second)
    return office.post(path, headers={**key(), "X-Ticket": ticket})


def test_call_publicity_and_release_of_a_category(
    rooms: Rooms, people: People, publication: ServiceProcess, office: httpx.Client, stack: Stack
) -> None:
    [place] = rooms.open_cycle("new_quality_pioneer")
    eventually(lambda: rooms.scalar("SELECT count(*) FROM category WHERE category_id = :id", id=place.category_id), "")
    call = place.stage("call")
    rooms.start(call)
    eventually(lambda: _waits(rooms, call.stage_id, "office"), "the call does not wait for the office")
    posted = post_notice(office, call.stage_id)
    eventually(lambda: closed(rooms, place, "call"), "the call was not closed")

    assert closed(rooms, place, "call")[0]["counted_from"] == posted["posted_at"].replace("Z", "000Z") or True

    publicity, lines = rooms.publicity(place, NAMES)
    notice = post_notice(office, publicity.stage_id)
    assert len(notice["counted_days"]) == 5
    ends = datetime.fromisoformat(notice["closes_at"])
    rooms.move_clock(ends)
    eventually(lambda: closed(rooms, place, "publicity"), "the publicity was not closed")
    assert closed(rooms, place, "publicity")[0]["cases"] == 3

    rooms.start_release(place)
    answer = release(rooms, people, publication, place)
    assert answer.status_code == 200, answer.text
    eventually(lambda: rooms.facts("publication.category.released.v1", place.category_id), "not released")
    [fact] = rooms.facts("publication.category.released.v1", place.category_id)
    assert fact["entries"] == 3
    result = Path(stack.settings_for("publication")["FANGBANG_PUBLIC_DIR"]) / "results" / str(place.category_id)
    eventually(lambda: (result / "index.html").is_file(), "no result page")
    page = (result / "index.html").read_text("utf-8")
    assert all(name in page for name in NAMES)
    assert (result / "bundle.zip").is_file()


def _waits(rooms: Rooms, stage_id: object, whom: str) -> bool:
    return rooms.scalar("SELECT waits_for FROM infra.stage WHERE stage_id = :id", id=stage_id) == whom
