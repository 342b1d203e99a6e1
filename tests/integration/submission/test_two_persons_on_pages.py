"""What two persons do together, on pages: from the form to the second person's agreement and back to the act."""

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest

from shared.infra.rulebooks import load_shipped
from tests.integration.servers import key
from tests.integration.submission.desk import API, GIANT, Desk, Enterprise, good
from tests.integration.submission.test_pages import Browser


@pytest.fixture
def clerk(desk: Desk) -> Iterator[Browser]:
    found = Browser(desk, "office", account=desk.office_id)
    yield found
    found.client.close()


@pytest.fixture
def filed(desk: Desk) -> tuple[Enterprise, str]:
    """A filing that waits for its screener."""
    place = desk.category()
    window = desk.begin(place)
    one = desk.enterprise()
    case_id = desk.file(one, window)
    desk.begin(place, "screening")
    return one, case_id


def asked_of_the_second(page: str) -> dict[str, str]:
    """What the page asks for at office: act, digest, subject and the way on."""
    link = re.search(r'href="(/office/tickets/new\?[^"]+)"', page)
    assert link is not None, page
    return dict(parse_qsl(urlsplit(html.unescape(link[1])).query))


def agreed(desk: Desk, page: str) -> str:
    """The address to which office leads back once the second person has confirmed."""
    asked = asked_of_the_second(page)
    ticket = desk.people.ticket(asked["act"], asked["digest"], desk.office_id, desk.second_id)
    return f"{asked['way_on']}{'&' if '?' in asked['way_on'] else '?'}ticket={ticket}"


def test_a_decision_keeps_its_words_when_the_case_has_fallen_since(
    desk: Desk, clerk: Browser, filed: tuple[Enterprise, str]
) -> None:
    _one, case_id = filed
    good(desk.decide(case_id, "pass"))
    good(desk.disqualify(case_id))

    page = clerk.open(f"/screening/cases/{case_id}")

    assert "已取消资格" in page
    assert re.search(r"<p>[^<]* 初审通过（[^<]*</p>", page)


def test_a_case_is_disqualified_and_reinstated_on_pages(
    desk: Desk, clerk: Browser, filed: tuple[Enterprise, str]
) -> None:
    one, case_id = filed
    path = f"/screening/cases/{case_id}/disqualify"
    grounds = {"article": "第十九条", "reason": "申报材料弄虚作假"}
    assert path in clerk.open(f"/screening/cases/{case_id}")

    missing = clerk.client.get(path, params={**grounds, "reason": " "})
    form = clerk.client.get(path, params=grounds).text
    clerk.page = form
    before = clerk.send(path, status=422)
    clerk.open(agreed(desk, form))
    after = clerk.send(path)

    assert missing.status_code == 422
    assert re.search(r'<textarea[^>]* name="reason"[^>]* aria-invalid="true"', missing.text)
    assert "申报材料弄虚作假" in asked_of_the_second(form)["subject"]
    assert "双人复核" in before
    assert "已取消资格" in after
    assert desk.state(one, case_id) == "disqualified"
    back = f"/screening/cases/{case_id}/reinstate"
    assert clerk.client.get(path, params=grounds).status_code == 409
    clerk.open(agreed(desk, clerk.client.get(back, params={**grounds, "reason": "经复核，材料属实"}).text))
    assert "已受理，待初审" in clerk.send(back)
    assert desk.state(one, case_id) == "accepted"


def test_a_ticket_for_other_grounds_does_nothing(desk: Desk, clerk: Browser, filed: tuple[Enterprise, str]) -> None:
    one, case_id = filed
    path = f"/screening/cases/{case_id}/disqualify"
    form = clerk.client.get(path, params={"article": "第十九条", "reason": "演练"}).text
    clerk.open(agreed(desk, form))

    refused = clerk.send(path, status=422, reason="另一个理由")

    assert "复核单与本次操作不一致" in refused
    assert "另一个理由" in refused
    assert desk.state(one, case_id) == "accepted"


def test_targets_are_seen_and_locked_on_their_page(desk: Desk, clerk: Browser) -> None:
    window = desk.begin(desk.category("little_giant", GIANT))
    path, one = f"/screening/targets/{window}", desk.enterprise()
    assert path in clerk.open("/screening")
    assert "还没有登记目标值" in clerk.open(path)
    facts = [fact for fact in load_shipped()[GIANT].category("little_giant").facts if fact.filled_by == "office"]
    row = {"enterprise_id": one.enterprise_id, "figures": dict.fromkeys((fact.id for fact in facts), None)}
    row["figures"] = {**row["figures"], "rd_intensity_target": 6}  # type: ignore[dict-item]
    body = {"stage_id": str(window), "source": "批复的实施方案", "targets": [row]}
    good(desk.office.post(f"{API}/targets", json=body, headers=key()))

    listed = clerk.open(path)
    early = agreed(desk, listed)
    good(desk.office.post(f"{API}/targets", json={**body, "source": "更正后的方案"}, headers=key()))
    other = desk.enterprise()
    more = {**body, "targets": [{**row, "enterprise_id": other.enterprise_id}]}
    good(desk.office.post(f"{API}/targets", json=more, headers=key()))
    stale = clerk.open(early)
    clerk.open(agreed(desk, stale))
    locked = clerk.send(path)

    assert one.name in listed
    assert 'name="ticket"' not in stale, "a ticket for fewer targets counts no more"
    assert "由双人锁定" in locked
    assert other.name in locked


def test_nominations_are_selected_on_their_page(desk: Desk, clerk: Browser) -> None:
    stage = desk.begin(desk.category("economic_event"), "nomination")
    path, media = f"/screening/{stage}/selection", desk.person("media")
    figures = {"event_summary": "演练事件", "happened_in_qingdao": True, "happened_in_award_year": True}
    bodies = [{"title": f"演练筛选{number:02d}", "figures": figures} for number in range(21)]
    cases = [good(media.post(f"{API}/nominations/{stage}", json=one, headers=key()))["case_id"] for one in bodies]
    assert path in clerk.open(f"/screening/{stage}")

    shown = clerk.open(path)
    none = clerk.send(path, status=422)
    many = clerk.send(path, status=422, selected=cases)
    ended = clerk.send(path, selected=cases[1:])

    assert clerk.client.get(f"/screening/cases/{cases[1]}/disqualify").status_code == 200, "no screening here"
    assert " checked" not in shown
    assert "至少一项" in none
    assert many.count(" checked") == 21
    assert "至多保留20项" in many
    assert "本阶段已由办公室结束" in ended
    states = {
        UUID(one["case_id"]): one["state"] for one in good(desk.office.get(f"{API}/screening/{stage}/queue"))["cases"]
    }
    assert [states[UUID(one)] for one in cases] == ["rejected", *["passed"] * 20]
