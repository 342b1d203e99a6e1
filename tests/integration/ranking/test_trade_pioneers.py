"""国际贸易先锋企业: scored from customs data, ranked in two classes, ties parted by the printed rule; real servers."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.contracts.dossiers import ApplicationDossier, ManifestEntry
from shared.contracts.facts import CaseAmended
from shared.contracts.subjects import CaseSubject
from tests.integration.ranking.committee import MEETING, MEMBER, Committee
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import People, ServiceProcess, eventually, key

# number: class, this year's and last year's amount, violations
CUSTOMS = {
    "TP-01": ("manufacturing", 500, 450, 0),
    "TP-02": ("manufacturing", 400, 310, 0),
    "TP-03": ("manufacturing", 300, 300, 1),
    "TP-04": ("other", 80, 100, 0),
    "TP-05": ("other", 60, 20, 0),
    "TP-06": ("other", 40, 20, 0),
}


def taken_in(rooms: Rooms, number: str) -> ManifestEntry:
    variant, now, before, violations = CUSTOMS[number]
    subject = CaseSubject(name=f"演练企业{number[-2:]}", credit_code=number)
    figures = {"trade_amount_this_year": str(now), "trade_amount_last_year": str(before)}
    dossier = ApplicationDossier(
        case_id=uuid4(),
        number=number,
        category_key="trade_pioneer",
        variant=variant,
        subject=subject,
        figures={**figures, "general_violations": str(violations)},
        evidence=(),
        investigations=(),
        statement_version=None,
        accepted_at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    digest = rooms.put("submission", dossier)
    return ManifestEntry(
        case_id=dossier.case_id, number=number, dossier_digest=digest, subject=subject, variant=variant
    )


def test_from_customs_data_to_a_shortlist_of_two_classes(rooms: Rooms, ranking: ServiceProcess, people: People) -> None:
    committee = Committee(rooms, people, ranking.origin)
    entries = [taken_in(rooms, number) for number in CUSTOMS]
    committee.cases = {one.number: one.case_id for one in entries}
    rooms.fallen = set()
    place = stage_ref("evaluation", "trade_pioneer", committee.category_id, committee.cycle_id)
    evaluation = rooms.hand_over("submission", place, entries)
    rooms.start(evaluation)
    eventually(lambda: committee.stage(evaluation.stage_id).get("cases") == len(CUSTOMS), "not received")

    totals = {one["number"]: one["total"] for one in committee.get(f"evaluations/{evaluation.stage_id}")}
    assert totals == {"TP-01": "97", "TP-02": "97", "TP-03": "94.5", "TP-04": "95", "TP-05": "99", "TP-06": "98"}
    _withdraw(committee, evaluation.stage_id, "TP-06")
    assert committee.post(f"stages/{evaluation.stage_id}/evaluation-complete", role="office").status_code == 200
    eventually(lambda: committee.stage(evaluation.stage_id).get("state") == "closed", "not closed")

    closed = rooms.facts("ranking.stage.closed.v1", committee.category_id)[-1]
    handed = {"manifest_id": UUID(closed["manifest_id"]), "manifest_digest": closed["manifest_digest"]}
    decision = stage_ref("decision", "trade_pioneer", committee.category_id, committee.cycle_id).model_copy(
        update={**handed, "manifest_source": "ranking"}
    )
    rooms.start(decision)
    eventually(lambda: committee.stage(decision.stage_id).get("waits_for") == "co_chair", "nobody is waited for")
    _decide(committee, decision.stage_id)
    committee.http.close()


def _withdraw(committee: Committee, stage: UUID, number: str) -> None:
    """A case that falls during the evaluation stays in the population of the others and is handed on no more."""
    case = committee.cases[number]
    fact = CaseAmended(category_id=committee.category_id, case_id=case, number=number, kind="withdrawn")
    committee.rooms.state(fact, "submission")
    struck: dict[str, Any] = {}

    def is_struck() -> bool:
        found = {one["number"]: one["struck"] for one in committee.get(f"evaluations/{stage}")}
        struck.update(found)
        return found[number] == "withdrawn"

    eventually(is_struck, "the withdrawal was not taken in")


def _decide(committee: Committee, stage: UUID) -> None:
    shown = committee.stage(stage)
    ranking = [(row["class_name"], row["number"], row["rank"], row["tie"], row["score"]) for row in shown["ranking"]]
    assert ranking == [
        ("制造类", "TP-01", 1, None, "97"),
        ("制造类", "TP-02", 2, None, "97"),
        ("制造类", "TP-03", 3, None, "94.5"),
        ("其他类型", "TP-05", 1, None, "99"),
        ("其他类型", "TP-04", 2, None, "95"),
    ]
    assert (shown["quota"], shown["shares"]) == (10, {"manufacturing": 5, "other": 5})
    path = f"stages/{stage}"
    assert committee.post(f"{path}/meeting", MEETING).status_code == 200
    chosen = [{"case": row["case_id"], "decision": "shortlisted"} for row in shown["ranking"]]
    passed = [{**one, "decision": "not_shortlisted"} if place == 4 else one for place, one in enumerate(chosen)]
    assert committee.post(f"{path}/decisions", {"entries": passed}).json()["code"] == "fewer_needs_reason"
    recorded = committee.post(f"{path}/decisions", {"entries": passed, "reason": "演练：宁缺毋滥"})
    assert (recorded.status_code, recorded.json()["shortlisted"]) == (200, 4)
    taken = committee.post(f"{path}/decisions/take-back", {"cases": [passed[4]["case"]], "reason": "演练：重新研究"})
    assert taken.json()["undecided"] == ["TP-04"]
    again = {"entries": [chosen[4]]}
    first = committee.client("guidance", account=MEMBER)
    with first:
        assert first.post(f"/api/ranking/{path}/decisions", json=again, headers=key()).status_code == 200
    digest = committee.get(f"{path}/digest")["digest"]
    for chair in (0, 1):
        assert committee.post(f"{path}/confirm", {"digest": digest}, chair=chair).status_code == 200
    eventually(lambda: committee.stage(stage).get("state") == "closed", "the decision did not close")
    assert committee.rooms.facts("ranking.stage.closed.v1", committee.category_id)[-1]["cases"] == 5
