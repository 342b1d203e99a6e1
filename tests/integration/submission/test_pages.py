"""Pages of the portal and the screening desk, as a browser without scripts uses them."""

import html
import json
import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.submission.domain.statement import STATEMENT
from tests.integration.servers import TLS
from tests.integration.submission.desk import FIGURES, PDF, Desk, Enterprise, Place, good


class Browser:
    """Follows redirects, keeps the token cookie, and sends the hidden fields of the page it is on."""

    def __init__(self, desk: Desk, *roles: str, acts_for: tuple[UUID, ...] = (), account: UUID | None = None) -> None:
        token = desk.people.token(*roles, acts_for=acts_for, account=account or uuid4())
        self.client = httpx.Client(
            base_url=desk.process.origin,
            cookies={"fb_token": token},
            headers={"Accept": "text/html"},
            follow_redirects=True,
            timeout=20,
            verify=TLS,
        )
        self.page = ""

    def open(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        self.page = answer.text
        return self.page

    def send(self, action: str, *, files: Any = None, status: int = 200, **fields: Any) -> str:
        """Submit the form of the page that goes to ``action``."""
        return self._post(action, {**self._hidden(action), **fields}, status, files)

    def hand_in(self, path: str, word: str = "submit", *, status: int = 200, **typed: Any) -> str:
        """Press the button that hands in: the fields of the form go along, as they are shown unless typed anew."""
        button = f'form="figures" formaction="{path}/{word}" name="key" value="([^"]+)"'
        own_key = re.search(button, self.page)
        assert own_key, f"no button for {word}"
        hidden = self._hidden(f"{path}/figures")
        keys = {"key": [hidden["key"], own_key[1]]}
        return self._post(f"{path}/{word}", {**hidden, **json.loads(hidden["seen"]), **typed, **keys}, status)

    def _hidden(self, action: str) -> dict[str, str]:
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.page, re.S)
        assert form, f"no form for {action}"
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0])
        return {name: html.unescape(value) for name, value in found}

    def _post(self, action: str, data: dict[str, Any], status: int, files: Any = None) -> str:
        answer = self.client.post(action, data=data, files=files)
        assert answer.status_code == status, answer.text
        self.page = answer.text
        return self.page


def wrong_inputs(page: str) -> str:
    """The inputs of a page beside which something is said to be wrong."""
    return "".join(one for one in re.findall(r"<(?:input|select|textarea)[^>]*>", page) if "aria-invalid" in one)


@pytest.fixture
def place(desk: Desk) -> Place:
    return desk.category()


def _browser(desk: Desk, one: Enterprise) -> Browser:
    return Browser(desk, "enterprise", acts_for=(UUID(one.enterprise_id),))


def test_an_enterprise_files_and_the_office_decides_on_pages(desk: Desk, place: Place) -> None:
    window = desk.begin(place)
    one = desk.enterprise()
    browser = _browser(desk, one)
    assert "年度青岛新质领航企业" in browser.open("/portal")
    begins = f"/portal/calls/{window}/applications"
    start = re.search(rf'{begins}".*?enterprise_id" value="([^"]+)"', browser.page, re.S)
    assert start
    assert start[1] == one.enterprise_id

    browser.send(begins)
    path = re.search(r'action="(/portal/applications/[0-9a-f-]+)/figures"', browser.page)[1]  # type: ignore[index]
    fields = {name: "true" if value is True else value for name, value in FIGURES.items()}
    wrong = browser.send(f"{path}/figures", status=422, **{**fields, "revenue_this_year": "两千"})
    assert "应为数字" in wrong
    browser.open(path)
    browser.send(f"{path}/figures", **{name: "" if value is None else value for name, value in fields.items()})
    browser.send(f"{path}/evidence", kind="audit_report", files={"file": ("审计报告.pdf", PDF)})
    assert "审计报告.pdf" in browser.page
    assert STATEMENT in browser.page
    receipt = browser.hand_in(path, confirmed="yes")
    assert "NQ-2025-001" in receipt
    document = browser.client.get(f"/api/submission{path.removeprefix('/portal')}/receipt.pdf")
    assert document.content.startswith(b"%PDF-")

    stage = desk.begin(place, "screening")
    office = Browser(desk, "office")
    assert "年度青岛新质领航企业" in office.open("/screening")
    assert one.name in office.open(f"/screening/{stage}")
    case_id = path.rsplit("/", 1)[1]
    office.open(f"/screening/cases/{case_id}")
    assert "123.45" in office.page
    office.send(
        f"/screening/cases/{case_id}/findings", kind="on_site", source="核查组", found_on="2026-02-10", finding="一致"
    )
    assert "核查组" in office.page
    decision = f"/screening/cases/{case_id}/decision"
    refused = office.send(decision, status=422, decision="reject", article="第十九条")
    assert "请写明理由" in refused
    assert 'value="reject" required checked' in refused, "what was chosen stays"
    assert "项初审要点没有核对" in office.send(decision, status=409, decision="pass", article="第十九条")
    desk.look_at(case_id)
    office.open(f"/screening/cases/{case_id}")
    office.send(decision, decision="pass", article="第十九条")
    assert "初审通过" in office.page
    office.open(f"/screening/{stage}")
    assert "正在冻结" in office.send(f"/screening/{stage}/close") or "已冻结" in office.page
    browser.client.close()
    office.client.close()


def test_the_rectification_page_opens_only_the_named_fields(desk: Desk, place: Place) -> None:
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))
    browser = _browser(desk, one)

    page = browser.open(f"/portal/applications/{case_id}")

    assert "与审计报告不一致" in page
    assert 'name="revenue_this_year"' in page
    assert 'name="revenue_last_year"' not in page
    assert page.index("须整改") < page.index('name="revenue_this_year"'), "the reason stands beside its field"
    browser.send(f"/portal/applications/{case_id}/figures", revenue_this_year="2100")
    browser.hand_in(f"/portal/applications/{case_id}", "resubmit")
    assert "已受理，待初审" in browser.page
    mended = desk.desk_case(case_id)["mended"]
    assert [(one["reason"], one["before"], one["after"]) for one in mended] == [
        ("与审计报告不一致", "2000 万元", "2100 万元")
    ]
    office = Browser(desk, "office")
    assert "<del>2000 万元</del>" in office.open(f"/screening/cases/{case_id}")
    office.client.close()
    browser.client.close()


def test_what_is_refused_at_the_desk_is_said_beside_its_field_and_keeps_what_was_typed(
    desk: Desk, place: Place
) -> None:
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    desk.begin(place, "screening")
    office, path = Browser(desk, "office"), f"/screening/cases/{case_id}"
    items = ["revenue_this_year", "revenue_last_year", "audit_report"]
    said = {"reason-revenue_last_year": "与审计报告不一致"}

    office.open(path)
    bare = office.send(
        f"{path}/decision", status=422, decision="rectify", article="第十九条", reason="请更正", item=items, **said
    )
    asked = office.send(f"{path}/questions", status=422, question="请核实营业收入")
    none = office.send(f"{path}/decision", status=422, decision="rectify", article="第十九条", reason="请更正")

    assert "有 2 处需要更正" in bare
    assert [f'name="reason-{name}"' in wrong_inputs(bare) for name in items] == [True, False, True]
    assert bare.count(" checked") >= 4
    assert 'value="与审计报告不一致"' in bare
    assert 'name="department"' in wrong_inputs(asked)
    assert "请核实营业收入</textarea>" in asked
    assert "限期整改须列明需要更正的项目" in none
    assert desk.state(one, case_id) == "accepted"
    office.client.close()


def test_an_application_that_cannot_begin_says_so_where_it_was_asked_for(desk: Desk, place: Place) -> None:
    window, one = desk.begin(place), desk.enterprise()
    browser = _browser(desk, one)
    browser.open("/portal")
    case_id = good(desk.open(one, window))["case_id"]

    again = browser.send(f"/portal/calls/{window}/applications", status=409)

    assert "同一项目不能重复申报" in again
    assert f'<a href="/portal/applications/{case_id}">继续填报</a>' in again
    browser.client.close()


def test_a_call_one_has_begun_to_file_in_leads_on_and_does_not_begin_again(desk: Desk, place: Place) -> None:
    window, one = desk.begin(place), desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    browser = _browser(desk, one)

    for page in (browser.open("/portal"), browser.open(f"/portal/calls/{window}")):
        assert f'<a href="/portal/applications/{case_id}">继续填报</a>' in page
        assert f"/portal/calls/{window}/applications" not in page
    assert "1 份草稿尚未提交" in browser.open("/portal")
    browser.client.close()


def test_pages_of_others_are_not_found_and_say_so(desk: Desk, place: Place) -> None:
    one, other = desk.enterprise(), desk.enterprise()
    case_id = good(desk.open(one, desk.begin(place)))["case_id"]
    browser = _browser(desk, other)

    answer = browser.client.get(f"/portal/applications/{case_id}")
    desk_answer = browser.client.get("/screening")

    assert (answer.status_code, desk_answer.status_code) == (404, 403)
    assert "没有找到" in answer.text
    assert "如需咨询，请提供编号" in answer.text
    browser.client.close()


def test_a_call_shows_how_its_term_was_counted_that_nothing_is_charged_and_checks_the_conditions(
    desk: Desk, place: Place
) -> None:
    window, one = desk.begin(place), desk.enterprise()
    browser = _browser(desk, one)

    page = browser.open(f"/portal/calls/{window}")
    asked = browser.open(f"/portal/calls/{window}?check=1&registered_in_qingdao=false&core_technology_claimed=true")

    term = desk.outside.heard("submission.stage.opened.v1", stage_id=window)[0]
    assert page.count('class="counted') + page.count('class="makeup') == len(term["counted_days"])
    assert "个工作日为" in page
    assert "不收取任何费用（第二十四条" in page
    assert "暂不能申报" in asked
    assert "第二条" in asked
    assert "不符合" in asked
    calls = good(one.client.get("/api/submission/calls"))
    mine = next(call for call in calls if call["stage_id"] == str(window))
    assert mine["counted_days"] == term["counted_days"]
    assert "不收取" in mine["no_fee"]
    browser.client.close()


def test_media_nominate_on_a_page(desk: Desk) -> None:
    place = desk.category("economic_event")
    stage = desk.begin(place, "nomination")
    browser = Browser(desk, "media")
    browser.open("/portal")
    path = f"/portal/nominations/{stage}"

    fields = {"event_summary": "演练事件概述", "happened_in_qingdao": "true", "happened_in_award_year": "true"}
    nameless = browser.send(path, status=422, title="", **fields)
    before = browser.page
    listed = browser.send(path, title="演练经济事件", **fields)
    again = browser.send(path, status=409, title="演练经济事件", **{**fields, "event_summary": "另一种说法"})

    assert 'href="/screening/imports"' in before, "many at once come from a table"
    assert "还没有提名。" in before
    assert "-2025-001</th>" in listed
    assert "还没有提名。" not in listed
    assert 'id="f-title-error"' in nameless
    assert "演练事件概述</textarea>" in nameless
    assert "另一种说法</textarea>" in again
    assert 'value="演练经济事件"' in again
    assert again.count("已登记，不能重复") == 2, "in the summary and beside its field"
    queue = good(desk.office.get(f"/api/submission/screening/{stage}/queue"))
    assert [case["subject"]["name"] for case in queue["cases"]] == ["演练经济事件"]
    browser.client.close()
