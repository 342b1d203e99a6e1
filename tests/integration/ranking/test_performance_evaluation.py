"""绩效评价 from submission's manifest to the report table, on real servers."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import openpyxl
import pytest

from shared.contracts.dossiers import ApplicationDossier, FinalEntryDossier, Manifest, ManifestEntry
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import StageRef
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import People, ServiceProcess, eventually, key

DATA = Path(__file__).parents[2] / "unit" / "rulebook" / "data"
FORMS = [json.loads(line) for line in (DATA / "little_giant_cases.jsonl").read_text("utf-8").splitlines() if line]
PRINTED = {
    one["case"]: one for one in map(json.loads, (DATA / "little_giant_results.jsonl").read_text("utf-8").splitlines())
}


@dataclass
class Evaluated:
    """A category under evaluation, and the office that runs it."""

    rooms: Rooms
    office: httpx.Client
    person: UUID
    second: UUID
    ref: StageRef
    cases: dict[str, UUID]

    def post(self, path: str, body: dict[str, Any] | None = None, ticket: str | None = None) -> httpx.Response:
        headers = key() | ({"X-Ticket": ticket} if ticket else {})
        return self.office.post(f"/api/ranking/{path}", json=body, headers=headers)

    def get(self, path: str) -> Any:
        answer = self.office.get(f"/api/ranking/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self, stage_id: UUID) -> dict[str, Any]:
        answer = self.office.get(f"/api/ranking/stages/{stage_id}")
        return answer.json() if answer.status_code == 200 else {}


def filing(number: str, name: str, figures: dict[str, Any]) -> ApplicationDossier:
    return ApplicationDossier(
        case_id=uuid4(),
        number=number,
        category_key="little_giant",
        variant=None,
        subject=CaseSubject(name=name),
        figures={
            fact: value if isinstance(value, bool | str | None) else str(value) for fact, value in figures.items()
        },
        evidence=(),
        investigations=(),
        statement_version=None,
        accepted_at=datetime(2026, 2, 1, tzinfo=UTC),
    )


def entry(rooms: Rooms, dossier: ApplicationDossier) -> ManifestEntry:
    digest = rooms.put("submission", dossier)
    return ManifestEntry(case_id=dossier.case_id, number=dossier.number, dossier_digest=digest, subject=dossier.subject)


@pytest.fixture(scope="module")
def evaluated(rooms: Rooms, ranking: ServiceProcess, people: People) -> Iterator[Evaluated]:
    forms = [json.loads(json.dumps(form), parse_float=str) for form in FORMS]
    dossiers = [filing(form["case"], f"{form['case']}号企业", form["facts"]) for form in forms]
    missing = {**forms[0]["facts"], "export_share_target": None, "export_share_actual": "5"}
    dossiers.append(filing("附件2-99", "演练企业201", missing))
    place = stage_ref("evaluation", "little_giant", uuid4(), uuid4())
    ref = rooms.hand_over("submission", place, [entry(rooms, one) for one in dossiers])
    person, second = uuid4(), uuid4()
    rooms.start(ref)
    with people.client(ranking.origin, "office", account=person) as office:
        cases = {one.number: one.case_id for one in dossiers}
        found = Evaluated(rooms, office, person, second, ref, cases)
        eventually(lambda: found.state(ref.stage_id).get("cases") == len(dossiers), "the filings were not taken in")
        yield found


def test_the_evaluation_from_scores_to_the_report_table(evaluated: Evaluated, people: People) -> None:
    stage = evaluated.ref.stage_id
    invented = evaluated.cases["附件2-99"]
    results = {one["number"]: one for one in evaluated.get(f"evaluations/{stage}")}

    assert {number: results[number]["total"] for number in PRINTED} == {
        number: one["total"] for number, one in PRINTED.items()
    }
    assert {number: results[number]["items"] for number in PRINTED} == {
        number: one["items"] for number, one in PRINTED.items()
    }
    assert results["附件2-99"]["open_items"] == ["export_share"]
    assert "待人工认定" in results["附件2-99"]["explanations"]["export_share"]["words"]

    _open_items_block(evaluated, stage, results)
    _points_by_hand(evaluated, stage, invented)
    assert evaluated.post(f"stages/{stage}/evaluation-complete").status_code == 200
    eventually(lambda: evaluated.state(stage).get("state") == "closed", "the evaluation did not close")
    again = evaluated.post(
        f"evaluations/{stage}/{invented}/override", {"item": "export_share", "points": "0", "reason": "x"}
    )
    assert again.status_code == 409

    _recommendation(evaluated, people, stage)


def _open_items_block(evaluated: Evaluated, stage: UUID, results: dict[str, Any]) -> None:
    refused = evaluated.post(f"stages/{stage}/evaluation-complete")
    open_items = [f"{one['number']}.{item}" for one in results.values() for item in one["open_items"]]
    assert (refused.status_code, refused.json()["code"]) == (422, "open_items")
    assert [one["field"] for one in refused.json()["problems"]] == open_items
    for one in results.values():
        for item in one["open_items"]:
            body = {"item": item, "points": 0, "reason": "印定报告未给分"}
            if one["number"] != "附件2-99":
                assert evaluated.post(f"evaluations/{stage}/{one['case_id']}/override", body).status_code == 200


def _points_by_hand(evaluated: Evaluated, stage: UUID, case: UUID) -> None:
    def give(kind: str, item: str, points: object, reason: str = "核对材料后认定") -> httpx.Response:
        return evaluated.post(f"evaluations/{stage}/{case}/{kind}", {"item": item, "points": points, "reason": reason})

    assert give("override", "export_share", "5.5").json()["code"] == "out_of_range"
    assert give("override", "export_share", "2.25").json()["code"] == "not_a_step"
    assert give("override", "rd_intensity", "5").json()["code"] == "override_not_allowed"
    assert give("override", "export_share", "5", "").status_code == 422
    assert give("override", "export_share", 2.5).status_code == 422
    assert give("judgement", "fund_use_compliance", "20.5").json()["code"] == "out_of_range"
    assert give("judgement", "main_revenue_share", "5").json()["code"] == "item_not_judged"
    before = evaluated.get(f"evaluations/{stage}/{case}")["total"]
    assert give("override", "export_share", "2.5").json()["open_items"] == []
    after = give("judgement", "fund_use_compliance", "3.5").json()
    assert after["items"]["fund_use_compliance"] == "-3.5"
    assert float(after["total"]) == float(before) + 2.5 - 3.5


def _recommendation(evaluated: Evaluated, people: People, evaluation: UUID) -> None:
    rooms = evaluated.rooms
    closed = rooms.facts("ranking.stage.closed.v1", evaluated.ref.category_id)[-1]
    ref = stage_ref("decision", "little_giant", evaluated.ref.category_id, evaluated.ref.cycle_id).model_copy(
        update={
            "manifest_id": UUID(closed["manifest_id"]),
            "manifest_digest": closed["manifest_digest"],
            "manifest_source": "ranking",
        }
    )
    stage, fallen = ref.stage_id, evaluated.cases["附件2-3"]
    rooms.fallen = {fallen}
    rooms.start(ref)
    eventually(lambda: evaluated.state(stage).get("waits_for") == "office", "the decision does not wait for the office")
    ranking = {row["number"]: row for row in evaluated.state(stage)["ranking"]}
    assert (ranking["附件2-3"]["struck"], ranking["附件2-1"]["score"], ranking["附件2-1"]["rank"]) == (
        "fallen",
        "87.5",
        None,
    )

    entries = [
        {
            "case": row["case_id"],
            "outcome": "not_recommended" if row["number"] == "附件2-99" else "recommended",
            "reason": None,
        }
        for row in ranking.values()
        if row["struck"] is None
    ]
    refused = evaluated.post(f"stages/{stage}/recommendations", {"entries": entries})
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_missing")
    assert evaluated.state(stage)["to_confirm"]["undecided"] == sorted(n for n in ranking if n != "附件2-3")
    for one in entries:
        one["reason"] = None if one["outcome"] == "recommended" else "演练：未达目标"
    assert evaluated.post(f"stages/{stage}/recommendations", {"entries": entries}).status_code == 200
    twice = evaluated.post(f"stages/{stage}/recommendations", {"entries": entries[:1]})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_decided")

    _confirmed_by_two(evaluated, people, stage)
    eventually(lambda: evaluated.state(stage).get("state") == "closed", "the decision did not close")
    _final_list(evaluated, stage)
    page = evaluated.office.get(f"/committee/stages/{stage}", headers={"Accept": "text/html"}).text
    assert f"/api/ranking/reports/{stage}/tables.xlsx" in page
    for role, status in (("auditor", 200), ("guidance", 403), ("enterprise", 403)):
        with people.client(str(evaluated.office.base_url), role) as reader:
            assert reader.get(f"/api/ranking/reports/{stage}/tables.json").status_code == status


def _confirmed_by_two(evaluated: Evaluated, people: People, stage: UUID) -> None:
    agreed = evaluated.get(f"stages/{stage}/digest")
    assert (agreed["act"], agreed["undecided"]) == ("evaluation.decide", [])
    alone = evaluated.post(f"stages/{stage}/recommendations/confirm")
    assert alone.json()["code"] == "second_person"
    other = people.ticket(agreed["act"], "0" * 64, evaluated.person, evaluated.second)
    assert evaluated.post(f"stages/{stage}/recommendations/confirm", ticket=other).json()["code"] == "ticket_mismatch"
    ticket = people.ticket(agreed["act"], agreed["digest"], evaluated.person, evaluated.second)
    page, html = f"/committee/stages/{stage}", {"Accept": "text/html"}
    asking = evaluated.office.get(page, headers=html).text
    form = evaluated.office.get(f"{page}?ticket={ticket}", headers=html).text
    form = form[form.index(f'action="{page}/recommendations/confirm"') :]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    assert f"/office/tickets/new?act=evaluation.decide&amp;digest={agreed['digest']}" in asking
    assert f"{page}/recommendations/confirm" not in asking
    assert fields["ticket"] == ticket
    assert evaluated.office.post(f"{page}/recommendations/confirm", data=fields, headers=html).status_code == 303


def _final_list(evaluated: Evaluated, stage: UUID) -> None:
    rooms, category = evaluated.rooms, evaluated.ref.category_id
    fixed = rooms.facts("ranking.list.fixed.v1", category)[-1]
    manifest = Manifest.model_validate_json(rooms.read("ranking", fixed["manifest_digest"]))
    lines = [
        FinalEntryDossier.model_validate_json(rooms.read("ranking", one.dossier_digest)) for one in manifest.entries
    ]
    assert (fixed["entries"], fixed["supplement"]) == (28, 0)
    assert [line.number for line in sorted(lines, key=lambda line: line.position)] == sorted(
        number for number in evaluated.cases if number != "附件2-3"
    )
    refused = next(line for line in lines if line.number == "附件2-99")
    assert (refused.outcome, refused.reason, refused.rank) == ("not_recommended", "演练：未达目标", None)
    summary = evaluated.get(f"reports/{stage}/summary.json")
    assert (summary["totals"]["evaluated"], summary["totals"]["outcomes"]) == (28, {"推荐": 27, "不推荐": 1})
    book = openpyxl.load_workbook(io.BytesIO(evaluated.office.get(f"/api/ranking/reports/{stage}/tables.xlsx").content))
    assert [sheet.max_row for sheet in book.worksheets] == [30, 30, 30, 30]
    tables = evaluated.get(f"reports/{stage}/tables.json")
    filed = next(table for table in tables["tables"] if table["id"] == "filed")
    assert tables["rehearsal"] is True
    assert len(filed["rows"]) == 28
    assert all(row["main_revenue_share_actual"] for row in filed["rows"])
    names = [part["name"] for part in rooms.facts("ranking.part.deposited.v1", category)]
    assert names == ["evaluation.json", "ranking.json", "decisions.json", "final-list.json"]


def test_only_ranking_roles_read_an_evaluation(evaluated: Evaluated, people: People, ranking: ServiceProcess) -> None:
    with people.client(ranking.origin, "enterprise") as applicant:
        answer = applicant.get(f"/api/ranking/evaluations/{evaluated.ref.stage_id}")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
