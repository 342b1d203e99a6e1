"""Bad input: a clear refusal, nothing lost, nothing half done."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.review.scene import Scene
from tests.integration.servers import eventually, key

GOOD = {"judgements": {"core_technology": "20", "integrity": 9.5}}


def code(answer: httpx.Response) -> str:
    assert answer.status_code >= 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["id"]
    assert body["title"]
    return str(body["code"])


Scored = tuple[Scene, UUID, str, list[str]]


@pytest.fixture(scope="module")
def scored(scene: Scene) -> Scored:
    """A panel in scoring: scene, stage, an expert and the expert's cases."""
    scene.record_pool(7)
    ref = scene.hand_over(3)
    scene.neighbours.start_stage("PanelReview", ref)
    expert = scene.scoring(ref.stage_id)[0]["expert_id"]
    return scene, ref.stage_id, expert, [case["case_id"] for case in scene.tasks(ref.stage_id, expert)]


def test_sheets_are_refused_with_a_reason(scored: Scored) -> None:
    scene, stage, expert, (case, *_) = scored
    client = scene.expert(expert)
    path = f"/tasks/{case}/sign"

    def sign(**judgements: Any) -> str:
        return code(scene.try_post(client, path, {"judgements": judgements}))

    high = scene.try_post(client, path, {"judgements": {"core_technology": 30.5, "integrity": 1}})
    outsider = next(
        one["expert_id"] for one in scene.get(scene.office, "/experts") if one["expert_id"] not in drawn(scene, stage)
    )

    assert high.json()["code"] == "out_of_range"
    assert (high.json()["field"], high.json()["article"]) == ("core_technology", "附件四")
    assert "0至30分" in high.json()["title"]
    assert sign(core_technology="20.3", integrity=1) == "not_a_step"
    assert sign(core_technology="20") == "missing_judgement"
    assert sign(core_technology=True, integrity=1) == "invalid_request"
    assert sign(core_technology="二十", integrity=1) == "invalid_request"
    assert code(scene.try_post(client, path, {"judgements": {}, "extra": 1})) == "invalid_request"
    assert code(scene.try_post(client, f"/tasks/{uuid4()}/sign", GOOD)) == "not_found"
    assert code(scene.try_post(scene.expert(outsider), path, GOOD)) == "not_found"
    assert code(scene.try_post(scene.office, path, GOOD)) == "not_allowed"
    assert code(client.post(f"/api/review{path}", json=GOOD)) == "idempotency_key"


def drawn(scene: Scene, stage: UUID) -> set[str]:
    return {member["expert_id"] for member in scene.panel(stage)["members"]}


def test_exact_text_of_a_number_decides(scored: Scored) -> None:
    scene, _, expert, (case, *_) = scored
    body = b'{"judgements": {"core_technology": 20.50000000000000001, "integrity": 1}}'
    headers = key() | {"Content-Type": "application/json"}

    answer = scene.expert(expert).post(f"/api/review/tasks/{case}/sign", content=body, headers=headers)

    assert code(answer) == "not_a_step"


def test_signed_once_and_sealed_from_everybody(scored: Scored) -> None:
    scene, stage, expert, (_, case, _) = scored
    client = scene.expert(expert)
    draft = client.put(f"/api/review/tasks/{case}/draft", json={"judgements": {"integrity": 7}}, headers=key())
    drafted = scene.get(client, f"/tasks/{case}")
    headers = key()

    first = client.post(f"/api/review/tasks/{case}/sign", json=GOOD, headers=headers)
    repeated = client.post(f"/api/review/tasks/{case}/sign", json=GOOD, headers=headers)
    again = scene.try_post(client, f"/tasks/{case}/sign", GOOD)
    task = scene.get(client, f"/tasks/{case}")

    assert draft.status_code == 200
    assert drafted["draft"] == {"judgements": {"integrity": "7"}, "reasons": {}}
    assert first.status_code == 200
    assert repeated.json() == first.json()
    assert code(again) == "already_signed"
    assert (task["draft"], task["sheet_digest"], task["open"]) == (None, first.json()["sheet_digest"], False)
    assert scene.panel(stage)["signed"] == 1
    assert code(scene.office.get(f"/api/review/stages/{stage}/unseal")) == "panel_state"


def test_task_shows_what_is_computed_and_not_who_applied(scored: Scored) -> None:
    scene, _, expert, (*_, case) = scored

    task = scene.get(scene.expert(expert), f"/tasks/{case}")

    assert "演练企业" not in str(task)
    assert [item["id"] for item in task["judged"]] == ["core_technology", "integrity"]
    assert {item["id"]: item["given"] for item in task["computed"]}["invention_patents"] == "6"
    assert all(item["words"] for item in task["computed"])


def test_the_files_of_an_own_case_are_shown_as_pictures_beside_its_sheet(scored: Scored) -> None:
    scene, _, expert, (case, *_) = scored
    client, browser = scene.expert(expert), scene.browser(expert)

    [file] = scene.get(client, f"/tasks/{case}")["evidence"]
    shown = client.get(file["previews"]["1"])
    page = browser.get(f"/expert/tasks/{case}").text
    beyond = client.get(file["previews"]["1"].replace("page=1", "page=2"))
    foreign = client.get(f"/api/review/tasks/{case}/evidence/{uuid4()}/preview")
    unknown = client.get(f"/api/review/tasks/{uuid4()}/evidence/{file['evidence_id']}/preview")
    office = scene.office.get(file["previews"]["1"])

    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert shown.content.startswith(b"\x89PNG")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert f'src="{file["previews"]["1"]}"' in page
    assert [one.status_code for one in (beyond, foreign, unknown, office)] == [404, 404, 404, 403]


def test_nobody_signs_after_the_term(scored: Scored) -> None:
    scene, stage, expert, (*_, case) = scored
    scene.pass_term(stage)
    eventually(lambda: scene.panel(stage)["state"] != "scoring", "scoring goes on")

    assert code(scene.try_post(scene.expert(expert), f"/tasks/{case}/sign", GOOD)) in ("not_found", "term_over")
