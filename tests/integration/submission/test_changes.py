"""What the office changes while submission works: pause, resume, extend, cancel; what is left behind is swept."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from services.submission.uploads.sweeping import remove_orphans
from shared.contracts.facts import StageChangeRequested
from shared.infra.service import build_service
from tests.integration.servers import eventually, key
from tests.integration.submission.desk import API, FIGURES, PDF, Desk, good, refused


def _ask(desk: Desk, stage_id: UUID, change: str, days: int | None = None) -> None:
    """Office asks for a change and waits for the owner's answer."""
    request = uuid4()
    desk.outside.state(
        StageChangeRequested(stage_id=stage_id, owner="submission", request_id=request, change=change, days=days)
    )
    eventually(
        lambda: desk.outside.heard("submission.stage.changed.v1", stage_id=stage_id, request_id=request),
        f"{change} is not answered",
    )


def test_a_paused_screening_holds_its_rectification_terms(desk: Desk) -> None:
    place = desk.category()
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    stage = desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "核对"}]))
    closes_at = datetime.fromisoformat(desk.desk_case(case_id)["rectification"]["closes_at"])

    _ask(desk, stage, "pause")
    refused(desk.enter(one, case_id, {"revenue_this_year": 1}), 409, "stage_paused")
    desk.outside.move_clock(closes_at + timedelta(days=3))
    eventually(lambda: _now(desk, case_id) > closes_at, "the clock does not move")
    _ask(desk, stage, "resume")
    eventually(lambda: _closes_at(desk, case_id) > closes_at, "the term does not go on")

    assert desk.state(one, case_id) == "rectifying"
    good(desk.enter(one, case_id, {"revenue_this_year": 1900}))
    good(one.client.post(f"{API}/applications/{case_id}/resubmit", headers=key()))
    good(desk.decide(case_id, "pass"))


def _now(desk: Desk, case_id: str) -> datetime:
    return datetime.fromisoformat(desk.desk_case(case_id)["now"])


def _closes_at(desk: Desk, case_id: str) -> datetime:
    return datetime.fromisoformat(desk.desk_case(case_id)["rectification"]["closes_at"])


def test_a_cancelled_stage_ends_the_cases_of_its_category(desk: Desk) -> None:
    place = desk.category()
    window = desk.begin(place)
    filed, drafting = desk.enterprise(), desk.enterprise()
    case_id = desk.file(filed, window)
    draft_id = good(desk.open(drafting, window))["case_id"]

    _ask(desk, window, "cancel")

    eventually(lambda: desk.state(filed, case_id) == "ended", "the case does not end")
    assert desk.state(drafting, draft_id) == "ended"
    refused(desk.open(desk.enterprise(), window), 409, "stage_closed")
    view = good(filed.client.get(f"{API}/applications/{case_id}"))
    assert view["evidence"][0]["state"] == "kept"
    assert view["receipt"]["number"]


def test_an_extended_window_takes_filings_until_its_new_end(desk: Desk) -> None:
    place = desk.category()
    window = desk.begin(place)
    closes_at = desk.closes_at(window)
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id)

    _ask(desk, window, "extend", days=5)
    desk.outside.move_clock(closes_at + timedelta(hours=1))
    eventually(lambda: _now(desk, case_id) > closes_at, "the clock does not move")

    good(desk.submit(one, case_id))
    assert desk.outside.closed(window) is None


def test_where_my_case_is_shows_the_stages_that_have_begun(desk: Desk) -> None:
    place = desk.category()
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(place))

    def states() -> dict[str, str]:
        view = good(one.client.get(f"{API}/applications/{case_id}"))
        return {step["kind"]: step["state"] for step in view["stages"]}

    eventually(lambda: states()["application_window"] == "open", "the window is not shown")
    assert states()["screening"] == "future"
    desk.begin(place, "screening")
    eventually(lambda: states()["screening"] == "open", "the screening is not shown")


def test_uploads_that_nobody_finalised_are_swept(desk: Desk) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, desk.begin(desk.category())))["case_id"]
    announced = good(desk.announce(one, case_id))
    assert desk.upload(announced, PDF).is_success

    async def sweep() -> int:
        service = build_service(desk.process.settings())
        try:
            return await remove_orphans(service, datetime.now(UTC) + timedelta(hours=1, seconds=5))
        finally:
            await service.database.close()

    assert asyncio.run(sweep()) >= 1
    refused(desk.finalise(one, case_id, announced["evidence_id"]), 422, "not_uploaded")
