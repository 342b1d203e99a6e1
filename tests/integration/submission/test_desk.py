"""The screening desk: its queue, who works on what, the checklist, what others did meanwhile, acts in bulk."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from services.submission.domain.queue import PAGE, Wanted
from services.submission.reads.queue import desk_page
from services.submission.tables import Case
from shared.contracts.dossiers import ApplicationDossier, Manifest
from shared.infra.database import Actor, Database
from shared.infra.files import Files
from tests.integration.servers import key
from tests.integration.submission.desk import API, FIGURES, Desk, Enterprise, Place, good, refused
from tests.integration.submission.test_pages import Browser
from tests.lists import check_lists
from tests.pages import table_of
from tests.pdfs import pdf


@pytest.fixture
def place(desk: Desk) -> Place:
    return desk.category()


@pytest.fixture
def filed(desk: Desk, place: Place) -> list[tuple[Enterprise, str]]:
    """Two filings in a category whose screening has begun."""
    window = desk.begin(place)
    found = []
    for _ in range(2):
        one = desk.enterprise()
        found.append((one, desk.file(one, window)))
    desk.begin(place, "screening")
    return found


def _queue(desk: Desk, place: Place, **wanted: Any) -> list[str]:
    page = good(desk.office.get(f"{API}/cases", params={"category": str(place.category_id), **wanted}))
    return [case["case_id"] for case in page["cases"]]


def test_the_queue_finds_by_name_code_state_person_and_term(
    desk: Desk, place: Place, filed: list[tuple[Enterprise, str]]
) -> None:
    (one, first), (_, second) = filed

    assert _queue(desk, place) == [first, second]
    assert _queue(desk, place, sort="-number") == [second, first]
    assert _queue(desk, place, q=one.name) == [first]
    assert _queue(desk, place, q="100%_") == []
    assert _queue(desk, place, district="市南区") == [first, second]
    assert _queue(desk, place, district="崂山区") == []
    assert _queue(desk, place, waited=250) == []
    assert _queue(desk, place, waited=0) == [first, second]
    good(desk.office.post(f"{API}/cases/{first}/assignment", json={"assignee": str(desk.office_id)}, headers=key()))
    assert _queue(desk, place, assignee="me") == [first]
    assert _queue(desk, place, assignee="none") == [second]
    items = [{"field": "revenue_this_year", "reason": "与审计报告不一致"}]
    good(desk.decide(second, "rectify", items=items))
    asked = good(desk.office.get(f"{API}/cases", params={"category": str(place.category_id), "state": "rectifying"}))
    left = asked["cases"][0]["days_left"]
    assert _queue(desk, place, state="rectifying", due=left) == [second]
    assert _queue(desk, place, due=left - 1) == []
    good(desk.decide(first, "reject"))
    assert _queue(desk, place, state="undecided") == [second]


@pytest.fixture
async def rows(desk: Desk) -> AsyncIterator[Database]:
    database = Database(desk.process.settings().database_url, "submission")
    yield database
    await database.close()


def _case(place: Place, number: int, sample: dict[str, Any]) -> Case:
    now = datetime.now(UTC)
    same = {name: sample[name] for name in ("category_key", "rulebook_id", "rulebook_digest", "subject", "entered")}
    return Case(
        **same,
        case_id=uuid4(),
        cycle_id=place.cycle_id,
        category_id=place.category_id,
        stage_id=uuid4(),
        origin="application",
        subject_id=uuid4(),
        subject_key=str(uuid4()),
        state="accepted",
        number=f"ZZ-2025-{number:04d}",
        opened_at=now,
        accepted_at=now,
        waiting_since=now - timedelta(days=10),
    )


async def test_the_queue_asks_as_often_for_ten_times_as_many_cases(
    desk: Desk, rows: Database, filed: list[tuple[Enterprise, str]]
) -> None:
    async with rows.transaction() as tx:
        sample = (await tx.session.get_one(Case, UUID(filed[0][1]))).model_dump()
    place, counts, asked = desk.category(), [], list[str]()
    event.listen(rows.engine.sync_engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    for added, wanted in ((5, 5), (PAGE - 5, PAGE), (PAGE, 2 * PAGE)):
        async with rows.transaction() as tx:
            tx.session.add_all([_case(place, wanted * 100 + number, sample) for number in range(added)])
        async with rows.transaction(Actor(account_id=uuid4(), roles=frozenset({"office"}))) as tx:
            asked.clear()
            page = await desk_page(tx, Wanted(category=place.category_id))
        counts.append(len(asked))
        assert (page.total, len(page.lines)) == (wanted, min(wanted, PAGE))

    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 8


def test_a_case_passes_only_when_every_point_of_the_checklist_was_looked_at(
    desk: Desk, filed: list[tuple[Enterprise, str]]
) -> None:
    case_id = filed[0][1]
    points = [point["id"] for point in desk.desk_case(case_id)["checklist"]]
    assert points

    refused(desk.decide(case_id, "pass", looked=False), 409, "open_checklist")
    refused(desk.office.put(f"{API}/cases/{case_id}/checklist/nothing", headers=key()), 422, "unknown_point")
    desk.look_at(case_id)
    good(desk.office.delete(f"{API}/cases/{case_id}/checklist/{points[0]}", headers=key()))
    refused(desk.decide(case_id, "pass", looked=False), 409, "open_checklist")
    good(desk.decide(case_id, "pass"))
    assert all(point["ticked_at"] for point in desk.desk_case(case_id)["checklist"])
    refused(desk.office.delete(f"{API}/cases/{case_id}/checklist/{points[0]}", headers=key()), 409, "already_decided")


def test_what_was_handed_in_anew_is_looked_at_anew(desk: Desk, filed: list[tuple[Enterprise, str]]) -> None:
    one, case_id = filed[0]
    desk.look_at(case_id)
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "不一致"}]))
    good(desk.enter(one, case_id, {"revenue_this_year": "2100"}))
    good(one.client.post(f"{API}/applications/{case_id}/resubmit", headers=key()))

    assert not any(point["ticked_at"] for point in desk.desk_case(case_id)["checklist"])


def test_a_decision_on_what_somebody_else_has_changed_names_the_change(
    desk: Desk, filed: list[tuple[Enterprise, str]]
) -> None:
    case_id = filed[0][1]
    desk.look_at(case_id)
    opened = desk.desk_case(case_id)
    other = desk.person("office")
    finding = {"kind": "on_site", "source": "演练核查组", "found_on": "2026-02-10", "finding": "设备与申报不符"}
    good(other.post(f"{API}/cases/{case_id}/investigations", json=finding, headers=key()))

    told = refused(desk.decide(case_id, "pass", seen=opened["seen"]), 409, "changed_since_opened")

    assert "记录核查结果" in told["problems"][0]["message"]
    assert "演练核查组" in told["problems"][0]["message"]
    good(desk.decide(case_id, "pass", seen=desk.desk_case(case_id)["seen"]))


def test_who_has_a_case_open_is_shown_to_the_others(desk: Desk, filed: list[tuple[Enterprise, str]]) -> None:
    path = f"/screening/cases/{filed[0][1]}"
    one, other = Browser(desk, "office"), Browser(desk, "office")

    assert "正在处理此案" not in one.open(path)
    assert "正在处理此案" in other.open(path)
    assert "正在处理此案" in one.open(f"{path}/presence?seen=0")
    one.client.close()
    other.client.close()


def test_bulk_passes_only_what_was_looked_at_and_says_of_each_how_it_ended(
    desk: Desk, place: Place, filed: list[tuple[Enterprise, str]]
) -> None:
    (first, looked), (_, not_looked) = filed
    desk.look_at(looked)
    office = Browser(desk, "office")
    office.open(f"/screening/cases?category={place.category_id}")

    versions = {f"version-{case_id}": str(desk.desk_case(case_id)["version"]) for case_id in (looked, not_looked)}
    form = {"csrf": _hidden(office.page, "csrf"), "key": str(uuid4()), "confirmed": "yes", **versions}
    answer = office.client.post("/screening/bulk/pass", data={**form, "case": [looked, not_looked, "none"]})

    assert answer.status_code == 200
    assert "1 案已办，2 案未办" in answer.text
    assert "项初审要点没有核对" in answer.text
    assert [desk.state(one, case_id) for one, case_id in filed] == ["passed", "accepted"]
    again = office.client.post("/screening/bulk/pass", data={**form, "case": [looked, not_looked, "none"]})
    assert "1 案已办，2 案未办" in again.text
    assert len(desk.desk_case(looked)["decisions"]) == 1
    assert first.name in answer.text
    office.client.close()


def _hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def test_a_colleague_unknown_to_the_office_gets_no_case(desk: Desk, filed: list[tuple[Enterprise, str]]) -> None:
    body = {"assignee": str(uuid4())}

    refused(
        desk.office.post(f"{API}/cases/{filed[0][1]}/assignment", json=body, headers=key()), 422, "unknown_colleague"
    )
    refused(
        desk.person("auditor").post(f"{API}/cases/{filed[0][1]}/assignment", json=body, headers=key()),
        403,
        "not_allowed",
    )


def test_the_queue_as_file_equals_the_page(desk: Desk, place: Place, filed: list[tuple[Enterprise, str]]) -> None:
    office = Browser(desk, "office")
    path = f"/screening/cases?category={place.category_id}&sort=-number"
    shown = table_of(office.open(path), "queue")[1]

    assert check_lists(office.client, path) == 1
    assert check_lists(office.client, "/screening") == 1
    assert [row[0] for row in shown] == sorted((row[0] for row in shown), reverse=True)
    assert len(shown) == 2
    assert office.client.get(f"{path}&format=pdf").status_code == 422
    office.client.close()


def test_a_filing_on_paper_is_entered_by_the_office_and_marked_so_everywhere(desk: Desk, place: Place) -> None:
    window = desk.begin(place)
    one = desk.enterprise()
    office = Browser(desk, "office")
    office.open("/screening/paper")
    fields = {"stage_id": str(window), "name": one.name, "credit_code": _code_of(desk, one)}
    assert "收到日期应在申报开始之后" in office.send("/screening/paper", status=422, **fields, paper_on="2020-01-01")
    today = good(desk.office.get(f"{API}/applications"))  # the office has no filings of its own
    assert today == []
    office.open("/screening/paper")
    received = office.page.split('name="paper_on" type="date" value="', 1)[1][:10]
    page = office.send("/screening/paper", **fields, paper_on=received)
    assert "代录" in page
    case_id = page.split('action="/portal/applications/', 1)[1].split("/", 1)[0]
    whoever = Enterprise(one.enterprise_id, one.name, desk.office)

    good(desk.enter(whoever, case_id, FIGURES))
    desk.attach(whoever, case_id, figures=["revenue_this_year"])
    refused(desk.submit(whoever, case_id), 422, "missing_scan")
    desk.attach(whoever, case_id, pdf(b"scan"), kind="paper_scan", name="纸质申报.pdf")
    good(desk.submit(whoever, case_id))

    assert good(one.client.get(f"{API}/applications/{case_id}"))["paper"] is True
    theirs = Browser(desk, "enterprise", acts_for=(UUID(one.enterprise_id),))
    assert "代录" in theirs.open("/portal")
    theirs.client.close()
    assert _queue(desk, place, paper="yes") == [case_id]
    stage = desk.begin(place, "screening")
    good(desk.decide(case_id, "pass"))
    good(desk.end(stage))
    manifest = Manifest.model_validate_json(_dossier(desk, desk.await_manifest(stage)[1]))
    dossier = ApplicationDossier.model_validate_json(_dossier(desk, manifest.entries[0].dossier_digest))
    assert dossier.paper is True
    assert "paper_scan" in {file.kind for file in dossier.evidence}
    audit = desk.person("auditor").get(f"{API}/audit", params={"case_id": case_id}).json()
    assert {row["action"] for row in audit} >= {"paper.opened", "application.accepted"}
    assert [row["details"]["entered_for_applicant"] for row in audit if row["action"] == "application.accepted"] == [
        True
    ]
    office.client.close()


def _code_of(desk: Desk, one: Enterprise) -> str:
    found = good(desk.office.get(f"{API}/enterprises"))
    return next(str(entry["credit_code"]) for entry in found if entry["enterprise_id"] == one.enterprise_id)


def _dossier(desk: Desk, digest: str) -> bytes:
    return asyncio.run(Files(desk.process.settings()).get_dossier("submission", digest))


def test_the_office_fills_in_no_filing_that_did_not_come_on_paper(desk: Desk, place: Place) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, desk.begin(place)))["case_id"]
    office = Enterprise(one.enterprise_id, one.name, desk.office)

    refused(desk.enter(office, case_id, FIGURES), 404, "not_found")
    refused(desk.open(office, desk.begin(desk.category())), 403, "not_allowed")
