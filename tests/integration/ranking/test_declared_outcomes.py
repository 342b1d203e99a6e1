"""A decision among the outcomes that the rulebook declares, case by case, straight from an intake, on real servers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.contracts.dossiers import ApplicationDossier, FinalEntryDossier, Manifest, ManifestEntry
from shared.contracts.subjects import CaseSubject
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import People, ServiceProcess, eventually, key

NAMES = ("演练平台甲", "演练平台乙", "演练平台丙")


@dataclass
class Deciding:
    """A category of platforms before the office."""

    rooms: Rooms
    office: httpx.Client
    person: UUID
    category: UUID
    stage: UUID
    numbers: dict[str, UUID]

    def post(self, path: str, body: dict[str, Any] | None = None, ticket: str | None = None) -> httpx.Response:
        headers = key() | ({"X-Ticket": ticket} if ticket else {})
        return self.office.post(f"/api/ranking/stages/{self.stage}/{path}", json=body, headers=headers)

    def shown(self) -> dict[str, Any]:
        answer = self.office.get(f"/api/ranking/stages/{self.stage}")
        return answer.json() if answer.status_code == 200 else {}

    def record(self, number: str, outcome: str, reason: str | None = None) -> httpx.Response:
        entry = {"case": str(self.numbers[number]), "outcome": outcome, "reason": reason}
        return self.post("recommendations", {"entries": [entry]})


def taken_in(place: int, name: str) -> ApplicationDossier:
    return ApplicationDossier(
        case_id=uuid4(),
        number=f"SP-2025-00{place}",
        category_key="service_platform",
        variant=None,
        subject=CaseSubject(name=name),
        figures={"satisfaction": "100", "other_amount": None},
        evidence=(),
        investigations=(),
        statement_version=None,
        vetoes=("false_material",) if name == "演练平台丙" else (),
        accepted_at=datetime(2026, 2, 1, tzinfo=UTC),
    )


@pytest.fixture(scope="module")
def deciding(rooms: Rooms, ranking: ServiceProcess, people: People) -> Iterator[Deciding]:
    dossiers = [taken_in(place, name) for place, name in enumerate(NAMES, 1)]
    entries = [
        ManifestEntry(
            case_id=one.case_id, number=one.number, dossier_digest=rooms.put("submission", one), subject=one.subject
        )
        for one in dossiers
    ]
    category, person = uuid4(), uuid4()
    ref = rooms.hand_over("submission", stage_ref("decision", "service_platform", category, uuid4()), entries)
    rooms.fallen = set()
    rooms.start(ref)
    numbers = {one.number: one.case_id for one in dossiers}
    with people.client(ranking.origin, "office", account=person) as office:
        found = Deciding(rooms, office, person, category, ref.stage_id, numbers)
        eventually(lambda: found.shown().get("waits_for") == "office", "the decision does not wait for the office")
        yield found


def test_outcomes_are_those_declared_from_the_record_to_the_final_list(deciding: Deciding, people: People) -> None:
    shown = deciding.shown()
    assert [(one["id"], one["label"]) for one in shown["outcomes"]] == [
        ("approved", "审核通过"),
        ("rectification_required", "须整改"),
        ("refund_required", "须退回资金"),
    ]
    assert [(row["score"], row["rank"], row["mean"]) for row in shown["ranking"]] == [(None, None, None)] * 3

    _refused_with_a_sentence(deciding)
    assert deciding.record("SP-2025-001", "approved").status_code == 200
    assert deciding.record("SP-2025-002", "rectification_required", "演练：资金用途说明不全").status_code == 200
    assert deciding.record("SP-2025-003", "refund_required", "演练：资金未用于服务企业").status_code == 200
    _confirmed(deciding, people)

    page = deciding.office.get(f"/committee/stages/{deciding.stage}", headers={"Accept": "text/html"}).text
    assert all(word in page for word in ("提出评价结果", "审核通过", "须整改", "须退回资金", "演练：资金用途说明不全"))
    lines = _final_list(deciding)
    assert [(line.outcome, line.score, line.reason) for line in lines] == [
        ("approved", None, None),
        ("rectification_required", None, "演练：资金用途说明不全"),
        ("refund_required", None, "演练：资金未用于服务企业"),
    ]
    summary = deciding.office.get(f"/api/ranking/reports/{deciding.stage}/summary.json").json()
    assert summary["totals"] == {
        "evaluated": 3,
        "outcomes": {"审核通过": 1, "须整改": 1, "须退回资金": 1},
        "mean_score": None,
    }
    tables = deciding.office.get(f"/api/ranking/reports/{deciding.stage}/tables.json").json()["tables"]
    assert [row["outcome"] for row in tables[0]["rows"]] == ["审核通过", "须整改", "须退回资金"]
    explained = deciding.office.get(
        f"/api/ranking/stages/{deciding.stage}/cases/{deciding.numbers['SP-2025-001']}/explain"
    )
    assert explained.status_code == 404


def _refused_with_a_sentence(deciding: Deciding) -> None:
    unknown = deciding.record("SP-2025-001", "recommended").json()
    assert (unknown["code"], unknown["field"], unknown["article"]) == (
        "unknown_outcome",
        "entries.SP-2025-001.outcome",
        "附4",
    )
    assert "审核通过（approved）、须整改（rectification_required）、须退回资金（refund_required）" in unknown["title"]
    silent = deciding.record("SP-2025-002", "rectification_required", "  ").json()
    assert (silent["code"], silent["title"]) == (
        "reason_missing",
        "SP-2025-002 结论为“须整改”，须写明理由。",
    )
    assert deciding.record("SP-2025-003", "approved").json()["code"] == "vetoed"
    assert deciding.shown()["to_confirm"]["undecided"] == ["SP-2025-001", "SP-2025-002", "SP-2025-003"]


def _confirmed(deciding: Deciding, people: People) -> None:
    agreed = deciding.office.get(f"/api/ranking/stages/{deciding.stage}/digest").json()
    ticket = people.ticket(agreed["act"], agreed["digest"], deciding.person, uuid4())
    assert deciding.post("recommendations/confirm", ticket=ticket).status_code == 200
    eventually(lambda: deciding.shown().get("state") == "closed", "the decision did not close")


def _final_list(deciding: Deciding) -> list[FinalEntryDossier]:
    rooms = deciding.rooms
    fixed = rooms.facts("ranking.list.fixed.v1", deciding.category)[-1]
    manifest = Manifest.model_validate_json(rooms.read("ranking", fixed["manifest_digest"]))
    read = [rooms.read("ranking", one.dossier_digest) for one in manifest.entries]
    return sorted((FinalEntryDossier.model_validate_json(one) for one in read), key=lambda line: line.position)
