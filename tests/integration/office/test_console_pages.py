"""The console's pages: planning backwards, changes with their consequences, cancelling and importing by two."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import jwt
import pytest

from deploy.stack import Stack
from shared.contracts.facts import StageChanged
from tests.integration.office.desk import Desk, desk
from tests.integration.office.neighbours import Office, publish
from tests.integration.office.running import running
from tests.integration.servers import eventually

QINGDAO = "qingdao-economic-achievements"


@pytest.fixture
def first(office: Office) -> Iterator[Desk]:
    with desk(office, "office1") as found:
        yield found


@pytest.fixture
def second(office: Office) -> Iterator[Desk]:
    with desk(office, "office2") as found:
        yield found


def answer(stage: dict[str, Any], cycle: dict[str, Any], request_id: str, **more: Any) -> StageChanged:
    known = {"version": 5, "state": "open", "kind": stage["kind"], "request_id": request_id, **more}
    return StageChanged(source="submission", cycle_id=cycle["cycle_id"], stage_id=stage["stage_id"], **known)


def test_the_plan_says_until_when_filing_must_close_and_a_tried_day_changes_nothing(
    office: Office, first: Desk
) -> None:
    cycle = office.open_cycle("倒排", QINGDAO, "new_quality_pioneer")
    path = f"/office/cycles/{cycle['cycle_id']}/plan"

    tried = first.get(path, on="2026-05-29")
    wrong = first.get(path, on="29.5.2026")
    dated = first.send(f"/office/cycles/{cycle['cycle_id']}/release-date", on="2030-05-31")
    past = first.send(f"/office/cycles/{cycle['cycle_id']}/release-date", on="2020-05-31")

    assert "这是试算的日期" in tried.text
    assert "申报须在 2026年4月9日（周四）24:00 前截止，否则赶不上5月29日发布。" in tried.text
    assert (wrong.status_code, 'id="f-on-error"' in wrong.text) == (422, True)
    assert (dated.status_code, "2030年5月31日" in dated.text, "这是试算的日期" in dated.text) == (200, True, False)
    assert (past.status_code, "发布日期须晚于现在" in past.text) == (422, True)
    assert office.cycle(cycle["cycle_id"])["release_at"] == "2030-05-31T16:00:00Z"


def test_a_change_shows_its_consequences_is_asked_and_its_refusal_is_shown(
    office: Office, stack: Stack, first: Desk
) -> None:
    cycle, stage = running(office, stack, "变更", date(2026, 1, 12))
    path = f"/office/stages/{stage['stage_id']}"

    seen = first.get(f"{path}/change", change="extend", days="3")
    none = first.get(f"{path}/change", change="extend", days="0")
    unfit = first.get(f"{path}/change", change="resume")
    asked = first.send(f"{path}/changes", change="extend", days="3", reason="系统维护一日")
    request = office.get("office1", f"/api/office{path.removeprefix('/office')}/changes").json()[0]
    publish(stack, "submission", answer(stage, cycle, request["request_id"], refused="term_over"))
    eventually(
        lambda: "未受理：本阶段期限已届满" in first.get(f"/office/cycles/{cycle['cycle_id']}").text,
        "no answer is shown",
    )

    assert "2026年2月9日（周一）24:00 届满" in seen.text
    assert "2026年2月12日（周四）24:00 届满" in seen.text
    assert "正在填写和拟申报的企业" in seen.text
    assert (none.status_code, 'id="f-days-error"' in none.text) == (422, True)
    assert (unfit.status_code, "进行中，不能进行此项变更" in unfit.text) == (409, True)
    assert (asked.url.path, "已请求" in asked.text) == (f"/office/cycles/{cycle['cycle_id']}", True)


def test_a_paused_stage_is_resumed_with_the_days_it_had_counted(office: Office, stack: Stack, first: Desk) -> None:
    cycle, stage = running(office, stack, "暂停", date(2025, 12, 1))
    path = f"/office/stages/{stage['stage_id']}"
    term = office.stages(cycle["cycle_id"])["application_window"]["term"]

    first.send(f"{path}/changes", change="pause", reason="政策调整")
    request = office.get("office1", f"/api/office{path.removeprefix('/office')}/changes").json()[0]
    paused = answer(stage, cycle, request["request_id"], term=term, paused_on="2025-12-10")
    publish(stack, "submission", paused.model_copy(update={"state": "paused"}))
    eventually(
        lambda: office.stages(cycle["cycle_id"])["application_window"]["state"] == "paused", "the pause did not come"
    )
    page = first.get(f"{path}/change", change="resume")
    plan = first.get(f"/office/cycles/{cycle['cycle_id']}/plan", on="2029-05-31")

    assert office.stages(cycle["cycle_id"])["application_window"]["paused_on"] == "2025-12-10"
    assert (page.status_code, "自今日恢复，暂停前已计的日数保留" in page.text) == (200, True)
    assert plan.status_code == 200


def test_a_stage_is_cancelled_on_pages_only_after_the_second_person_has_confirmed(
    office: Office, stack: Stack, first: Desk, second: Desk
) -> None:
    cycle, stage = running(office, stack, "终止", date(2026, 1, 12))
    reason = f"活动取消{uuid4().hex[:6]}"

    drafted = first.send(f"/office/stages/{stage['stage_id']}/cancellations", reason=reason)
    alone = first.send(drafted.url.path)
    tickets = second.get("/office/tickets").text
    ticket = re.findall(r'id="ticket-([0-9a-f-]{36})"', tickets[: tickets.index(reason)])[-1]
    second.send(f"/office/tickets/{ticket}/confirm").raise_for_status()
    way_on = first.get("/office/tickets").text
    done = first.send(drafted.url.path)
    again = first.send(drafted.url.path)

    assert "不再产生名单" in drafted.text
    assert alone.status_code == 422
    assert f'href="{drafted.url.path}"' in way_on
    assert (done.url.path, "已请求" in done.text) == (f"/office/cycles/{cycle['cycle_id']}", True)
    assert again.status_code == 409
    assert [
        one["state"] for one in office.get("office1", f"/api/office/stages/{stage['stage_id']}/changes").json()
    ] == ["requested"]


def correction() -> bytes:
    """A correction of 2026 under a paper number of its own: one more day off in November."""
    notice = {
        "year": 2026,
        "paper": f"国办发明电〔2026〕{uuid4().int % 9000 + 1000}号",
        "published_on": "2026-10-09",
        "days": [{"day": "2026-11-12", "kind": "rest", "name": "演练假"}],
    }
    return json.dumps(notice, ensure_ascii=False).encode()


def test_a_notice_from_a_file_is_imported_by_two_and_its_source_is_kept(
    office: Office, stack: Stack, first: Desk, second: Desk
) -> None:
    cycle, _stage = running(office, stack, "放假安排", date(2026, 11, 2))
    source = correction()
    paper = json.loads(source)["paper"]

    preview = first.send("/office/calendar/preview", {"file": ("notice.json", source, "application/json")})
    binary = first.send("/office/calendar/preview", {"file": ("notice.doc", b"\xd0\xcf\x11\xe0", "application/msword")})
    handed = first.send("/office/calendar/tickets", notice=source.decode(), source="notice.json")
    alone = first.send(handed.url.path)
    tickets = second.get("/office/tickets").text
    ticket = re.findall(r'id="ticket-([0-9a-f-]{36})"', tickets[: tickets.index(paper)])[-1]
    second.send(f"/office/tickets/{ticket}/confirm").raise_for_status()
    imported = first.send(handed.url.path)
    year = first.get("/office/calendar/years/2026", stage=_stage["stage_id"])

    assert f"{cycle['categories'][0]['name']} " in preview.text
    assert ("2026年11月30日（周一）24:00" in preview.text, "2026年12月1日（周二）24:00" in preview.text) == (True, True)
    assert (binary.status_code, 'id="f-file-error"' in binary.text) == (422, True)
    assert "演练假" in handed.text
    assert alone.status_code == 422
    assert (imported.url.path, "已导入" in imported.text) == ("/office/calendar", True)
    assert "演练假" in year.text
    assert "第20天" in year.text
    assert source.decode().replace('"', "&#34;") in first.get(handed.url.path).text


def test_a_ticket_is_asked_for_on_a_page_and_carried_back_to_the_page_of_its_act(
    office: Office, first: Desk, second: Desk
) -> None:
    way_on = f"/committee/stages/{uuid4()}"
    asked = {"act": "evaluation.decide", "digest": uuid4().hex * 2, "subject": "确认全部结论", "way_on": way_on}

    page = first.get("/office/tickets/new", **asked)
    outside = first.get("/office/tickets/new", **asked | {"way_on": "//evil.example/x"})
    foreign = first.get("/office/tickets/new", **asked | {"act": "account.create"})
    first.send("/office/tickets", **asked)
    waiting = second.get("/office/tickets/new", **asked)
    ticket = re.findall(r'id="ticket-([0-9a-f-]{36})"', waiting.text)[-1]
    early = first.get(f"/office/tickets/{ticket}/way-on")
    second.send(f"/office/tickets/{ticket}/confirm").raise_for_status()
    leads = [
        one.client.get(f"/office/tickets/{ticket}/way-on", follow_redirects=False).headers["location"]
        for one in (first, second)
    ]
    with desk(office, "supervisor1") as supervisor:
        stranger = supervisor.get(f"/office/tickets/{ticket}/way-on")

    assert all(words in page.text for words in ("确定评价结论", "确认全部结论", asked["digest"][:8]))
    assert (outside.status_code, foreign.status_code, early.status_code) == (422, 422, 409)
    assert waiting.url.path == "/office/tickets"
    assert all(f"/office/tickets/{ticket}/way-on" in one.get("/office/tickets").text for one in (first, second))
    for lead in leads:
        path, _, token = lead.partition("?ticket=")
        said = jwt.decode(token, options={"verify_signature": False})["ticket"]
        assert (path, said["act"], said["digest"]) == (way_on, asked["act"], asked["digest"])
    assert stranger.status_code == 404
