"""What the office and the public do, through the API."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.integration.publication.rooms import Place, Rooms
from tests.integration.servers import TLS, People, ServiceProcess, eventually, key

CHANNEL = "青岛市企业联合会官方网站"
OBJECTION = {
    "name": "演练异议人",
    "contact": "199 0000 0000",
    "grounds": "演练：公开资料",
    "text": "演练异议：请核实该单位的申报数据。",
}


class FreshToken(httpx.Auth):
    """A token for every request: a slow machine outlives one of five minutes."""

    def __init__(self, people: People, role: str) -> None:
        self.people, self.role, self.account = people, role, uuid4()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.people.token(self.role, account=self.account)}"
        yield request


class Publication:
    """The publication service as its callers see it."""

    def __init__(self, process: ServiceProcess, people: People, rooms: Rooms) -> None:
        self.process, self.people, self.rooms = process, people, rooms
        self.office = httpx.Client(base_url=process.origin, timeout=20, verify=TLS, auth=FreshToken(people, "office"))
        self.public = httpx.Client(base_url=process.origin, timeout=20, verify=TLS)

    def open_category(self, category_key: str) -> Place:
        """A cycle with one category that publication knows."""
        [place] = self.rooms.open_cycle(category_key)
        self.knows("SELECT count(*) FROM category WHERE category_id = :id", id=place.category_id)
        return place

    def knows(self, statement: str, **values: Any) -> None:
        """Wait until a count is not zero."""
        eventually(lambda: self.rooms.scalar(statement, **values), f"{statement} {values}")

    def post(self, stage_id: UUID) -> dict[str, Any]:
        """Post a call or notice once it can be."""
        path = f"/api/publication/stages/{stage_id}/posting-draft"
        eventually(lambda: self.office.get(path).status_code == 200, "nothing to post")
        body = {"stage_id": str(stage_id), "channel": CHANNEL, "address": "https://example.invalid/notice"}
        return answered(self.office.post("/api/publication/postings", json=body, headers=key()), 201)

    def object_to(self, stage_id: UUID, number: str, **changed: str) -> httpx.Response:
        """File an objection as anybody may."""
        body = {"stage_id": str(stage_id), "number": number, **OBJECTION, **changed}
        return self.public.post("/api/publication/objections", json=body, headers=key())

    def rule(self, objection_id: str, *, upheld: bool) -> httpx.Response:
        """Decide an objection."""
        body = {"upheld": upheld, "reason": "演练：经核查作出结论"}
        return self.office.post(f"/api/publication/objections/{objection_id}/rule", json=body, headers=key())

    def admit(self, objection_id: str) -> httpx.Response:
        """Take an objection up."""
        return self.office.post(f"/api/publication/objections/{objection_id}/admit", headers=key())

    def closed(self, place: Place, kind: str) -> list[dict[str, Any]]:
        """The closings that publication stated of a kind of stage."""
        facts = self.rooms.facts("publication.stage.closed.v1", place.category_id)
        return [fact for fact in facts if fact["kind"] == kind]

    def released(self, place: Place) -> list[dict[str, Any]]:
        """The releases that publication stated of a category."""
        return self.rooms.facts("publication.category.released.v1", place.category_id)

    def release_state(self, place: Place) -> dict[str, Any]:
        """What would be released, and what is waited for."""
        return answered(self.office.get(f"/api/publication/cycles/{place.cycle_id}/release"))

    def await_release(self, place: Place, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the release stands so."""
        shown: list[dict[str, Any]] = []

        def looks_so() -> bool:
            time.sleep(0.1)
            shown.append(self.release_state(place))
            return condition(shown[-1])

        eventually(looks_so, f"the release of {place.cycle_id} does not come to stand so")
        return shown[-1]

    def make_ready(self, place: Place) -> dict[str, Any]:
        """Bring a cycle whose lists are over through ledger and parts."""
        state = self.await_release(place, lambda shown: _mentions(shown, "名单登记入账") or shown["ready"])
        if not state["ready"]:
            unnumbered = "SELECT count(*) FROM infra.audit WHERE number IS NULL"
            eventually(lambda: self.rooms.scalar(unnumbered) == 0, "audit rows are not numbered")
            self.rooms.append_ledger()
            self.await_release(place, lambda shown: _mentions(shown, "office/ledger.json"))
            self.rooms.deposit(place, "office", "ledger.json", {"of": str(place.category_id), "copy": str(uuid4())})
            self.rooms.deposit(place, "review", "draw-transcript.json", {"of": str(place.category_id)})
            self.rooms.deposit(place, "ranking", "final-list.json", {"entries": [], "of": str(place.category_id)})
        return self.await_release(place, lambda shown: bool(shown["ready"]))

    def release(self, place: Place) -> httpx.Response:
        """Two persons release what is ready."""
        state = self.make_ready(place)
        return self.confirm(place, state["digest"])

    def confirm(self, place: Place, digest: str) -> httpx.Response:
        """The act itself, with a ticket of two persons on a digest."""
        first, second = uuid4(), uuid4()
        ticket = self.people.ticket("release.confirm", digest, first, second)
        path = f"/api/publication/cycles/{place.cycle_id}/release"
        with self.people.client(self.process.origin, "office", account=first) as office:
            return office.post(path, headers={**key(), "X-Ticket": ticket})


def _mentions(shown: dict[str, Any], what: str) -> bool:
    return what in shown["waits_for"]


def answered(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that must be so."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body
