"""The pages of experts, office and supervisor, walked through as forms."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.imports import import_rows, take_over
from tests.integration.review.scene import Scene
from tests.lists import check_lists

HTML = {"Accept": "text/html"}


def page(client: httpx.Client, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def hidden(text: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', text, re.DOTALL)
    assert form is not None, f"no form {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group()))


def send(client: httpx.Client, shown: str, action: str, path: str | None = None, **fields: Any) -> httpx.Response:
    return client.post(path or action, data=hidden(shown, action) | fields, headers=HTML)


@pytest.fixture(scope="module")
def called(scene: Scene) -> tuple[Scene, str, list[Any]]:
    """A panel whose members were just called."""
    scene.record_pool(5)
    ref = scene.hand_over(2)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(ref.stage_id, "pooling", "office")
    scene.freeze(ref.stage_id)
    scene.draw(ref.stage_id)
    scene.until(ref.stage_id, "undertaking", "expert")
    return scene, str(ref.stage_id), scene.members(ref.stage_id, "called")


def test_expert_signs_undertaking_scores_and_signs_by_forms(called: tuple[Scene, Any, list[Any]]) -> None:
    scene, stage, members = called
    client = scene.browser(members[0]["expert_id"])
    home = page(client, "/expert")
    answered = send(client, home, f"/expert/panels/{stage}/undertaking", answer="accept", reason="")
    scene.all_undertake(stage)
    scene.until(stage, "scoring")
    case = scene.tasks(stage, members[0]["expert_id"])[0]["case_id"]
    path = f"/expert/tasks/{case}"
    judged = {"judgement.core_technology": "20", "judgement.integrity": "9.5"}

    form = page(client, path)
    too_high = send(client, form, f"{path}/sign", **judged | {"judgement.integrity": "10.5"})
    no_number = send(client, form, f"{path}/sign", **judged | {"judgement.integrity": "十"})
    saved = send(client, form, f"{path}/sign", f"{path}/draft", **judged)
    drafted = page(client, path)
    signed = send(client, drafted, f"{path}/sign", **judged)
    forged = client.post(f"{path}/sign", data=judged | {"csrf": "x", "key": "1"}, headers=HTML)

    assert "审查承诺书" in home
    assert "演练企业" not in home + form
    assert (answered.status_code, saved.status_code, signed.status_code) == (303, 303, 303)
    assert (too_high.status_code, no_number.status_code, forged.status_code) == (422, 422, 403)
    assert "须在0至10分之间" in too_high.text
    assert "分值应为数字" in no_number.text
    assert 'value="9.5"' in drafted
    assert "已封存" in page(client, path)
    assert f"panel-{stage}" not in page(scene.expert(scene.members(stage, "standby")[0]["expert_id"]), "/expert")


def test_panel_page_shows_names_to_the_office_only(called: tuple[Scene, Any, list[Any]]) -> None:
    scene, stage, members = called

    listed = page(scene.office, "/expert/panels")
    office = page(scene.office, f"/expert/panels/{stage}")
    supervisor = page(scene.supervisor, f"/expert/panels/{stage}")
    pool = page(scene.office, "/expert/pool")
    home = scene.office.get("/expert", headers=HTML)
    refused = scene.expert(members[0]["expert_id"]).get(f"/expert/panels/{stage}", headers=HTML)

    assert f"/expert/panels/{stage}" in listed
    assert members[0]["name"] in office
    assert members[0]["name"] not in supervisor
    assert members[0]["pseudonym"] in supervisor
    assert members[0]["name"] in pool
    assert (home.status_code, home.headers["location"]) == (303, "/expert/panels")
    assert refused.status_code == 403
    assert "您的身份不能办理此事项" in refused.text


def test_whether_an_expert_can_be_drawn_is_said_on_the_page(scene: Scene) -> None:
    expert = str(scene.record_pool(1)[0])
    office = scene.browsing("office")

    def says(available: str) -> str:
        shown = page(office, "/expert/pool")
        assert send(office, shown, "/expert/pool/availability", expert_id=expert, available=available).is_redirect
        return page(office, "/expert/pool?format=csv")

    assert "可抽取（本次不能参加）" in says("no")
    assert "本次不能参加" not in says("yes")


def test_a_form_with_what_no_list_offers_is_refused_beside_its_field(called: tuple[Scene, Any, list[Any]]) -> None:
    scene, stage, _ = called
    office = scene.browsing("office")
    csrf = hidden(page(office, "/expert/pool"), "/expert/pool")["csrf"]
    expert = {"login": "capped-01", "name": "演练", "pool": "media", "employer": "演练单位"}
    wrong = {
        "/expert/pool": {**expert, "load_cap": "1000000000000"},
        "/expert/pool/approve": {"expert_id": "x"},
        "/expert/pool/ties": {"expert_id": "x", "kind": "declared_tie", "credit_code": "x", "evidence": "x"},
        "/expert/pool/ruling": {"contest_id": "x", "answer": "lifted", "reason": "演练"},
        f"/expert/panels/{stage}/contest": {"conflict": "x/y", "reason": "演练"},
        f"/expert/panels/{stage}/freeze": {"conflict": "x"},
        f"/expert/panels/{stage}/custodians": {"custodian": "x"},
        f"/expert/panels/{stage}/meeting": {"how.x": "present", "held_on": "2026-01-05", "place": "演练"},
    }

    answers = {path: office.post(path, data={"csrf": csrf, "key": str(uuid4()), **wrong[path]}) for path in wrong}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(wrong, 422)
    assert all("请从列表中选择" in answer.text or "1至100" in answer.text for answer in answers.values())
    recorded = answers["/expert/pool"].text
    assert re.search(r'name="load_cap"[^>]* value="1000000000000"[^>]* aria-invalid="true"', recorded)
    assert 'value="capped-01"' in recorded, "what was typed stays"
    assert "有 1 处需要更正" in answers["/expert/pool/ties"].text


async def _forget(scene: Scene, login: str) -> None:
    """The pool as it was: what other tests draw from is counted there."""
    connection = await asyncpg.connect(scene.process.env["FANGBANG_DATABASE_URL"])
    await connection.execute("DELETE FROM expert WHERE login = $1", login)
    await connection.close()


def test_experts_are_recorded_from_a_workbook(scene: Scene) -> None:
    token = scene.people.token("office")
    headers = {"Authorization": f"Bearer {token}", **HTML}
    with httpx.Client(base_url=scene.process.origin, headers=headers, timeout=20) as office:
        rows: list[list[object]] = [
            ["演练导入专家", "imported-01", "经济专家库", "演练单位", None],
            ["无名", "x", "无此库", "单位"],
        ]
        preview, path = import_rows(office, "/expert/pool/imports", rows)
        assert "没有“无此库”这个专家库" in preview
        preview, path = import_rows(office, "/expert/pool/imports", rows[:1])
        assert "已于" in take_over(office, preview, path)

        assert office.get("/expert/pool?format=json").text.count("演练导入专家") == 1
        assert check_lists(office, "/expert/pool") == 1
    asyncio.run(_forget(scene, "imported-01"))
