"""The messages of an enterprise: each act that concerns it is there at once, counted until it is read."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.contracts.facts import CategoryReleased, SeatFilled, StageChanged, StageClosed, StageOpened
from tests.integration.servers import eventually
from tests.integration.submission.desk import API, Desk, Enterprise, Place, good
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
    # The notice of the list, and that of a seat refilled afterwards.
    for stage, days, supplement in ((notice, 0, 0), (later, 20, 1)):
        opens_at, ends_at = posted + timedelta(days=days), datetime(2026, 3, 13, 16, tzinfo=UTC) + timedelta(days=days)
        begun = {"stage_id": stage, "kind": "publicity", **where}
        desk.outside.state(StageOpened(**begun, opens_at=opens_at, closes_at=ends_at, supplement=supplement))
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


def passed(desk: Desk, place: Place, number: int) -> list[tuple[Enterprise, str]]:
    """Enterprises with a case that went on to the list of a category, and one whose case did not."""
    window = desk.begin(place)
    filed = [(one, desk.file(one, window)) for one in (desk.enterprise() for _ in range(number + 1))]
    screening = desk.begin(place, "screening")
    for _one, case_id in filed[:-1]:
        good(desk.decide(case_id, "pass"))
    good(desk.decide(filed[-1][1], "reject"))
    good(desk.end(screening))
    desk.await_manifest(screening)
    return filed


def titles(desk: Desk, one: Enterprise) -> list[str]:
    """The headings in an enterprise's inbox, the newest first."""
    browser = Browser(desk, "enterprise", acts_for=(UUID(one.enterprise_id),))
    found = re.findall(r'<tr><th scope="row">([^<]+)</th>', browser.open("/portal/inbox"))
    browser.client.close()
    return found


def steps(one: Enterprise, case_id: str) -> dict[str, Any]:
    """Where a case is, as its applicant is told: the steps by kind."""
    return {step["kind"]: step for step in good(one.client.get(f"{API}/applications/{case_id}"))["stages"]}


OPENED, OVER, RELEASED = "名单开始公示，公示期内可在公示页面提出异议", "名单公示期已满", "名单已经发布"
POSTED, ENDS = datetime(2026, 3, 6, 1, tzinfo=UTC), datetime(2026, 3, 13, 16, tzinfo=UTC)


def test_who_filed_finds_a_message_when_the_notice_opens_when_it_is_over_and_when_the_list_is_released(
    desk: Desk,
) -> None:
    place = desk.category()
    (one, case_id), (another, _), (rejected, _) = passed(desk, place, 2)
    notice = uuid4()
    where = {"cycle_id": place.cycle_id, "category_id": place.category_id, "source": "publication"}
    stage = {"stage_id": notice, "kind": "publicity", **where}

    desk.outside.state(StageOpened(**stage, opens_at=POSTED))
    eventually(lambda: steps(one, case_id)["publicity"]["state"] == "open", "the stage is not heard of")
    before = titles(desk, one)
    desk.outside.state(StageChanged(**stage, state="open", closes_at=ENDS, version=2))
    eventually(lambda: OPENED in titles(desk, one), "the notice is not told")
    desk.outside.state(StageChanged(**stage, state="open", closes_at=ENDS + timedelta(days=3), version=3))
    desk.outside.state(StageClosed(**stage, state="closed", closed_at=ENDS + timedelta(days=3), version=4))
    eventually(lambda: OVER in titles(desk, another), "the end of the notice is not told")
    for _twice in range(2):
        desk.outside.state(CategoryReleased(**where, supplement=0, digest="0" * 64, entries=1))
    eventually(lambda: RELEASED in titles(desk, another), "the release is not told")

    assert OPENED not in before, "before its term runs a notice is not public"
    for enterprise in (one, another):
        assert titles(desk, enterprise)[:3] == [RELEASED, OVER, OPENED], "each is told once, on the list or not"
    assert not {OPENED, OVER, RELEASED} & set(titles(desk, rejected))
    letters = [
        letter
        for letter in desk.outside.heard("submission.notice.due.v1", case_id=UUID(case_id))
        if letter["template"] in ("publicity_opened", "list_released")
    ]
    assert [(letter["template"], letter["link"]) for letter in letters] == [
        ("publicity_opened", f"/lists/{notice}"),
        ("list_released", f"/results/{place.category_id}"),
    ]
    assert datetime.fromisoformat(letters[0]["until"]) == ENDS


def test_a_case_that_fills_a_seat_has_dates_of_its_own_once_its_notice_is_public(desk: Desk) -> None:
    place = desk.category()
    (one, case_id), (other, other_id), _ = passed(desk, place, 2)
    cycle = {"cycle_id": place.cycle_id, "category_id": place.category_id}
    for source, kind in (("ranking", "consultation"), ("publication", "publicity")):
        stage = {"stage_id": uuid4(), "kind": kind, "source": source, **cycle}
        desk.outside.state(StageOpened(**stage, opens_at=POSTED, closes_at=ENDS))
        desk.outside.state(StageClosed(**stage, state="closed", closed_at=ENDS, version=2))
    release = {**cycle, "source": "publication", "digest": "0" * 64, "entries": 1}
    desk.outside.state(CategoryReleased(**release, supplement=0))
    later, ends = POSTED + timedelta(days=20), ENDS + timedelta(days=20)
    own, notice = ({"stage_id": uuid4(), **cycle} for _ in range(2))
    manifest = {"manifest_id": uuid4(), "manifest_digest": "0" * 64}
    desk.outside.state(SeatFilled(**cycle, case_id=UUID(case_id), supplement=1, **manifest))
    asked = {**own, "kind": "consultation", "source": "ranking"}
    desk.outside.state(StageOpened(**asked, opens_at=later, closes_at=ends, supplement=1))
    public = {**notice, "kind": "publicity", "source": "publication"}
    desk.outside.state(StageOpened(**public, opens_at=later, supplement=1))

    eventually(lambda: {OVER, RELEASED} <= set(titles(desk, one)), "the main list is not told")
    secret = steps(one, case_id)
    desk.outside.state(StageChanged(**public, state="open", closes_at=ends, version=2))
    eventually(lambda: titles(desk, one).count(OPENED) == 2, "its own notice is not told")
    told, elsewhere = steps(one, case_id), steps(other, other_id)

    main = "2026-03-13T16:00:00Z"
    assert [secret[kind]["closes_at"] for kind in ("consultation", "publicity")] == [main, main]
    assert [told[kind]["closes_at"] for kind in ("consultation", "publicity")] == ["2026-04-02T16:00:00Z"] * 2
    assert told["publicity"]["href"] == f"/lists/{notice['stage_id']}"
    assert told["release"]["state"] == "future", "the seat is released later than the list"
    assert [elsewhere[kind]["closes_at"] for kind in ("consultation", "publicity")] == [main, main]
    assert titles(desk, other).count(OPENED) == 1
    desk.outside.state(CategoryReleased(**release, supplement=1))
    eventually(lambda: steps(one, case_id)["release"]["state"] == "closed", "the release of the seat is not told")
    assert titles(desk, one).count(RELEASED) == 2


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
