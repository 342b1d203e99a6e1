"""The messages of an enterprise: each act that concerns it is there at once, counted until it is read."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from shared.contracts.facts import CategoryReleased, StageClosed, StageOpened
from tests.integration.servers import eventually
from tests.integration.submission.desk import API, Desk, good
from tests.integration.submission.test_pages import Browser


def test_what_happens_to_a_case_is_a_message_that_leads_to_it_and_office_hears_that_it_was_read(desk: Desk) -> None:
    place, one = desk.category(), desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))
    browser = Browser(desk, "enterprise", acts_for=(UUID(one.enterprise_id),))

    page = browser.open("/portal/inbox")

    assert page.index("请在期限内整改") < page.index("申报已受理"), "the newest first"
    assert "有2条消息还没有看" in page
    first = re.search(r'action="(/portal/inbox/[0-9a-f-]+/read)"', page)
    assert first
    browser.send(first[1])
    assert "限期整改" in browser.page
    assert "2" not in re.findall(r'class="count">(\d+)', browser.open("/portal"))
    notice_id = first[1].split("/")[3]
    eventually(lambda: desk.outside.heard("submission.notice.read.v1", notice_id=UUID(notice_id)), "office is not told")
    browser.open("/portal/inbox")
    browser.client.close()


def test_messages_of_others_are_not_there(desk: Desk) -> None:
    one, other = desk.enterprise(), desk.enterprise()
    desk.file(one, desk.begin(desk.category()))
    mine = Browser(desk, "enterprise", acts_for=(UUID(one.enterprise_id),))
    path = re.search(r'action="(/portal/inbox/[0-9a-f-]+/read)"', mine.open("/portal/inbox"))
    assert path
    foreign = Browser(desk, "enterprise", acts_for=(UUID(other.enterprise_id),))

    page = foreign.open("/portal/inbox")
    hidden = {"csrf": re.search(r'name="csrf" value="(\w+)"', foreign.open("/portal"))}

    assert "还没有消息" in page
    assert one.name not in page
    if hidden["csrf"]:
        answer = foreign.client.post(path[1], data={"csrf": hidden["csrf"][1], "key": "k"})
        assert answer.status_code == 404
    mine.client.close()
    foreign.client.close()


def test_a_released_list_is_told_and_reached_from_the_case_and_its_dates_are_those_of_the_list(desk: Desk) -> None:
    place, one = desk.category(), desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    screening = desk.begin(place, "screening")
    good(desk.decide(case_id, "pass"))
    good(desk.end(screening))
    desk.await_manifest(screening)
    notice, later = uuid4(), uuid4()
    where = {"cycle_id": place.cycle_id, "category_id": place.category_id, "source": "publication"}
    posted = datetime(2026, 3, 6, 1, tzinfo=UTC)
    for stage, days in ((notice, 0), (later, 20)):  # the notice of the list, and that of a seat refilled afterwards
        opens_at, ends_at = posted + timedelta(days=days), datetime(2026, 3, 13, 16, tzinfo=UTC) + timedelta(days=days)
        begun = {"stage_id": stage, "kind": "publicity", **where}
        desk.outside.state(StageOpened(**begun, opens_at=opens_at, closes_at=ends_at))
        closed_at = ends_at + timedelta(seconds=6)
        desk.outside.state(StageClosed(**begun, state="closed", closed_at=closed_at, version=2))
    desk.outside.state(CategoryReleased(**{**where, "supplement": 0, "digest": "0" * 64, "entries": 9}))

    eventually(lambda: good(one.client.get(f"{API}/applications/{case_id}"))["released"], "no release is told")
    told = good(one.client.get(f"{API}/applications/{case_id}"))

    steps = {step["kind"]: step for step in told["stages"]}
    assert steps["publicity"]["href"] == f"/lists/{notice}"
    assert steps["publicity"]["closes_at"] == "2026-03-13T16:00:00Z"
    assert (steps["release"]["state"], steps["release"]["href"]) == ("closed", f"/results/{place.category_id}")
    assert told["next_step"] == "名单已经发布，是否列入以发布的名单为准。"
    assert "名单已发布" in [event["text"] for event in told["timeline"]]


def test_where_a_case_is_says_what_happened_and_who_has_it_in_hand(desk: Desk) -> None:
    place, one = desk.category(), desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    desk.begin(place, "screening")
    waiting = good(one.client.get(f"{API}/applications/{case_id}"))
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))

    asked = good(one.client.get(f"{API}/applications/{case_id}"))

    assert (waiting["in_hand"], asked["in_hand"]) == ("办公室", "贵企业")
    assert [event["text"] for event in asked["timeline"]] == [
        "开始填报",
        f"提交并受理，案号 {asked['number']}，已给出回执",
        "要求限期整改，共 1 项",
    ]
