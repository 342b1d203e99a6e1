"""From the call to the released list, on real servers."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from shared.contracts.facts import CaseAmended, ListFixed, ReleaseDated, SeatFilled, StageChangeRequested
from shared.infra.files import DOSSIERS, PUBLIC
from shared.kernel.credit_code import make_credit_code
from tests.integration.publication.acts import CHANNEL, Publication, answered
from tests.integration.publication.rooms import Rooms
from tests.integration.servers import eventually, key

NAMES = ["演练企业001", "演练企业002", "演练企业003"]


def test_call_publicity_and_release_of_a_category(publication: Publication, rooms: Rooms, public_dir: Path) -> None:
    place = publication.open_category("new_quality_pioneer")
    call = place.stage("call")
    rooms.start(call)
    posted = publication.post(call.stage_id)
    eventually(lambda: publication.closed(place, "call"), "the call was not closed")

    [closing] = publication.closed(place, "call")
    assert datetime.fromisoformat(closing["counted_from"]) == datetime.fromisoformat(posted["posted_at"])

    publicity, _ = rooms.publicity(place, NAMES)
    notice = publication.post(publicity.stage_id)
    assert len(notice["counted_days"]) == 5
    ends = datetime.fromisoformat(notice["closes_at"])
    shortly = ends - timedelta(minutes=10)  # more than the slowest machine takes to look
    rooms.move_clock(shortly)
    eventually(lambda: rooms.now() >= shortly, "the clock did not move")
    assert publication.closed(place, "publicity") == []
    eventually(lambda: (public_dir / "lists" / str(publicity.stage_id) / "list.pdf").is_file(), "no notice")
    rooms.move_clock(ends)
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    assert datetime.fromisoformat(publication.closed(place, "publicity")[0]["closed_at"]) >= ends
    assert publication.closed(place, "publicity")[0]["cases"] == 3

    rooms.start_release(place)
    answered(publication.release(place))
    eventually(lambda: publication.released(place), "not released")
    assert [fact["entries"] for fact in publication.released(place)] == [3]
    eventually(lambda: (public_dir / f"results/{place.category_id}/index.html").is_file(), "no result page")

    page = (public_dir / f"results/{place.category_id}/index.html").read_text("utf-8")
    assert all(name in page for name in NAMES)
    assert "演练" in page
    assert publication.public.get(f"/results/{place.category_id}").status_code == 200
    _check_files(publication, rooms, public_dir / f"results/{place.category_id}", str(place.category_id))
    again = publication.confirm(place, "0" * 64)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_release")


def _checked(publication: Publication, number: str) -> str:
    """What the public page says of a number."""
    page = publication.public.get("/results/check", params={"number": number}).raise_for_status().text
    return page.partition("<main")[2]


def test_a_number_is_found_in_a_released_list_only(publication: Publication, rooms: Rooms) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    notice = publication.post(publicity.stage_id)
    number = lines[1].number

    before, never = _checked(publication, number), _checked(publication, "XX-1999-001")
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    rooms.start_release(place)
    answered(publication.release(place))
    eventually(lambda: publication.released(place), "not released")
    after = _checked(publication, f" {number} ")
    [released] = publication.public.get(f"/api/publication/categories/{place.category_id}/releases").json()
    by_digest = _checked(publication, released["digest"].upper())

    assert before.replace(number, "XX-1999-001") == never
    assert "没有查到" in before
    assert ("在名单上" in after, number in after, f"/results/{place.category_id}" in after) == (True, True, True)
    assert ("名单已发布" in by_digest, number in by_digest) == (True, False)
    assert publication.public.get("/results/check", params={"number": "x" * 81}).status_code == 422


def _check_files(publication: Publication, rooms: Rooms, folder: Path, category_id: str) -> None:
    """The list's bytes hash to the digest that was released; no score leaks; the auditor's bundle is not public."""
    [released] = publication.public.get(f"/api/publication/categories/{category_id}/releases").json()
    content = (folder / "list.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == released["digest"]
    assert b"score" not in content
    assert b"credit_code" not in content
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["bundle.zip", "index.html", "list.csv", "list.json", "list.pdf"]
    with zipfile.ZipFile(folder / "bundle.zip") as bundle:
        assert {"MANIFEST.json", "verify_bundle.py", "verify_draw.py", "office/ledger.json"} <= set(bundle.namelist())
        assert "ranking/final-list.json" in bundle.namelist()
    stored = rooms.run(rooms.files["publication"].get(PUBLIC, f"results/{category_id}/list.json"))
    assert stored == content
    path = f"/api/publication/listings/{released['listing_id']}/auditor-bundle"
    assert publication.public.get(path).status_code == 401
    with publication.people.client(publication.process.origin, "auditor") as auditor:
        handed = auditor.get(path).content
    with zipfile.ZipFile(io.BytesIO(handed)) as bundle:
        assert json.loads(bundle.read("MANIFEST.json"))["audience"] == "auditor"
        assert "ranking/final-list.json" in bundle.namelist()
    kept = rooms.run(
        rooms.files["publication"].get(DOSSIERS, f"publication/bundles/{released['listing_id']}-auditor.zip")
    )
    assert kept == handed


def test_second_posting_wrong_channel_and_wrong_role_are_refused(publication: Publication, rooms: Rooms) -> None:
    place = publication.open_category("new_quality_pioneer")
    call = place.stage("call")
    rooms.start(call)
    path, body = "/api/publication/postings", {"stage_id": str(call.stage_id), "address": "x"}
    publication.knows("SELECT count(*) FROM infra.stage WHERE stage_id = :id", id=call.stage_id)
    elsewhere = publication.office.post(path, json={**body, "channel": "微信群"}, headers=key())
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "channel")
    early = {**body, "channel": "青岛新闻媒体", "posted_at": "2025-01-01T00:00:00Z"}
    assert publication.office.post(path, json=early, headers=key()).json()["code"] == "posted_at"
    with publication.people.client(publication.process.origin, "enterprise") as stranger:
        assert stranger.post(path, json={**body, "channel": "青岛新闻媒体"}, headers=key()).status_code == 403

    same = key()
    first = publication.office.post(path, json={**body, "channel": "青岛新闻媒体"}, headers=same)
    repeat = publication.office.post(path, json={**body, "channel": "青岛新闻媒体"}, headers=same)
    second = publication.office.post(path, json={**body, "channel": "青岛新闻媒体"}, headers=key())

    assert first.status_code == repeat.status_code == 201
    assert first.json() == repeat.json()
    assert second.json()["code"] in ("already_posted", "stage_closed")


def test_list_without_publicity_goes_straight_to_release(publication: Publication, rooms: Rooms) -> None:
    place = publication.open_category("little_giant")
    manifest_id, digest, _ = rooms.final_list(place, NAMES, outcome="recommended", reason="达到绩效目标")
    fixed = ListFixed(
        cycle_id=place.cycle_id,
        category_id=place.category_id,
        stage_id=uuid4(),
        supplement=0,
        manifest_id=manifest_id,
        manifest_digest=digest,
        entries=3,
    )
    rooms.state(fixed, "ranking")
    rooms.start_release(place)
    answered(publication.release(place))
    eventually(lambda: publication.released(place), "not released")

    [released] = publication.public.get(f"/api/publication/categories/{place.category_id}/releases").json()
    first = released["content"]["entries"][0]
    assert first["score"] == "99.5"
    assert first["reason"] == "达到绩效目标"
    assert f"<dt>意见</dt><dd>{first['recommendation']}</dd>" in _checked(publication, first["number"])


def test_case_that_fell_before_release_is_struck_and_one_that_falls_after_is_revoked(
    publication: Publication, rooms: Rooms, public_dir: Path
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, NAMES)
    notice = publication.post(publicity.stage_id)
    withdrawn = CaseAmended(
        cycle_id=place.cycle_id,
        category_id=place.category_id,
        case_id=lines[0].case_id,
        number=lines[0].number,
        kind="withdrawn",
    )
    rooms.state(withdrawn, "submission")
    publication.knows("SELECT count(*) FROM list_entry WHERE case_id = :id AND state = 'struck'", id=lines[0].case_id)
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    rooms.fallen = {lines[1].case_id}
    rooms.start_release(place)
    answered(publication.release(place))
    rooms.fallen = set()
    eventually(lambda: publication.released(place), "not released")
    assert [fact["entries"] for fact in publication.released(place)] == [1]

    disqualified = withdrawn.model_copy(
        update={"case_id": lines[2].case_id, "number": lines[2].number, "kind": "disqualified"}
    )
    rooms.state(disqualified, "submission")
    page = public_dir / f"results/{place.category_id}/index.html"
    eventually(lambda: page.is_file() and "撤销公告" in page.read_text("utf-8"), "no revocation")
    [released] = publication.public.get(f"/api/publication/categories/{place.category_id}/releases").json()
    assert [entry["name"] for entry in released["content"]["entries"]] == ["演练企业003"]
    revoked, struck = [_checked(publication, line.number) for line in (lines[2], lines[0])]
    assert ("已撤销" in revoked, "发布后取消资格" in revoked, "演练企业003" in revoked) == (True, True, True)
    assert "没有查到" in struck


def test_refilled_seat_is_waited_for_until_the_office_s_date_and_released_by_itself(
    publication: Publication, rooms: Rooms
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, _ = rooms.publicity(place, NAMES)
    notice = publication.post(publicity.stage_id)
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    manifest_id, digest, _ = rooms.final_list(place, ["演练企业009"])
    filled = SeatFilled(
        cycle_id=place.cycle_id,
        category_id=place.category_id,
        supplement=1,
        manifest_id=manifest_id,
        manifest_digest=digest,
    )
    rooms.state(filled, "ranking")
    publication.knows("SELECT count(*) FROM listing WHERE category_id = :id AND supplement = 1", id=place.category_id)
    rooms.start_release(place)
    publication.await_release(place, lambda shown: any("增补第1次" in one for one in shown["waits_for"]))

    until = rooms.now() + timedelta(hours=1)
    rooms.state(ReleaseDated(cycle_id=place.cycle_id, release_at=until), "office")
    publication.knows("SELECT count(*) FROM cycle WHERE cycle_id = :id AND release_at IS NOT NULL", id=place.cycle_id)
    assert not publication.release_state(place)["ready"]
    rooms.move_clock(until)
    answered(publication.release(place))
    eventually(lambda: publication.released(place), "not released")

    supplement = place.stage("publicity", 1, manifest_id=manifest_id, manifest_digest=digest, manifest_source="ranking")
    rooms.start(supplement)
    notice = publication.post(supplement.stage_id)
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    answered(publication.release(place))
    eventually(lambda: len(publication.released(place)) == 2, "the supplement was not released")

    assert [(fact["supplement"], fact["entries"]) for fact in publication.released(place)] == [(0, 3), (1, 1)]
    assert len(rooms.facts("publication.cycle.released.v1")) == len(
        {fact["cycle_id"] for fact in rooms.facts("publication.cycle.released.v1")}
    )


def test_cancelled_category_is_announced_and_no_longer_waited_for(
    publication: Publication, rooms: Rooms, public_dir: Path
) -> None:
    ended, going_on = rooms.open_cycle("new_quality_pioneer", "model_enterprise")
    publication.knows("SELECT count(*) FROM category WHERE category_id = :id", id=going_on.category_id)
    call = ended.stage("call")
    rooms.start(call)
    publication.knows("SELECT count(*) FROM infra.stage WHERE stage_id = :id", id=call.stage_id)
    path = f"/api/publication/categories/{ended.category_id}/termination"
    body = {"channel": CHANNEL, "address": "x", "reason": "演练：申报单位不足，经研究终止"}
    assert publication.office.post(path, json=body, headers=key()).json()["code"] == "not_cancelled"
    asked = StageChangeRequested(
        cycle_id=ended.cycle_id, stage_id=call.stage_id, owner="publication", request_id=uuid4(), change="cancel"
    )
    rooms.state(asked, "office")
    eventually(lambda: publication.closed(ended, "call"), "the call was not cancelled")
    publication.knows("SELECT count(*) FROM stage_seen WHERE stage_id = :id AND state = 'cancelled'", id=call.stage_id)

    page = answered(publication.office.post(path, json=body, headers=key()), 201)["page"]
    assert publication.office.post(path, json=body, headers=key()).json()["code"] == "already_posted"
    eventually(lambda: (public_dir / page.lstrip("/") / "index.html").is_file(), "no page")
    assert "终止公告" in publication.public.get(page).text

    publicity, _ = rooms.publicity(going_on, NAMES)
    notice = publication.post(publicity.stage_id)
    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(going_on, "publicity"), "the publicity was not closed")
    rooms.start_release(going_on)
    answered(publication.release(going_on))
    eventually(lambda: publication.released(going_on), "not released")
    assert publication.released(ended) == []


def test_personal_number_in_a_list_blocks_its_page_and_its_release_and_no_others(
    publication: Publication, rooms: Rooms, public_dir: Path
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, _ = rooms.publicity(place, [f"演练企业{make_credit_code('91370200MA3ABCDE1')}"])
    received = "SELECT count(*) FROM listing WHERE stage_id = :id AND received_at IS NOT NULL"
    publication.knows(received, id=publicity.stage_id)
    body = {"stage_id": str(publicity.stage_id), "channel": CHANNEL, "address": "x"}
    refused = publication.office.post("/api/publication/postings", json=body, headers=key())
    assert refused.json()["code"] == "personal_data"
    other_text = {**body, "text": "【演练】公示名单见附件。"}
    notice = answered(publication.office.post("/api/publication/postings", json=other_text, headers=key()), 201)
    publication.knows("SELECT count(*) FROM page WHERE ref = :id AND blocked <> ''", id=publicity.stage_id)
    assert not (public_dir / "lists" / str(publicity.stage_id) / "index.html").exists()
    assert not (public_dir / "lists" / str(publicity.stage_id) / "list.json").exists()

    rooms.move_clock(datetime.fromisoformat(notice["closes_at"]))
    eventually(lambda: publication.closed(place, "publicity"), "the publicity was not closed")
    rooms.start_release(place)
    publication.knows("SELECT count(*) FROM release_round WHERE cycle_id = :id AND stuck <> ''", id=place.cycle_id)
    assert not publication.release_state(place)["ready"]
    other = publication.open_category("new_quality_pioneer")
    call = other.stage("call")
    rooms.start(call)
    publication.post(call.stage_id)
    eventually(lambda: (public_dir / f"lists/{call.stage_id}/index.html").is_file(), "other pages are not written")
