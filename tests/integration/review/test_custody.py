"""Two of three custodians unseal: wrong passphrases, lost shares, a killed unsealing; before it nothing is readable."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from tests.integration.review.scene import PASSPHRASES, Scene
from tests.integration.review.test_pages import page, send
from tests.integration.review.test_refused import GOOD, code
from tests.integration.servers import key


def sealed_panel(scene: Scene, cases: int = 1, points: str = "17.5") -> UUID:
    """A panel whose sheets are all signed."""
    scene.record_pool(6)
    ref = scene.hand_over(cases)
    scene.neighbours.start_stage("PanelReview", ref)
    for member in scene.scoring(ref.stage_id):
        scene.sign_all(ref.stage_id, member["expert_id"], points)
    scene.until(ref.stage_id, "sealed", "custodian")
    return ref.stage_id


def give(scene: Scene, stage: UUID, number: int, ticket: str | None = None, passphrase: str = "") -> httpx.Response:
    headers = {"X-Ticket": ticket} if ticket else {}
    body = {"passphrase": passphrase or PASSPHRASES[number]}
    return scene.try_post(scene.custodians[number][0], f"/stages/{stage}/unseal", body, **headers)


def lose(scene: Scene, stage: UUID, number: int) -> Any:
    body = {"reason": "演练：口令遗失"}
    return scene.post(scene.custodians[number][0], f"/stages/{stage}/shares/{number}/lost", body)


def rows(scene: Scene, query: str, *values: object) -> list[asyncpg.Record]:
    async def read() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(scene.process.settings().database_url)
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    return asyncio.run(read())


def test_one_lost_share_is_borne_and_everything_wrong_is_refused(scene: Scene) -> None:
    stage = sealed_panel(scene)
    stranger = scene._client("office", uuid4())

    wrong = give(scene, stage, 1, passphrase="another marsh lantern quay")
    outsider = scene.try_post(stranger, f"/stages/{stage}/unseal", {"passphrase": PASSPHRASES[1]})
    lost = lose(scene, stage, 3)
    of_lost = give(scene, stage, 3)
    lost_twice = scene.try_post(scene.chair, f"/stages/{stage}/shares/3/lost", {"reason": "再次"})
    foreign = scene.try_post(scene.chair, f"/stages/{stage}/shares/2/lost", {"reason": "不是本人"})
    first = give(scene, stage, 1)
    again = give(scene, stage, 1, scene.unseal_ticket(stage, 1, 2))
    alone = give(scene, stage, 2)
    others = give(scene, stage, 2, scene.unseal_ticket(stage, 2, 3))
    custody = scene.get(scene.office, f"/stages/{stage}/custody")
    done = give(scene, stage, 2, scene.unseal_ticket(stage, 1, 2))
    _, dossiers = scene.handed_on(stage)

    assert (code(wrong), wrong.json()["field"], code(outsider)) == (
        "wrong_passphrase",
        "passphrase",
        "not_a_custodian",
    )
    assert (lost, code(of_lost), code(lost_twice), code(foreign)) == (
        {"custody": "one_lost"},
        "share_lost",
        "share_lost",
        "not_allowed",
    )
    assert (first.json()["unsealed"], again.json()["unsealed"], again.json()["share"]) == (False, False, 1)
    assert (code(alone), code(others)) == ("second_person", "not_the_custodians")
    assert [share["opened"] for share in custody["shares"]] == [True, False, False]
    assert (done.json()["unsealed"], done.json()["sheets"], len(dossiers[0].sheets)) == (True, 7, 7)
    assert rows(scene, "SELECT * FROM opened_share WHERE stage_id = $1", stage) == []


def test_nobody_alone_declares_the_share_of_another_lost_and_the_others_unseal_on_their_pages(scene: Scene) -> None:
    stage = sealed_panel(scene)
    path, body = f"/stages/{stage}/shares/3/lost", {"reason": "演练：保管人失联"}
    question = scene.get(scene.office, path)
    other = scene.get(scene.office, f"/stages/{stage}/shares/2/lost")

    def ticket(of: dict[str, str], second: UUID = scene.other_id) -> dict[str, str]:
        return {"X-Ticket": scene.people.ticket(of["act"], of["digest"], scene.office_id, second)}

    alone = scene.try_post(scene.office, path, body)
    on_another = scene.try_post(scene.office, path, body, **ticket(other))
    stranger = scene.try_post(scene.second, path, body, **ticket(question))
    here, office = f"/expert/panels/{stage}/custody", scene.browsing("office", scene.office_id)
    before, on_another_page = (page(office, f"{here}{one}") for one in ("", f"?ticket={ticket(other)['X-Ticket']}"))
    carried = page(office, f"{here}?ticket={ticket(question)['X-Ticket']}")
    of_share = carried[carried.index("第3份：") :]
    lost = send(office, of_share, f"/expert/panels/{stage}/shares/lost", reason="演练：保管人失联")
    again = scene.office.get(f"/api/review{path}")

    assert (code(alone), code(on_another), code(stranger)) == ("second_person", "ticket_mismatch", "not_allowed")
    for shown in (before, on_another_page):
        assert re.search(rf'href="/office/tickets/new\?act=panel.share_lost&amp;digest={question["digest"]}', shown)
    assert 'name="ticket"' not in before
    assert (lost.status_code, code(again)) == (303, "share_lost")
    assert scene.get(scene.office, f"/stages/{stage}/custody")["state"] == "one_lost"
    unseal_on_pages(scene, stage)


def test_the_office_names_who_holds_the_shares_before_the_key_is_formed(scene: Scene) -> None:
    scene.record_pool(6)
    scene.record_custodians()
    ref = scene.hand_over(1)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(ref.stage_id, "pooling", "office")
    path, second = f"/stages/{ref.stage_id}/custodians", uuid4()
    passphrase = "演练 second marsh lantern quay"
    scene.post(scene._client("office", second), "/custody", {"name": "演练保管人乙", "passphrase": passphrase})

    def names(*custodians: UUID) -> httpx.Response:
        return scene.try_post(scene.office, path, {"custodians": [str(one) for one in custodians]})

    refused = [
        names(second, scene.other_id),
        names(second, scene.other_id, uuid4()),
        names(second, scene.office_id, scene.other_id),
    ]
    named = names(scene.office_id, scene.other_id, scene.chair_id)
    scene.scoring(ref.stage_id)
    shares = scene.get(scene.office, f"/stages/{ref.stage_id}/custody")["shares"]
    late = names(second, scene.other_id, scene.chair_id)

    assert [code(one) for one in refused] == ["three_custodians", "not_a_custodian", "three_roles"]
    assert named.status_code == 200
    assert [share["name"] for share in shares] == ["演练保管人1", "演练保管人2", "演练保管人3"]
    assert code(late) == "key_formed"
    own = {"name": "演练保管人1", "passphrase": PASSPHRASES[1]}
    with ThreadPoolExecutor(2) as windows:
        again = list(windows.map(lambda _: scene.try_post(scene.office, "/custody", own), range(2)))
    assert [one.status_code for one in again] == [200, 200]


def unseal_on_pages(scene: Scene, stage: UUID) -> None:
    """Office and supervisor, each with a browser; nothing is copied from one page to another."""
    here, action = f"/expert/panels/{stage}/custody", f"/expert/panels/{stage}/unseal"
    office, other = scene.browsing("office", scene.office_id), scene.browsing("supervisor", scene.other_id)

    first = page(office, here)
    send(office, first, action, passphrase=PASSPHRASES[1])
    waiting = page(other, here)
    agreed = scene.unseal_ticket(stage, 1, 2)
    wrong = send(other, page(other, f"{here}?ticket={agreed}"), action, passphrase="no such words")
    send(other, wrong.text, action, passphrase=PASSPHRASES[2])
    _, dossiers = scene.handed_on(stage)

    assert "/office/tickets/new?act=panel.unseal" in first
    assert "第 1 份已打开，等待第二位保管人" in waiting
    assert (wrong.status_code, "保管口令不正确" in wrong.text) == (422, True)
    assert len(dossiers[0].sheets) == 7


def test_two_lost_shares_need_a_new_key_and_everybody_signs_again(scene: Scene) -> None:
    stage = sealed_panel(scene)
    opens = scene.office.get(f"/api/review/stages/{stage}/key")
    give(scene, stage, 2)
    lose(scene, stage, 2)
    waiting = rows(scene, "SELECT * FROM opened_share WHERE stage_id = $1", stage)
    broken = lose(scene, stage, 3)
    refused = give(scene, stage, 1)
    question = scene.get(scene.office, f"/stages/{stage}/key")
    ticket = scene.people.ticket(question["act"], question["digest"], scene.office_id, scene.chair_id)
    body = {"reason": "演练：两位保管人口令遗失"}

    renewed = scene.post(scene.office, f"/stages/{stage}/key", body, **{"X-Ticket": ticket})
    scene.until(stage, "scoring", "expert")
    for member in scene.members(stage, "undertaken"):
        scene.sign_all(stage, member["expert_id"], "20")
    scene.until(stage, "sealed", "custodian")
    scene.unseal(stage, 2, 3)
    _, dossiers = scene.handed_on(stage)

    assert waiting == []  # a share that was lost while it waited breaks no seal
    assert (code(opens), broken["custody"], code(refused)) == ("key_opens", "broken", "key_broken")
    assert renewed["generation"] == 2
    assert {sheet.judgements["core_technology"] for sheet in dossiers[0].sheets} == {"20"}
    kept = rows(scene, "SELECT generation, count(*) FROM sheet WHERE stage_id = $1 GROUP BY 1 ORDER BY 1", stage)
    assert [tuple(row) for row in kept] == [(1, 7), (2, 7)]


def test_a_process_killed_while_unsealing_has_done_all_or_nothing(scene: Scene) -> None:
    stage = sealed_panel(scene)
    give(scene, stage, 1)
    ticket = scene.unseal_ticket(stage, 1, 3)

    for point in ("action.before_commit", "action.after_commit"):
        die_at(scene, point)
        with pytest.raises(httpx.TransportError):
            give(scene, stage, 3, ticket)
        scene.process.kill()
        scene.process.start()
        if point == "action.before_commit":
            assert scene.panel(stage)["state"] == "sealed"
            assert rows(scene, "SELECT * FROM opened_sheet WHERE stage_id = $1", stage) == []
    _, dossiers = scene.handed_on(stage)

    assert len(dossiers[0].sheets) == 7
    assert len(rows(scene, "SELECT * FROM opened_sheet WHERE stage_id = $1", stage)) == 7


def die_at(scene: Scene, point: str) -> None:
    """Have the process kill itself at the next act that comes there."""
    (Path(scene.process.env["FANGBANG_KILL_DIR"]) / f"review.{point}").touch()


def test_a_damaged_share_or_sheet_refuses_the_whole_unsealing(scene: Scene) -> None:
    stage = sealed_panel(scene)
    turn = "SELECT set_byte(sealed, 40, get_byte(sealed, 40) # 1) AS sealed"
    [share] = rows(scene, "SELECT sealed FROM key_share WHERE stage_id = $1 AND number = 2", stage)
    rows(scene, f"UPDATE key_share SET sealed = ({turn}) WHERE stage_id = $1 AND number = 2 RETURNING 1", stage)

    damaged_share = give(scene, stage, 2)
    rows(scene, "UPDATE key_share SET sealed = $2 WHERE stage_id = $1 AND number = 2 RETURNING 1", stage, share[0])
    [sheet] = rows(scene, "SELECT digest, sealed FROM sheet WHERE stage_id = $1 LIMIT 1", stage)
    rows(scene, f"UPDATE sheet SET sealed = ({turn}) WHERE digest = $1 RETURNING 1", sheet["digest"])
    give(scene, stage, 1)
    damaged_sheet = give(scene, stage, 3, scene.unseal_ticket(stage, 1, 3))
    rows(scene, "UPDATE sheet SET sealed = $2 WHERE digest = $1 RETURNING 1", sheet["digest"], sheet["sealed"])
    done = give(scene, stage, 3, scene.unseal_ticket(stage, 1, 3))

    assert code(damaged_share) == "share_damaged"
    assert code(damaged_sheet) == "sheet_damaged"
    assert sheet["digest"][:12] in damaged_sheet.json()["title"]
    assert done.json()["unsealed"] is True


def test_a_sheet_signed_by_a_process_that_died_before_it_answered_exists_once(scene: Scene) -> None:
    scene.record_pool(6)
    ref = scene.hand_over(1)
    scene.neighbours.start_stage("PanelReview", ref)
    expert = scene.scoring(ref.stage_id)[0]["expert_id"]
    [case] = scene.tasks(ref.stage_id, expert)
    path, headers = f"/api/review/tasks/{case['case_id']}/sign", key()
    signed = "SELECT digest FROM sheet WHERE stage_id = $1"

    for point, there in (("action.before_commit", 0), ("action.after_commit", 1)):
        die_at(scene, point)
        with pytest.raises(httpx.TransportError):
            scene.expert(expert).post(path, json=GOOD, headers=headers)
        scene.process.kill()
        scene.process.start()
        assert len(rows(scene, signed, ref.stage_id)) == there
    repeated = scene.expert(expert).post(path, json=GOOD, headers=headers)
    second = scene.expert(expert).post(path, json=GOOD, headers=key())

    assert repeated.json()["sheet_digest"] == rows(scene, signed, ref.stage_id)[0][0]
    assert code(second) == "already_signed"
    assert len(rows(scene, signed, ref.stage_id)) == 1
