"""Objections on real servers: filed, followed, held, ruled once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from shared.contracts.facts import ReleaseDated
from tests.integration.publication.acts import OBJECTION, Publication, answered
from tests.integration.publication.rooms import Place, Rooms
from tests.integration.servers import eventually, key
from tests.lists import check_lists

NAMES = [f"演练企业{number:03d}" for number in range(1, 5)]


def test_objection_holds_its_entry_and_rulings_decide(publication: Publication, rooms: Rooms) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    notice = publication.post(publicity.stage_id)
    dismissed, upheld, open_one = (
        answered(publication.object_to(publicity.stage_id, line.number), 201) for line in lines[:3]
    )
    for filed in (dismissed, upheld, open_one):
        answered(publication.admit(filed["objection_id"]))
    answered(publication.rule(dismissed["objection_id"], upheld=False))
    answered(publication.rule(upheld["objection_id"], upheld=True))
    assert check_lists(publication.office, "/lists/manage/objections") == 1
    second = publication.rule(upheld["objection_id"], upheld=False)
    assert (second.status_code, second.json()["code"]) == (409, "already_ruled")

    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    assert publication.closed(place, "publicity")[0]["cases"] == 2
    late = publication.object_to(publicity.stage_id, lines[3].number)
    assert (late.status_code, late.json()["code"]) in ((409, "stage_closed"), (409, "term_over"))

    rooms.start_release(place)
    state = publication.await_release(place, lambda shown: bool(shown["waits_for"]))
    assert any("1 件异议核查中" in one for one in state["waits_for"])
    answered(publication.rule(open_one["objection_id"], upheld=False))
    ready = publication.make_ready(place)
    assert check_lists(publication.office, "/lists/manage/releases") >= 1
    _confirmed_on_the_page(publication, place, ready["digest"])
    eventually(lambda: publication.released(place), "not released")
    assert [fact["entries"] for fact in publication.released(place)] == [3]
    ruled = rooms.facts("publication.objection.ruled.v1", place.category_id)
    assert [fact["upheld"] for fact in ruled] == [False, True, False]


def _confirmed_on_the_page(publication: Publication, place: Place, digest: str) -> None:
    """The page leads to where the ticket is asked for, and its form carries the one that was brought back."""
    person, path = uuid4(), f"/lists/manage/releases/{place.cycle_id}"
    with publication.people.client(publication.process.origin, "office", account=person) as office:
        office.headers["Accept"] = "text/html"
        ticket = publication.people.ticket("release.confirm", digest, person, uuid4())
        asking = office.get("/lists/manage/releases").text
        form = office.get("/lists/manage/releases", params={"ticket": ticket}).text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[form.index(path) :]))
        assert f"/office/tickets/new?act=release.confirm&amp;digest={digest}" in asking
        assert path not in asking
        assert fields["ticket"] == ticket
        assert office.post(path, data=fields).status_code == 303


def test_who_wrote_down_receipt_and_code_follows_an_objection_without_its_address(
    publication: Publication, rooms: Rooms
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    publication.post(publicity.stage_id)
    filed = answered(publication.object_to(publicity.stage_id, lines[0].number), 201)
    html, path = {"Accept": "text/html"}, "/objections/follow"
    written_down = {"receipt": f" {filed['receipt'].lower()} ", "code": filed["code"]}

    found = publication.public.get(path, params=written_down, headers=html)
    wrong = publication.public.get(path, params={**written_down, "code": "wrong"}, headers=html)
    unknown = publication.public.get(path, params={**written_down, "receipt": "YY-00000000"}, headers=html)

    assert (found.status_code, "演练企业001" in found.text) == (200, True)
    assert path in publication.public.get("/objections", headers=html).text
    for refused in (wrong, unknown):  # alike, whatever exists
        assert (refused.status_code, "没有找到这份异议" in refused.text) == (404, True)
        assert "演练企业001" not in refused.text
    assert 'value="wrong"' in wrong.text


def test_entry_held_at_release_is_released_by_itself_once_cleared(publication: Publication, rooms: Rooms) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    notice = publication.post(publicity.stage_id)
    filed = answered(publication.object_to(publicity.stage_id, lines[0].number), 201)
    answered(publication.admit(filed["objection_id"]))
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    rooms.start_release(place)
    until = rooms.now() + timedelta(hours=1)
    _date_release(publication, rooms, place, until)
    rooms.move_clock(until)
    answered(publication.release(place))
    eventually(lambda: publication.released(place), "not released")
    assert [fact["entries"] for fact in publication.released(place)] == [3]

    answered(publication.rule(filed["objection_id"], upheld=False))
    answered(publication.release(place))
    eventually(lambda: len(publication.released(place)) == 2, "the cleared entry was not released")

    releases = publication.public.get(f"/api/publication/categories/{place.category_id}/releases").json()
    assert [(one["addendum"], [entry["name"] for entry in one["content"]["entries"]]) for one in releases] == [
        (0, NAMES[1:]),
        (1, NAMES[:1]),
    ]


def _date_release(publication: Publication, rooms: Rooms, place: Place, until: datetime) -> None:

    rooms.state(ReleaseDated(cycle_id=place.cycle_id, release_at=until), "office")
    publication.knows("SELECT count(*) FROM cycle WHERE cycle_id = :id AND release_at IS NOT NULL", id=place.cycle_id)


def test_objection_is_followed_with_its_code_and_names_stay_sealed(publication: Publication, rooms: Rooms) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    publication.post(publicity.stage_id)
    filed = answered(publication.object_to(publicity.stage_id, lines[0].number), 201)
    path = f"/api/publication/objections/{filed['objection_id']}"

    followed = answered(publication.public.get(path, params={"code": filed["code"]}))
    assert (followed["state"], followed["name"]) == ("filed", "演练企业001")
    assert publication.public.get(path, params={"code": "wrong"}).status_code == 404
    assert publication.public.get(f"/api/publication/objections?stage_id={publicity.stage_id}").status_code == 401
    listed = publication.office.get("/api/publication/objections", params={"stage_id": str(publicity.stage_id)}).json()
    assert [row["receipt"] for row in listed] == [filed["receipt"]]
    assert OBJECTION["name"] not in str(listed)
    opened = answered(publication.office.post(f"{path}/open", headers=key()))
    assert opened["objector"]["name"] == OBJECTION["name"]
    sealed = rooms.scalar("SELECT sealed FROM objection WHERE objection_id = :id", id=filed["objection_id"])
    assert OBJECTION["name"].encode() not in sealed
    assert len(rooms.audit_of("objection.opened")) >= 1


def test_entry_held_at_release_and_removed_afterwards_is_never_released(publication: Publication, rooms: Rooms) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES[:2])
    notice = publication.post(publicity.stage_id)
    filed = answered(publication.object_to(publicity.stage_id, lines[0].number), 201)
    answered(publication.admit(filed["objection_id"]))
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    rooms.start_release(place)
    _date_release(publication, rooms, place, rooms.now())
    answered(publication.release(place))
    eventually(lambda: publication.released(place), "not released")

    answered(publication.rule(filed["objection_id"], upheld=True))

    assert rooms.scalar("SELECT state FROM list_entry WHERE case_id = :id", id=lines[0].case_id) == "removed"
    assert rooms.scalar("SELECT count(*) FROM release_round WHERE cycle_id = :id", id=place.cycle_id) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"name": "匿名"}, "anonymous"), ({"number": "XX-0000-000"}, "unknown_entry"), ({"text": "短"}, "length")],
)
def test_bad_objection_is_refused_with_a_reason(
    publication: Publication, rooms: Rooms, changed: dict[str, str], code: str
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    publication.post(publicity.stage_id)

    body = {"number": lines[0].number, **changed}
    refused = publication.object_to(publicity.stage_id, **body)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert rooms.scalar("SELECT count(*) FROM objection WHERE stage_id = :id", id=publicity.stage_id) == 0


def test_objection_by_form_shows_errors_beside_fields_and_then_the_receipt(
    publication: Publication, rooms: Rooms
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    publication.post(publicity.stage_id)
    html = {"Accept": "text/html"}
    form = publication.public.get("/objections/new", params={"stage": str(publicity.stage_id)}, headers=html)
    assert form.status_code == 200
    assert lines[0].number in form.text

    body = {"stage": str(publicity.stage_id), "number": lines[0].number, "key": str(uuid4()), **OBJECTION}
    wrong = publication.public.post("/objections", data={**body, "name": "匿名"}, headers=html)
    assert wrong.status_code == 422
    assert "匿名异议不予受理" in wrong.text
    assert OBJECTION["text"] in wrong.text
    filed = publication.public.post("/objections", data=body, headers=html)
    assert filed.status_code == 201
    assert "查询码" in filed.text
    again = publication.public.post("/objections", data=body, headers=html)
    assert again.status_code == 201
    assert rooms.scalar("SELECT count(*) FROM objection WHERE stage_id = :id", id=publicity.stage_id) == 1


def test_a_posting_and_a_ruling_filled_in_wrongly_come_back_on_their_pages(
    publication: Publication, rooms: Rooms
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    with publication.people.client(publication.process.origin, "office", account=uuid4()) as office:
        office.headers["Accept"] = "text/html"
        eventually(lambda: str(publicity.stage_id) in office.get("/lists/manage").text, "nothing waits to be posted")
        posting = f"/lists/manage/postings/{publicity.stage_id}"
        unposted = office.post(posting, data=_hidden(office, "/lists/manage", posting) | {"address": "青岛日报 1 版"})
        publication.post(publicity.stage_id)
        filed = answered(publication.object_to(publicity.stage_id, lines[0].number), 201)
        home = f"/lists/manage/objections/{filed['objection_id']}"
        unruled = office.post(f"{home}/reject", data=_hidden(office, home, f"{home}/reject") | {"reason": "不属实"})

    assert (unposted.status_code, unruled.status_code) == (422, 422)
    assert "有 1 处需要更正" in unposted.text
    assert 'value="青岛日报 1 版"' in unposted.text
    assert re.search(r'<select[^>]* name="channel"[^>]* aria-invalid="true"', unposted.text)
    assert "不少于 5 个字），将答复异议人。</span>" in unruled.text
    assert re.search(r'<textarea[^>]* aria-invalid="true">不属实</textarea>', unruled.text)


def _hidden(office: httpx.Client, page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to ``action``."""
    form = re.search(rf'action="{re.escape(action)}".*?</form>', office.get(page).text, re.S)
    assert form, f"no form for {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))
