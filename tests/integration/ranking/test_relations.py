"""Every route of ranking × role × relation (own, recused, foreign, unknown); the number of assertions is printed.

To a member who stands aside a case is as one that does not exist: same status, code and sentence wherever it is named,
no word of it wherever it is not; to everybody without the act all objects are alike.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.kernel.ids import derived_id
from shared.web.rights import POLICY, Role
from tests.contract.declared import Route, declare
from tests.integration.ranking.committee import CHAIRS, MEETING, MEMBER, Committee
from tests.integration.ranking.rooms import Rooms
from tests.integration.ranking.test_recusals import ranked
from tests.integration.servers import TLS, People, ServiceProcess, eventually, key
from tests.lists import check_lists

OWN, RECUSED, FOREIGN, UNKNOWN = "own", "recused", "foreign", "unknown"
NAMED = re.compile(r"\{(\w+)\}")
IDS = re.compile(r"[0-9a-f-]{36}")
SESSION = uuid4()
NOBODYS = uuid4()


@dataclass
class Place:
    """A decision with a case from which two members stand aside, and another category's decision."""

    committee: Committee
    process: ServiceProcess
    stage: UUID
    hidden: UUID
    shown: UUID
    other: UUID
    foreign: UUID
    routes: list[Route]
    assertions: int = 0
    wrong: list[str] = field(default_factory=list)

    def ids(self, relation: str) -> dict[str, str]:
        """What stands in a path and in a body, by relation; words such as steps are always good ones."""
        case = {OWN: self.shown, RECUSED: self.hidden, FOREIGN: self.foreign}.get(relation, uuid4())
        stage = self.other if relation == FOREIGN else self.stage
        words = {"step": "confirm", "kind": "override", "sha256": "0" * 64}
        words["department_id"] = str(derived_id("department", "演练部门"))
        subject = {"case_id": case, "stage_id": stage, "subject": stage, "category_id": self.committee.category_id}
        return words | {name: str(one) for name, one in subject.items()}

    def ask(self, client: httpx.Client, route: Route, account: UUID, role: str, relation: str) -> httpx.Response:
        """Ask as a role with an account; a body names the same case as the path would."""
        ids = self.ids(relation)
        path = NAMED.sub(lambda name: ids.get(name[1], str(NOBODYS)), route.path.replace(".{kind}", ".pdf"))
        token = self.committee.people.token(role, account=account, session=SESSION)
        headers = {"Authorization": f"Bearer {token}"} | (key() if route.writes else {})
        body = body_of(route, ids["case_id"])
        if route.is_form:
            secret = Path(self.process.env["FANGBANG_SERVICE_KEY"]).read_bytes()
            csrf = hmac.new(secret, str(SESSION).encode(), sha256).hexdigest()
            return client.request(
                route.method, path, headers=headers, data={"csrf": csrf, "key": str(uuid4()), **as_form(body)}
            )
        sent = {"json": body} if route.writes else {}
        return client.request(route.method, path, headers=headers, **sent)

    def expect(self, holds: bool, otherwise: str) -> None:
        self.assertions += 1
        if not holds:
            self.wrong.append(otherwise)


def body_of(route: Route, case: str) -> dict[str, Any]:
    """A body that would do for the route if the case were one's own."""
    end = route.path.rsplit("/", 1)[-1]
    bodies: Mapping[str, dict[str, Any]] = {
        "decisions": {"entries": [{"case": case, "decision": "shortlisted"}]},
        "take-back": {"cases": [case], "reason": "演练"},
        "recusals": {"case": case, "reason": "演练", "seat": "甲"},
        "lift": {"case": case, "reason": "演练", "seat": "戊"},
        "fill": {"case": case, "reason": "演练"},
        "confirm": {"digest": "0" * 64, "ruling": "keep"},
        "{case_id}": {"ruling": "keep", "reason": "演练"},
    }
    if "concerns" in route.path and end == "confirm":
        return {"ruling": "keep"}
    if end == "confirm":
        return {"digest": "0" * 64}
    return dict(bodies.get(end, {}))


def as_form(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same as fields of a form."""
    fields = {name: value for name, value in body.items() if name not in ("entries", "cases")}
    for one in body.get("entries", ()):
        fields[f"decision.{one['case']}"] = one["decision"]
    return fields | ({"case": body["cases"]} if "cases" in body else {})


def told(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and sentence."""
    if answer.headers.get("content-type") != "application/problem+json":
        return answer.status_code, "", ""
    problem = answer.json()
    return answer.status_code, problem["code"], problem["title"]


@pytest.fixture
def place(rooms: Rooms, ranking: ServiceProcess, people: People, tmp_path: Path) -> Iterator[Place]:
    committee, elsewhere = Committee(rooms, people, ranking.origin), Committee(rooms, people, ranking.origin)
    other = ranked(elsewhere, 2)
    stage = ranked(committee, 5)
    hidden, shown = committee.cases["NQ-023"], committee.cases["NQ-021"]
    aside = [{"seat": seat, "case": str(hidden), "reason": "演练"} for seat in ("乙", "丙")]
    held = committee.post(f"stages/{stage}/meeting", {**MEETING, "recusals": aside}, role="office")
    assert held.status_code == 200, held.text
    eventually(lambda: committee.get(f"stages/{stage}/stability", "office").get("stability"), "not examined")
    routes = declare("ranking", tmp_path).routes
    yield Place(committee, ranking, stage, hidden, shown, other, elsewhere.cases["NQ-021"], routes)
    for one in (committee, elsewhere):
        one.http.close()


def account_of(role: Role) -> UUID:
    return {Role.CO_CHAIR: CHAIRS[0], Role.GUIDANCE: MEMBER}.get(role, NOBODYS)


def test_every_route_role_and_relation(place: Place, record_property: Callable[[str, object], None]) -> None:
    acts = [route for route in place.routes if route.act is not None]
    with httpx.Client(base_url=place.committee.origin, timeout=30, verify=TLS) as client:
        for route in acts:
            for role in Role:
                if role not in POLICY[route.act or ""]:
                    _refused_alike(place, client, route, role)
        for account, role in ((CHAIRS[1], Role.CO_CHAIR), (MEMBER, Role.GUIDANCE)):
            _as_if_it_did_not_exist(place, client, account, role, acts)

    print(f"ranking: {place.assertions} assertions on {len(acts)} routes")
    record_property("assertions", place.assertions)
    assert place.wrong == []
    assert place.assertions > 1000


def _refused_alike(place: Place, client: httpx.Client, route: Route, role: Role) -> None:
    """Without the act every object is alike, whatever it is."""
    relations = (OWN, RECUSED, FOREIGN, UNKNOWN) if NAMED.search(route.path) else (OWN,)
    answers = {one: told(place.ask(client, route, account_of(role), role, one)) for one in relations}
    for relation, answer in answers.items():
        place.expect(answer[:2] == (403, "not_allowed"), f"{route} as {role}, {relation}: {answer}")
    place.expect(len(set(answers.values())) == 1, f"{route} as {role} is told what exists: {answers}")


def _as_if_it_did_not_exist(
    place: Place, client: httpx.Client, account: UUID, role: Role, acts: Iterable[Route]
) -> None:
    mine = [route for route in acts if role in POLICY[route.act or ""]]
    for route in sorted(mine, key=lambda one: one.writes):
        if "{case_id}" in route.path or body_of(route, "").keys() & {"entries", "cases", "case"}:
            recused, unknown = (told(place.ask(client, route, account, role, one)) for one in (RECUSED, UNKNOWN))
            place.expect(recused == unknown, f"{route} as {role}: {recused} of a recused case, {unknown} of no case")
            place.expect(recused[0] >= 400, f"{route} as {role} does something with a recused case: {recused}")
        elif not route.writes:
            _no_trace(place, client, account, role, route)


def _no_trace(place: Place, client: httpx.Client, account: UUID, role: Role, route: Route) -> None:
    """No id, number or name, and the same shape as for somebody who stands aside from nothing."""
    answer = place.ask(client, route, account, role, OWN)
    for trace in (str(place.hidden), "NQ-023", "演练企业023"):
        place.expect(trace not in answer.text, f"{route} as {role} shows {trace}")
    whole = place.ask(client, route, CHAIRS[0], Role.CO_CHAIR, OWN)
    place.expect(told(answer) == told(whole), f"{route} as {role}: {told(answer)}, to others {told(whole)}")
    if "json" in answer.headers.get("content-type", "") and answer.status_code == 200:
        place.expect(alike(answer.json(), whole.json()), f"{route} as {role} has another shape")


def alike(one: Any, other: Any) -> bool:
    """Whether two answers name the same things, whatever their values and however many of them; ids used as names count
    as values, and of a list that is empty on one side nothing can be said."""
    if isinstance(one, dict) and isinstance(other, dict):
        mine, theirs = ({name for name in found if not IDS.fullmatch(name)} for found in (one, other))
        return mine == theirs and all(alike(one[name], other[name]) for name in mine)
    if isinstance(one, list) and isinstance(other, list):
        return not one or not other or alike(one[0], other[0])
    return isinstance(one, dict | list) == isinstance(other, dict | list)


def test_counts_speak_of_what_the_reader_sees(place: Place) -> None:
    office = place.committee.get(f"stages/{place.stage}", "office")
    with place.committee.client("guidance", account=MEMBER) as member:
        seen = member.get(f"/api/ranking/stages/{place.stage}").json()
        stability = member.get(f"/api/ranking/stages/{place.stage}/stability").json()
        paths = [f"/committee/stages/{place.stage}{part}" for part in ("", "/stability", "/balance")]
        lists = [check_lists(member, path) for path in (*paths, "/committee/stability")]

    assert (office["cases"], seen["cases"]) == (5, 4)
    assert [row["rank"] for row in seen["ranking"]] == [1, 2, 3, 4]
    assert (len(office["recusals"]), seen["recusals"]) == (2, [])
    assert (len(office["to_confirm"]["undecided"]), len(seen["to_confirm"]["undecided"])) == (5, 4)
    # The shares of four would say how often the fifth is inside.
    assert [stability["stability"][name] for name in ("inside", "left_out", "lines")] == [{}, [], []]
    assert (stability["withheld"], len(stability["ranking"])) == (True, 4)
    assert lists[0] == 1
    assert min(lists[2:]) >= 1
