"""The investigation record: append-only, by item, with files; departments see what they are asked and nothing else."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.dossiers import ApplicationDossier, Manifest
from shared.infra.files import Files
from shared.infra.rulebooks import load_shipped
from shared.kernel.ids import derived_id
from tests.integration.servers import eventually, key
from tests.integration.submission.desk import API, PDF, QINGDAO, Desk, Enterprise, Place, good, refused
from tests.integration.submission.test_pages import Browser

DEPARTMENT = "青岛市商务局"
FOUND = {"kind": "on_site", "source": "演练核查组", "found_on": "2026-02-10", "finding": "设备与申报一致"}


@pytest.fixture
def place(desk: Desk) -> Place:
    return desk.category()


@pytest.fixture
def filed(desk: Desk, place: Place) -> tuple[Enterprise, str]:
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    return one, case_id


def _items() -> list[str]:
    card = load_shipped()[QINGDAO].category("new_quality_pioneer").scorecard
    assert card is not None
    return [item.id for group in card.groups for item in group.items]


def _handed_over(desk: Desk, place: Place, case_id: str) -> ApplicationDossier:
    stage = desk.begin(place, "screening")
    good(desk.decide(case_id, "pass"))
    good(desk.end(stage))
    files = Files(desk.process.settings())
    manifest = Manifest.model_validate_json(asyncio.run(files.get_dossier("submission", desk.await_manifest(stage)[1])))
    digest = manifest.entries[0].dossier_digest
    return ApplicationDossier.model_validate_json(asyncio.run(files.get_dossier("submission", digest)))


def test_a_correction_is_a_new_record_and_what_it_raises_is_handed_over_with_its_source(
    desk: Desk, place: Place, filed: tuple[Enterprise, str]
) -> None:
    case_id, item = filed[1], _items()[0]
    card = load_shipped()[QINGDAO].category("new_quality_pioneer").scorecard
    assert card is not None
    raised = {"raises_veto": card.vetoes[0].id} if card.vetoes else {}
    path = f"{API}/cases/{case_id}/investigations"
    first = good(desk.office.post(path, json={**FOUND, "item": item}, headers=key()))

    corrected = {**FOUND, "item": item, "finding": "更正：少一台设备", **raised}
    second = good(desk.office.post(f"{path}/{first['investigation_id']}/corrections", json=corrected, headers=key()))

    again = desk.office.post(f"{path}/{first['investigation_id']}/corrections", json=corrected, headers=key())
    refused(again, 409, "replaced")
    refused(desk.office.post(path, json={**FOUND, "item": "nothing"}, headers=key()), 422, "unknown_item")
    refused(desk.person("department").post(path, json=FOUND, headers=key()), 403, "not_allowed")
    record = desk.desk_case(case_id)["findings"]
    assert [(one["finding"], one["replaced"]) for one in record] == [
        ("设备与申报一致", True),
        ("更正：少一台设备", False),
    ]
    dossier = _handed_over(desk, place, case_id)
    assert [(one.item, one.finding) for one in dossier.investigations] == [(item, "更正：少一台设备")]
    assert [(one.kind, one.source, str(one.investigation_id)) for one in dossier.raised] == [
        ("veto", "演练核查组", second["investigation_id"])
    ] * len(raised)
    late = desk.office.post(path, json=FOUND, headers=key())
    refused(late, 409, "handed_over")


def test_a_department_sees_the_question_and_the_item_it_is_about_and_nothing_else(
    desk: Desk, place: Place, filed: tuple[Enterprise, str]
) -> None:
    case_id, department = filed[1], derived_id("department", DEPARTMENT)
    question = {"department_id": str(department), "question": "请核实本年度营业收入", "item": _items()[0]}
    asked = good(desk.office.post(f"{API}/cases/{case_id}/investigation-requests", json=question, headers=key()))
    unknown = {**question, "department_id": str(UUID(int=7))}
    refused(
        desk.office.post(f"{API}/cases/{case_id}/investigation-requests", json=unknown, headers=key()),
        422,
        "unknown_department",
    )
    theirs = Browser(desk, "department", acts_for=(department,))
    others = Browser(desk, "department", acts_for=(derived_id("department", "青岛市工商业联合会"),))
    path = f"/portal/investigations/{asked['request_id']}"

    assert "请核实本年度营业收入" in theirs.open("/portal/investigations")
    assert "请核实本年度营业收入" not in others.open("/portal/investigations")
    assert others.client.get(path).status_code == 404
    page = theirs.open(path)
    assert "审计报告.pdf" not in page
    assert "研发" in page or "营业收入" in page
    assert "请写明理由" in theirs.send(path, status=422, kind="organisation", found_on="2026-02-11", finding=" ")
    theirs.open(path)
    theirs.send(path, kind="organisation", found_on="2026-02-11", finding="属实", files={"file": ("核实函.pdf", PDF)})
    answer = {"found_on": "2026-02-12", "finding": "更正：基本属实"}
    client = desk.person("department", acts_for=[department])
    good(client.post(f"{API}/investigation-requests/{asked['request_id']}/answer", json=answer, headers=key()))

    record: list[dict[str, Any]] = desk.desk_case(case_id)["findings"]
    assert [(one["source"], one["finding"], one["replaced"]) for one in record] == [
        (DEPARTMENT, "属实", True),
        (DEPARTMENT, "更正：基本属实", False),
    ]
    assert record[0]["file"]["name"] == "核实函.pdf"
    office = Browser(desk, "office")
    page = office.open(f"/screening/cases/{case_id}")
    assert "已回复" in page
    link = f"/screening/cases/{case_id}/findings/{record[0]['investigation_id']}/file"
    assert office.client.get(link, follow_redirects=False).status_code == 303
    told: dict[str, object] = {"case_id": UUID(case_id), "recipient_kind": "department"}
    eventually(lambda: desk.outside.heard("submission.notice.due.v1", **told), "the department was not told")
    heard = desk.outside.heard("submission.notice.due.v1", **told)
    assert [one["template"] for one in heard] == ["investigation_asked"]
    for browser in (theirs, others, office):
        browser.client.close()


def test_a_finding_is_recorded_on_the_page_with_item_and_file(desk: Desk, filed: tuple[Enterprise, str]) -> None:
    office, case_id = Browser(desk, "office"), filed[1]
    office.open(f"/screening/cases/{case_id}")

    page = office.send(
        f"/screening/cases/{case_id}/findings", **FOUND, item=_items()[0], files={"file": ("现场.pdf", PDF)}
    )

    assert "设备与申报一致" in page
    assert "现场.pdf" in page
    refusal = office.send(f"/screening/cases/{case_id}/findings", status=422, **FOUND, files={"file": ("x.exe", b"MZ")})
    assert "只接收" in refusal or "文件" in refusal
    office.client.close()
