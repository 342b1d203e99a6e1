"""研究决定, 意见征询 and a refilled seat, from review's manifest to the final list, on real servers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.dossiers import FinalEntryDossier, Manifest
from shared.contracts.facts import CaseAmended, ObjectionRuled
from shared.kernel.ids import derived_id
from tests.integration.ranking.committee import CATEGORY, MEETING, Committee, reviewed
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import People, ServiceProcess, eventually, key


@pytest.fixture(scope="module")
def committee(rooms: Rooms, ranking: ServiceProcess, people: People) -> Iterator[Committee]:
    found = Committee(rooms, people, ranking.origin)
    yield found
    found.http.close()


def test_from_the_ranking_to_a_refilled_seat(committee: Committee) -> None:
    decision = _ranked(committee)
    _decided(committee, decision)
    consultation = _consulted(committee)
    _final_list(committee, consultation)
    _refilled(committee, decision)


def _ranked(committee: Committee) -> UUID:
    """14 cases: 1-9 apart, 10 and 11 tied at the line, 12 vetoed with the best mean, 13 withdrawn at the gate."""
    rooms = committee.rooms
    means = {number: (700 - number, 7) for number in range(1, 10)} | {10: (90 * 7, 7), 11: (90 * 8, 8)}
    entries = [reviewed(rooms, number, mean) for number, mean in means.items()]
    entries.append(reviewed(rooms, 12, (100, 1), vetoed=True))
    entries.append(reviewed(rooms, 13, (99, 1)))
    entries.append(reviewed(rooms, 14, (60, 1)))
    committee.cases = {one.number: one.case_id for one in entries}
    ref = rooms.hand_over("review", stage_ref("decision", CATEGORY, committee.category_id, committee.cycle_id), entries)
    rooms.fallen = {committee.cases["NQ-013"]}
    rooms.start(ref)
    eventually(lambda: committee.stage(ref.stage_id).get("waits_for") == "co_chair", "nobody is waited for")
    shown = {row["number"]: row for row in committee.stage(ref.stage_id)["ranking"]}

    assert [(one.gate, one.manifest_id) for one in rooms.asked][-1] == ("ranking", ref.manifest_id)
    assert {number: row["rank"] for number, row in shown.items()} == {
        **{f"NQ-{number:03d}": number for number in range(1, 10)},
        "NQ-010": 10,
        "NQ-011": 10,
        "NQ-012": None,
        "NQ-013": None,
        "NQ-014": 12,
    }
    assert (shown["NQ-010"]["tie"], shown["NQ-010"]["line"], shown["NQ-009"]["line"]) == ("committee", "on", "above")
    explained = committee.get(f"stages/{ref.stage_id}/cases/{committee.cases['NQ-001']}/explain")
    assert explained["mean"] == [699, 7]
    assert any("研发" in line for line in explained["sheets"][0]["lines"])
    return ref.stage_id


def _decided(committee: Committee, stage: UUID) -> None:
    path, cases = f"stages/{stage}", committee.cases

    def choices(*chosen: int, reasons: dict[int, str] | None = None) -> dict[str, Any]:
        given = reasons or {}
        return {
            "entries": [
                {
                    "case": str(cases[f"NQ-{number:03d}"]),
                    "decision": "shortlisted" if number in chosen else "not_shortlisted",
                    "reason": given.get(number),
                }
                for number in (*range(1, 12), 14)
            ]
        }

    def refusal(body: dict[str, Any]) -> str:
        answer = committee.post(f"{path}/decisions", body)
        assert answer.status_code in (409, 422), answer.text
        return str(answer.json()["code"])

    assert refusal(choices(*range(1, 11))) == "no_meeting"
    assert committee.post(f"{path}/meeting", MEETING, role="office").status_code == 200
    assert refusal(choices(*range(1, 12))) == "over_quota"
    assert refusal(choices(*range(1, 11))) == "departure_needs_reason"
    assert refusal(choices(*range(2, 12))) == "departure_needs_reason"
    assert refusal(choices(*range(1, 6))) == "fewer_needs_reason"
    vetoed = {"entries": [{"case": str(cases["NQ-012"]), "decision": "shortlisted"}]}
    assert refusal(vetoed) == "vetoed"
    struck = {"entries": [{"case": str(cases["NQ-013"]), "decision": "shortlisted"}]}
    assert refusal(struck) == "case_struck"
    accepted = committee.post(f"{path}/decisions", choices(*range(1, 11), reasons={11: "同分，产业代表性较弱"}))
    assert accepted.status_code == 200, accepted.text
    assert refusal(choices(*range(1, 11))) == "already_decided"
    with committee.client("expert") as expert:
        assert expert.post(f"/api/ranking/{path}/confirm", json={"digest": "0"}, headers=key()).status_code == 403

    digest = committee.get(f"{path}/digest")["digest"]
    assert committee.post(f"{path}/confirm", {"digest": "0" * 64}).json()["code"] == "digest_mismatch"
    assert committee.post(f"{path}/confirm", {"digest": digest}).json()["complete"] is False
    assert committee.post(f"{path}/confirm", {"digest": digest}).json()["code"] == "already_confirmed"
    assert committee.post(f"{path}/confirm", {"digest": digest}, chair=1).json()["complete"] is True
    eventually(lambda: committee.stage(stage).get("state") == "closed", "the decision did not close")
    with committee.client("office") as office:
        minute = office.get(committee.stage(stage)["minute"]["pdf"])
    assert (minute.status_code, minute.content[:5]) == (200, b"%PDF-")


def _consulted(committee: Committee) -> UUID:
    rooms = committee.rooms
    rooms.fallen = set()
    ref = committee.next_stage("consultation")
    rooms.start(ref)
    eventually(lambda: committee.stage(ref.stage_id).get("departments"), "no letters were written")
    shown = committee.stage(ref.stage_id)
    first, second = (UUID(one["department_id"]) for one in shown["departments"][:2])
    assert [entry["number"] for entry in shown["entries"]] == [f"NQ-{number:03d}" for number in range(1, 11)]
    assert len(rooms.facts("ranking.notice.due.v1", committee.category_id)) == 1 + len(shown["departments"])

    replies = [{"case": entry["case_id"], "reply": "no_objection"} for entry in shown["entries"]]
    concerns = [
        {"case": str(committee.cases["NQ-002"]), "reply": "concern", "text": "演练：有未结行政处罚"},
        {"case": str(committee.cases["NQ-003"]), "reply": "concern", "text": "演练：需核实"},
    ]
    path = f"/api/ranking/consultations/{ref.stage_id}"
    with committee.client("department", acts_for=(first,)) as department:
        assert department.post(f"{path}/replies", json={"entries": replies}, headers=key()).status_code == 200
        again = department.post(f"{path}/replies", json={"entries": replies[:1]}, headers=key())
        assert (again.status_code, again.json()["code"]) == (409, "already_replied")
        seen = department.get("/api/ranking/consultations").json()
        mine = [one["departments"] for one in seen if one["stage_id"] == str(ref.stage_id)]
        assert [[one["department_id"] for one in letters] for letters in mine] == [[str(first)]]
    with committee.client("department", acts_for=(second,)) as department:
        wordless = department.post(f"{path}/replies", json={"entries": [{**concerns[0], "text": " "}]}, headers=key())
        assert wordless.status_code == 422
        assert department.post(f"{path}/replies", json={"entries": concerns}, headers=key()).status_code == 200
    with committee.client("department", acts_for=(derived_id("department", "别的部门"),)) as other:
        assert other.post(f"{path}/replies", json={"entries": replies}, headers=key()).status_code == 403
    early = committee.post(f"consultations/{ref.stage_id}/close", role="office")
    assert (early.status_code, early.json()["code"]) == (409, "replies_missing")
    return ref.stage_id


def _final_list(committee: Committee, stage: UUID) -> None:
    rooms, category = committee.rooms, committee.category_id
    closes_at = datetime.fromisoformat(committee.stage(stage)["closes_at"])
    rooms.move_clock(closes_at - timedelta(days=1))
    eventually(
        lambda: "consultation_reminder" in [one["template"] for one in rooms.facts("ranking.notice.due.v1", category)],
        "nobody was reminded",
    )
    assert committee.stage(stage)["tallied"] is False
    rooms.move_clock(closes_at)
    eventually(lambda: committee.stage(stage).get("waits_for") == "co_chair", "concerns do not wait for a co-chair")
    assert rooms.facts("ranking.notice.due.v1", category)[-1]["template"] == "concern_raised"
    entries = {entry["number"]: entry for entry in committee.stage(stage)["entries"]}
    assert [one["reply"] for one in entries["NQ-001"]["replies"]].count("silence") == 4

    ruling = {"ruling": "keep", "reason": "演练：处罚已结案"}
    assert committee.post(f"consultations/{stage}/concerns/{committee.cases['NQ-001']}", ruling).status_code == 404
    _ruled(committee, stage, "NQ-002", ruling)
    twice = committee.post(f"consultations/{stage}/concerns/{committee.cases['NQ-002']}", ruling)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_ruled")
    withdrawn = committee.cases["NQ-004"]
    rooms.state(CaseAmended(category_id=category, case_id=withdrawn, number="NQ-004", kind="withdrawn"), "submission")
    eventually(
        lambda: {one["number"]: one for one in committee.stage(stage)["entries"]}["NQ-004"]["struck"] == "withdrawn",
        "the withdrawal was not taken in",
    )
    remove = {"ruling": "remove", "reason": "演练：核实不符"}
    _ruled(committee, stage, "NQ-003", remove)
    eventually(lambda: committee.stage(stage).get("state") == "closed", "the consultation did not close")
    lines = _lines(rooms, category)

    assert [(line.position, line.number, line.rank, line.outcome) for line in lines] == [
        (1, "NQ-001", 1, "listed"),
        (2, "NQ-002", 2, "listed"),
        (3, "NQ-005", 4, "listed"),
        (4, "NQ-006", 5, "listed"),
        (5, "NQ-007", 6, "listed"),
        (6, "NQ-008", 7, "listed"),
        (7, "NQ-009", 8, "listed"),
        (8, "NQ-010", 9, "listed"),
    ]
    assert lines[0].score == "99.86"
    seats = committee.get("seats")
    assert sorted(one["cause"] for one in seats if one["category_id"] == str(category)) == ["concern", "withdrawn"]


def _ruled(committee: Committee, stage: UUID, number: str, ruling: dict[str, str]) -> None:
    """One co-chair proposes, the other confirms; nothing is ruled in between."""
    path = f"consultations/{stage}/concerns/{committee.cases[number]}"
    assert committee.post(path, ruling).json()["in_force"] is False
    entries = {entry["number"]: entry for entry in committee.stage(stage)["entries"]}
    assert (entries[number]["ruling"], entries[number]["proposed_ruling"]) == (None, ruling["ruling"])
    for chair, shown in ((0, "等待另一位主任确认"), (1, "确认后生效，不能再改")):
        with committee.client("co_chair", account=committee.chairs[chair]) as client:
            page = client.get("/committee/consultations", headers={"Accept": "text/html"})
        assert (page.status_code, shown in page.text) == (200, True)
    alone = committee.post(f"{path}/confirm", {"ruling": ruling["ruling"]})
    assert (alone.status_code, alone.json()["code"]) == (409, "second_person")
    other = "remove" if ruling["ruling"] == "keep" else "keep"
    assert committee.post(f"{path}/confirm", {"ruling": other}, chair=1).json()["code"] == "ruling_changed"
    assert committee.post(f"{path}/confirm", {"ruling": ruling["ruling"]}, chair=1).json()["in_force"] is True


def _lines(rooms: Rooms, category: UUID) -> list[FinalEntryDossier]:
    fixed = rooms.facts("ranking.list.fixed.v1", category)[-1]
    manifest = Manifest.model_validate_json(rooms.read("ranking", fixed["manifest_digest"]))
    lines = [
        FinalEntryDossier.model_validate_json(rooms.read("ranking", one.dossier_digest)) for one in manifest.entries
    ]
    return sorted(lines, key=lambda line: line.position)


def _passed_over_unseen(committee: Committee, decision: UUID, path: str) -> None:
    """A co-chair who stands aside from the next in line sees ranks without a gap; the other one sees who is passed."""

    def candidates(role: str) -> list[tuple[str, int]]:
        [seat] = [one for one in committee.get("seats", role) if one["candidates"]][:1]
        return [(one["number"], one["rank"]) for one in seat["candidates"]]

    aside = {"case": str(committee.cases["NQ-011"]), "seat": "甲", "reason": "近亲属任职"}
    everybody = candidates("office")
    assert committee.post(f"stages/{decision}/recusals", aside, role="office").status_code == 200
    seen = candidates("co_chair")
    last = {"case": str(committee.cases["NQ-014"])}
    proposed = committee.post(f"{path}/fill", last)
    refused = committee.post(f"{path}/confirm", chair=1)
    assert committee.post(f"{path}/withdraw", chair=1).status_code == 200
    assert committee.post(f"stages/{decision}/recusals/lift", aside, role="office").status_code == 200

    (eleventh, rank), (last_number, after) = everybody
    assert (eleventh, last_number, after) == ("NQ-011", "NQ-014", rank + 2)
    assert seen == [("NQ-014", rank + 1)]  # the tenth, tied with the eleventh, is on the list
    assert (proposed.status_code, refused.json()["code"]) == (200, "departure_needs_reason")


def _refilled(committee: Committee, decision: UUID) -> None:
    rooms, category = committee.rooms, committee.category_id
    objected = committee.cases["NQ-001"]
    ruled = ObjectionRuled(category_id=category, case_id=objected, stage_id=uuid4(), objection_id=uuid4(), upheld=True)
    rooms.state(ruled, "publication")
    eventually(lambda: "objection" in [one["cause"] for one in committee.get("seats")], "no seat fell empty")

    path = f"seats/{category}"
    listed = {"case": str(committee.cases["NQ-005"]), "reason": "x"}
    assert committee.post(f"{path}/fill", listed).status_code == 404
    chosen = {"case": str(committee.cases["NQ-011"])}
    _passed_over_unseen(committee, decision, path)
    assert committee.post(f"{path}/fill", chosen).status_code == 200
    assert committee.post(f"{path}/confirm").json()["code"] == "second_person"
    assert committee.post(f"{path}/confirm", chair=1).json()["supplement"] == 1
    assert committee.post(f"{path}/fill", chosen).status_code == 404

    ref = committee.next_stage("consultation", supplement=1)
    rooms.start(ref)
    eventually(lambda: committee.stage(ref.stage_id).get("departments"), "no letters were written")
    for one in committee.stage(ref.stage_id)["departments"]:
        with committee.client("department", acts_for=(UUID(one["department_id"]),)) as department:
            body = {"entries": [{"case": chosen["case"], "reply": "no_objection"}]}
            answer = department.post(f"/api/ranking/consultations/{ref.stage_id}/replies", json=body, headers=key())
            assert answer.status_code == 200, answer.text
    assert committee.post(f"consultations/{ref.stage_id}/close", role="office").status_code == 200
    eventually(lambda: committee.stage(ref.stage_id).get("state") == "closed", "the supplement did not close")

    lines = _lines(rooms, category)
    assert [(line.position, line.number, line.outcome) for line in lines] == [(8, "NQ-011", "listed")]
    seat = next(one for one in committee.get("seats") if one["supplement"] == 1)
    with committee.client("office") as office:
        minute = office.get(f"/api/ranking/minutes/{seat['seat_id']}.pdf")
    assert minute.content[:5] == b"%PDF-"
