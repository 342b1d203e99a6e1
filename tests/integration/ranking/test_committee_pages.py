"""The committee's and the departments' pages: what they show and what their forms do, on real servers."""

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.ranking.committee import CATEGORY, Committee, reviewed
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import TLS, People, ServiceProcess, eventually
from tests.lists import check_lists

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def committee(rooms: Rooms, ranking: ServiceProcess, people: People) -> Iterator[Committee]:
    found = Committee(rooms, people, ranking.origin)
    yield found
    found.http.close()


def page(client: httpx.Client, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text


def submit(client: httpx.Client, path: str, shown: str, values: dict[str, str]) -> httpx.Response:
    """Post a form with the hidden values of the page that showed it."""
    form = shown[shown.index(f'action="{path}"') :]
    hidden = dict(re.findall(r'name="(csrf|key|digest|item)" value="([^"]*)"', form[:2000]))
    return client.post(path, data={**hidden, **values}, headers=HTML)


def test_the_committee_decides_and_a_department_answers_through_pages(committee: Committee) -> None:
    rooms = committee.rooms
    entries = [reviewed(rooms, number, (900 - number, 10)) for number in (1, 2, 3)]
    ref = rooms.hand_over("review", stage_ref("decision", CATEGORY, committee.category_id, committee.cycle_id), entries)
    rooms.fallen = set()
    rooms.start(ref)
    eventually(lambda: committee.stage(ref.stage_id).get("waits_for") == "co_chair", "nobody is waited for")

    _decide(committee, ref.stage_id)
    eventually(lambda: committee.stage(ref.stage_id).get("state") == "closed", "the decision did not close")
    with committee.client("co_chair", account=committee.chairs[1]) as second:
        assert check_lists(second, "/committee") >= 1
        assert check_lists(second, f"/committee/stages/{ref.stage_id}") == 1
        check_lists(second, f"/committee/stages/{ref.stage_id}/balance")
    following = committee.next_stage("consultation")
    rooms.start(following)
    eventually(lambda: committee.stage(following.stage_id).get("departments"), "no letters were written")
    _answer(committee, following.stage_id, [str(one.case_id) for one in entries])


def _decide(committee: Committee, stage: UUID) -> None:
    path = f"/committee/stages/{stage}"
    with committee.client("co_chair", account=committee.chairs[0]) as first:
        assert "等待指导委员会主任" in page(first, "/committee")
        meeting = {"held_on": "2026-03-20", "place": "演练会议室", "attendance": "共同主任 甲\n共同主任 乙"}
        answer = submit(first, f"{path}/meeting", page(first, path), {**meeting, "attendance": ""})
        assert (answer.status_code, "填写的内容" in answer.text) == (422, True)
        assert submit(first, f"{path}/meeting", page(first, path), meeting).status_code == 303
        shown = page(first, path)
        assert "名额 10" in shown
        cases = re.findall(r'name="decision\.([^"]+)"', shown)
        choices = {f"decision.{case}": "shortlisted" for case in cases}
        assert submit(first, f"{path}/decisions", shown, choices).status_code == 303
        forged = {"csrf": "x", "key": str(uuid4()), "digest": "0"}
        assert first.post(f"{path}/confirm", data=forged, headers=HTML).status_code == 403
        assert submit(first, f"{path}/confirm", page(first, path), {"confirmed": "yes"}).status_code == 303
        assert "精确平均值" in page(first, f"{path}/cases/{cases[0]}")
    with committee.client("co_chair", account=committee.chairs[1]) as second:
        assert submit(second, f"{path}/confirm", page(second, path), {"confirmed": "yes"}).status_code == 303
        assert "决定已经确认" in page(second, path)


def _answer(committee: Committee, stage: UUID, cases: list[str]) -> None:
    department = UUID(committee.stage(stage)["departments"][0]["department_id"])
    path = f"/committee/consultations/{stage}/replies"
    with committee.client("department", acts_for=(department,)) as client:
        assert client.get("/committee", headers=HTML).headers["location"] == "/committee/consultations"
        shown = page(client, "/committee/consultations")
        assert "期满未回复视为无意见" in shown
        assert "得分" not in shown
        values = {f"reply.{case}": "no_objection" for case in cases[:2]}
        concern = {f"reply.{cases[2]}": "concern", f"text.{cases[2]}": "演练：需核实"}
        assert submit(client, path, shown, {**values, **concern}).status_code == 303
        assert "演练：需核实" in page(client, "/committee/consultations")
        assert f'name="reply.{cases[0]}"' not in page(client, "/committee/consultations")
    with committee.client("co_chair", account=committee.chairs[0]) as chair:
        assert "待裁定" in page(chair, "/committee/consultations")
        assert check_lists(chair, "/committee/consultations") >= 1


def test_a_stranger_is_sent_to_sign_in_and_an_applicant_is_refused(committee: Committee) -> None:
    with httpx.Client(base_url=committee.origin, verify=TLS) as stranger:
        answer = stranger.get("/committee", headers=HTML)
    with committee.client("enterprise") as applicant:
        refused = applicant.get("/committee", headers=HTML)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/renew?next=/committee")
    assert (refused.status_code, "您的身份不能办理此事项" in refused.text) == (403, True)


def test_a_seat_that_is_none_comes_back_beside_its_field_as_it_was_typed(committee: Committee) -> None:
    seat = "甲" * 21
    with committee.client("co_chair", account=uuid4()) as newcomer:
        refused = submit(newcomer, "/committee/members", page(newcomer, "/committee"), {"seat": seat})

    assert refused.status_code == 422
    assert "有 1 处需要更正" in refused.text
    assert re.search(rf'name="seat"[^>]* value="{seat}"[^>]* aria-invalid="true"', refused.text)
