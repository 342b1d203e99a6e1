"""A member who stands aside meets no trace of the case, and the list is decided and confirmed without them."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from docx import Document
from pypdfium2 import PdfDocument

from shared.infra.database import Actor
from tests.integration.ranking.committee import CATEGORY, CHAIRS, MEETING, MEMBER, Committee, reviewed
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import People, ServiceProcess, eventually, key

HTML = {"Accept": "text/html"}


def ranked(committee: Committee, cases: int) -> UUID:
    """A decision of so many cases, the first the best."""
    rooms = committee.rooms
    entries = [reviewed(rooms, 20 + number, (900 - number, 10)) for number in range(1, cases + 1)]
    committee.cases = {one.number: one.case_id for one in entries}
    ref = rooms.hand_over("review", stage_ref("decision", CATEGORY, committee.category_id, committee.cycle_id), entries)
    rooms.fallen = set()
    rooms.start(ref)
    eventually(lambda: committee.stage(ref.stage_id).get("waits_for") == "co_chair", "nobody is waited for")
    return ref.stage_id


def shortlisted(case: object) -> dict[str, str]:
    return {"case": str(case), "decision": "shortlisted"}


def told(client: httpx.Client, stage: UUID, case: UUID) -> list[tuple[int, str, str]]:
    """What a member is told of a case wherever it could be met."""
    path = f"/api/ranking/stages/{stage}"
    back = {"cases": [str(case)], "reason": "x"}
    asked = [
        client.get(f"{path}/cases/{case}/explain"),
        client.post(f"{path}/decisions", json={"entries": [shortlisted(case)]}, headers=key()),
        client.post(f"{path}/decisions/take-back", json=back, headers=key()),
        client.post(f"{path}/recusals", json={"case": str(case), "reason": "x"}, headers=key()),
    ]
    return [(answer.status_code, answer.json()["code"], answer.json()["title"]) for answer in asked]


def test_a_recused_co_chair_meets_no_trace_and_another_member_confirms_the_entry(
    rooms: Rooms, ranking: ServiceProcess, people: People
) -> None:
    committee = Committee(rooms, people, ranking.origin)
    stage = ranked(committee, 10)
    hidden = committee.cases["NQ-022"]
    aside = [{"seat": "乙", "case": str(hidden), "reason": "演练：曾任该企业顾问"}]
    path = f"stages/{stage}"
    assert committee.post(f"{path}/meeting", {**MEETING, "recusals": aside}, role="office").status_code == 200

    with committee.client("co_chair", account=CHAIRS[1]) as second:
        _no_trace(second, stage, hidden)
        choices = [shortlisted(case) for case in committee.cases.values()]
        assert committee.post(f"{path}/decisions", {"entries": choices}).status_code == 200
        _no_trace(second, stage, hidden)
        whole, seen = committee.get(f"{path}/digest"), second.get(f"/api/ranking/{path}/digest").json()
        assert (whole["shortlisted"], seen["shortlisted"]) == (10, 9)
        assert (whole["stand_in"], seen["stand_in"]) == (["NQ-022"], [])
        foreign = second.post(f"/api/ranking/{path}/confirm", json={"digest": whole["digest"]}, headers=key())
        assert (foreign.status_code, foreign.json()["code"]) == (409, "digest_mismatch")
        mine = second.post(f"/api/ranking/{path}/confirm", json={"digest": seen["digest"]}, headers=key())
        assert mine.json()["complete"] is False
    assert committee.post(f"{path}/confirm", {"digest": whole["digest"]}).json()["complete"] is False
    with committee.client("guidance", account=MEMBER) as third:
        stands_in = third.post(f"/api/ranking/{path}/confirm", json={"digest": whole["digest"]}, headers=key())
    assert stands_in.json()["complete"] is True
    eventually(lambda: committee.stage(stage).get("state") == "closed", "the decision did not close")
    with committee.client("co_chair", account=CHAIRS[1]) as second:
        _minute_without(second, stage, hidden)
    with people.client(ranking.origin, "office") as office:
        whole_minute = _papers(office, stage)
    assert all("NQ-022" in paper and "参加排序10案，决定入围10案" in paper for paper in whole_minute)
    committee.http.close()


def _minute_without(second: httpx.Client, stage: UUID, hidden: UUID) -> None:
    """As a paper and on the page, with a trace of the case nowhere, and the digest of the whole in the ledger."""
    _no_trace(second, stage, hidden)
    shown = second.get(f"/api/ranking/stages/{stage}").json()["minute"]
    assert (shown["redacted"], shown["sha256"]) == (True, None)
    assert shown["pdf"] in second.get(f"/committee/stages/{stage}", headers=HTML).text
    for paper in _papers(second, stage):
        assert "NQ-022" not in paper
        assert "演练企业022" not in paper
        assert "曾任该企业顾问" not in paper
        assert "节本" in paper
        assert "参加排序9案，决定入围9案" in paper
        assert "NQ-023" in paper


def _papers(client: httpx.Client, stage: UUID) -> list[str]:
    """The minute as PDF and as a Word document, without spaces and breaks."""
    eventually(lambda: client.get(f"/api/ranking/minutes/{stage}.pdf").status_code == 200, "no minute was written")
    written = PdfDocument(client.get(f"/api/ranking/minutes/{stage}.pdf").content)
    pages = [page.get_textpage().get_text_range() for page in written]
    document = Document(io.BytesIO(client.get(f"/api/ranking/minutes/{stage}.docx").content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    texts = ("".join(pages), "".join([*(one.text for one in document.paragraphs), *cells]))
    return ["".join(text.split()) for text in texts]


def _no_trace(second: httpx.Client, stage: UUID, hidden: UUID) -> None:
    shown = second.get(f"/api/ranking/stages/{stage}").json()
    assert ([row["rank"] for row in shown["ranking"]], shown["cases"]) == (list(range(1, 10)), 9)
    assert told(second, stage, hidden) == told(second, stage, uuid4())
    pages = [f"/committee/stages/{stage}", "/committee", f"/api/ranking/stages/{stage}", "/api/ranking/stages"]
    for page in pages:
        text = second.get(page, headers=HTML).text
        assert "演练企业022" not in text, page
        assert "NQ-022" not in text, page
        assert str(hidden) not in text, page


def test_a_member_stands_aside_on_their_own_and_the_office_lifts_it(
    rooms: Rooms, ranking: ServiceProcess, people: People
) -> None:
    committee = Committee(rooms, people, ranking.origin)
    stage = ranked(committee, 2)
    path, case = f"stages/{stage}", str(committee.cases["NQ-021"])
    assert committee.post(f"{path}/meeting", MEETING, role="office").status_code == 200
    assert committee.post(f"{path}/decisions", {"entries": [shortlisted(case)]}).status_code == 200

    others = committee.post(f"{path}/recusals", {"case": case, "reason": "x", "seat": "乙"})
    assert (others.status_code, others.json()["field"]) == (422, "seat")
    assert committee.post(f"{path}/recusals", {"case": case, "reason": "演练：亲属任职"}).json() == {"seat": "甲"}
    assert [row["number"] for row in committee.stage(stage)["ranking"]] == ["NQ-022"]
    office = _read(committee, people, path)
    assert {row["number"]: row["decision"] for row in office["ranking"]} == {"NQ-021": None, "NQ-022": None}
    assert [(one["seat"], one["number"]) for one in office["recusals"]] == [("甲", "NQ-021")]
    lifted = committee.post(
        f"{path}/recusals/lift", {"case": case, "seat": "甲", "reason": "演练：核实有误"}, role="office"
    )
    assert lifted.status_code == 200
    assert [row["number"] for row in committee.stage(stage)["ranking"]] == ["NQ-021", "NQ-022"]
    committee.http.close()


def _read(committee: Committee, people: People, path: str) -> dict[str, Any]:
    with people.client(committee.origin, "office") as office:
        found: dict[str, Any] = office.get(f"/api/ranking/{path}").json()
    return found


def test_a_member_without_a_place_sees_nothing_and_nobody_confirms_with_an_old_proof(
    rooms: Rooms, ranking: ServiceProcess, people: People
) -> None:
    committee = Committee(rooms, people, ranking.origin)
    with committee.client("guidance") as newcomer:
        refused = newcomer.get("/api/ranking/stages/00000000-0000-0000-0000-000000000001")
        page = newcomer.get("/committee", headers=HTML).text
        taken = newcomer.post("/api/ranking/members", json={"seat": "甲"}, headers=key())
    with committee.client("co_chair") as third:
        too_many = third.post("/api/ranking/members", json={"seat": "丁"}, headers=key())
    old = datetime.now(UTC) - timedelta(minutes=11)
    token = people.stale_token(Actor(CHAIRS[0], frozenset({"co_chair"}), session=uuid4(), auth_time=old))
    stale = committee.http.post(
        f"/api/ranking/stages/{uuid4()}/confirm",
        json={"digest": "0"},
        headers={"Authorization": f"Bearer {token}"} | key(),
    )

    assert refused.status_code in (404, 422)
    assert "登记席位" in page
    assert taken.json()["code"] == "seat_taken"
    assert too_many.json()["code"] == "two_co_chairs"
    assert (stale.status_code, stale.json()["code"]) == (422, "fresh_authentication")
    committee.http.close()
