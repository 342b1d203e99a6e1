"""The panel: list and commitment, draw by two persons, undertakings, sealed sheets, unsealing by two custodians."""

from __future__ import annotations

import hmac
from datetime import date
from hashlib import sha256
from typing import Any, Final

from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.driver.world import Stage, World
from deploy.rehearsal.invented import judged
from services.review.domain.draw import commitment_to

_API: Final = "/api/review"
_CALLED, _UNDERTAKEN = "called", "undertaken"
_ONE_SHARE_LOST: Final = "model_enterprise"
"""The category in which one custodian's passphrase is lost."""
_SCORING_DAY: Final = 4
"""Experts sign on the fifth counted day of the scoring term."""

Panel = dict[str, Any]


async def office_and_chair(world: World) -> bool:
    """The office freezes the list, commits and reveals beside the supervisor, appoints a member, unseals with the
    chair."""
    acted = False
    for stage in world.stages("panel_review"):
        panel = await _panel(world, stage)
        if panel["waits_for"] is None or not world.office_hours():
            continue
        if panel["state"] in ("pooling", "short"):
            acted |= await world.once(f"frozen/{stage.stage_id}/{len(panel['attempts'])}", _freeze, world, stage, panel)
        elif panel["state"] == "frozen":
            acted |= await _take_part(world, stage)
        elif panel["state"] == "sealed":
            acted |= await world.once(f"unsealed/{stage.stage_id}", unseal, world, stage)
        if panel["state"] == "undertaking":
            acted |= await world.once(f"appointed/{stage.stage_id}", _appoint, world, stage, panel)
    return acted


async def experts(world: World) -> bool:
    """Each called expert answers; each sworn one scores the own cases alone and signs."""
    acted = False
    for stage in world.stages("panel_review"):
        panel = await _panel(world, stage)
        logins = await logins_of(world)
        called = [member for member in panel["members"] if member["state"] == _CALLED]
        if called and panel["state"] in ("undertaking", "scoring"):
            if not world.office_hours():
                continue
            await world.together(_answer(world, stage, panel, member, logins) for member in called)
            acted = True
        elif panel["state"] == "scoring" and panel["expected"]:
            if not world.wish_on(date.fromisoformat(panel["counted_days"][_SCORING_DAY])):
                continue
            sworn = [one for one in panel["members"] if one["state"] == _UNDERTAKEN and one["scores"]]
            scoring = sorted(logins[one["expert_id"]] for one in sworn)
            signed = await world.together(_score(world, stage, login, scoring[0]) for login in scoring)
            acted |= any(signed)
    return acted


async def _panel(world: World, stage: Stage) -> Panel:
    panel: Panel = await world.person("office1").get(f"{_API}/stages/{stage.stage_id}")
    return panel


async def logins_of(world: World) -> dict[str, str]:
    """Account of each expert; the pool does not change while the year runs."""
    if "expert logins" not in world.kept:
        rows = await world.person("office1").get(f"{_API}/experts")
        world.kept["expert logins"] = {row["expert_id"]: row["login"] for row in rows}
    logins: dict[str, str] = world.kept["expert logins"]
    return logins


async def _freeze(world: World, stage: Stage, panel: Panel) -> None:
    """One expert is left out for a stated conflict."""
    logins = await logins_of(world)
    conflicted = min(logins, key=lambda expert: logins[expert])
    body = {"conflicts": {conflicted: "演练：曾为一家申报单位提供顾问服务，申请回避"}}
    key = act_key("freeze", stage.stage_id, len(panel["attempts"]))
    await world.person("office1").post(f"{_API}/stages/{stage.stage_id}/freeze", body, key=key)


_PARTIES: Final = {"office": "office1", "supervisor": "supervisor1"}


async def _take_part(world: World, stage: Stage) -> bool:
    """Each party does what is awaited of it: commits, and reveals once all commitments stand in the ledger.

    The supervisor lets the first attempt of the first panel pass without revealing, so that the year has a void one.
    """
    path = f"{_API}/stages/{stage.stage_id}"
    draw = await world.person("office1").get(f"{path}/draw")
    acted = False
    for party in (one for one in draw["parties"] if one["awaited"]):
        login = _PARTIES[party["key"]]
        if draw["phase"] == "revealing" and _stays_silent(world, stage, party["key"], draw["attempt"]):
            continue
        secret = _secret(world, stage, draw["attempt"], party["key"])
        if draw["phase"] == "committing":
            act, body = "commit", {"commitment": commitment_to(draw["list_digest"], party["key"], secret)}
        else:
            act, body = "reveal", {"secret": secret}
        key = act_key(act, stage.stage_id, draw["attempt"], party["key"])
        await world.person(login).be_fresh()
        await world.person(login).post(f"{path}/{act}", {"party": party["key"], **body}, key=key)
        acted = True
    return acted


def _stays_silent(world: World, stage: Stage, party: str, attempt: int) -> bool:
    """Whether the supervisor is away: at the first reveal of the first panel that is drawn."""
    first = world.kept.setdefault("draw without a reveal", stage.stage_id)
    return party == "supervisor" and attempt == 1 and first == stage.stage_id


def _secret(world: World, stage: Stage, attempt: int, party: str) -> str:
    """32 bytes that only who knows this stack's random password can tell, the same for a driver begun anew."""
    return hmac.new(world.password.encode(), f"{stage.stage_id}/{attempt}/{party}".encode(), sha256).hexdigest()


async def _appoint(world: World, stage: Stage, panel: Panel) -> None:
    """A member of the committee who attends without scoring."""
    members = {member["expert_id"] for member in panel["members"]}
    free = sorted(login for expert, login in (await logins_of(world)).items() if expert not in members)
    experts_by_login = {login: expert for expert, login in (await logins_of(world)).items()}
    path = f"{_API}/stages/{stage.stage_id}/appoint"
    await world.person("office1").post(
        path, {"expert_id": experts_by_login[free[-1]]}, key=act_key("appoint", stage.stage_id)
    )


async def _answer(world: World, stage: Stage, panel: Panel, member: dict[str, Any], logins: dict[str, str]) -> None:
    """The first of those drawn declines, the second steps aside after signing; everybody else signs."""
    login = logins[member["expert_id"]]
    person = world.person(login)
    task = next(task for task in await person.get(f"{_API}/tasks") if task["stage_id"] == stage.stage_id)
    drawn = sorted((one for one in panel["members"] if one["kind"] == "drawn"), key=lambda one: str(one["place"]))
    place = [one["expert_id"] for one in drawn].index(member["expert_id"]) if member in drawn else None
    declines = place == 0
    body = {"accept": not declines, "text_version": task["undertaking_version"]}
    if declines:
        body["reason"] = "演练：审查期间出差，不能参加"
    path = f"{_API}/stages/{stage.stage_id}"
    await person.be_fresh()
    await person.post(f"{path}/undertaking", body, key=act_key("undertaking", stage.stage_id, login))
    if place == 1:
        reason = {"reason": "演练：与一家参评企业有合作关系，申请回避"}
        await person.post(f"{path}/recuse", reason, key=act_key("recuse", stage.stage_id, login))


async def _score(world: World, stage: Stage, login: str, speaks: str) -> bool:
    """Sign a sheet for each case that this expert sees and has not signed."""
    person = world.person(login)
    lists = [task for task in await person.get(f"{_API}/tasks") if task["stage_id"] == stage.stage_id]
    waiting = [case for task in lists for case in task["cases"] if not case["signed"]]
    for number, case in enumerate(waiting):
        await _sign(world, login, case["case_id"], drafts_first=number == 0)
    if waiting and login == speaks:
        await _thinks_again(world, login, waiting[0]["case_id"])
    return bool(waiting)


async def _thinks_again(world: World, login: str, case_id: str) -> None:
    """One expert a panel raises what the card lets anybody raise, and corrects a sheet with a reason."""
    person, path = world.person(login), f"{_API}/tasks/{case_id}"
    task = await person.get(path)
    if task["raisable"]:
        body = {"rule_id": task["raisable"][0][0], "source": "演练：公开信息"}
        await person.post(f"{path}/findings", body, key=act_key("finding", case_id, login))
    sheet = {"judgements": judgements(task["judged"], task["neutral_number"], login), "reason": "演练：看错材料页码"}
    await person.be_fresh()
    receipt = await person.post(f"{path}/correction", sheet, key=act_key("correction", case_id, login))
    world.kept["sheets"][f"{case_id}/{login}/2"] = receipt["sheet_digest"]


async def _sign(world: World, login: str, case_id: str, *, drafts_first: bool) -> None:
    person, path = world.person(login), f"{_API}/tasks/{case_id}"
    task = await person.get(path)
    sheet = {"judgements": judgements(task["judged"], task["neutral_number"], login)}
    if drafts_first:
        await person.put(f"{path}/draft", sheet, key=act_key("draft", case_id, login))
    await person.be_fresh()
    receipt = await person.post(f"{path}/sign", sheet, key=act_key("sign", case_id, login))
    world.kept.setdefault("sheets", {})[f"{case_id}/{login}"] = receipt["sheet_digest"]


def judgements(items: list[dict[str, Any]], number: str, login: str) -> dict[str, str]:
    """Points for every line; of alternatives the first alone. They follow from case, expert and line."""
    given: dict[str, str] = {}
    settled: set[str] = set()
    for item in items:
        if item["any_of"] in settled:
            continue
        if item["any_of"] is not None:
            settled.add(item["any_of"])
        allowed = {"values": item["allowed_values"], "ranges": item["allowed_ranges"]}
        given[item["id"]] = judged(item["points"], item["step"], number, login, item["id"], **allowed)
    return given


async def unseal(world: World, stage: Stage) -> None:
    """Two custodians of three agree and give their shares: mostly office and chair; when the chair's passphrase is
    lost, as the rehearsal has it once, office and supervisor."""
    path = f"{_API}/stages/{stage.stage_id}"
    first, second = "office1", "chair1"
    if stage.category_key == _ONE_SHARE_LOST:
        await _lose(world, path, second)
        second = "supervisor1"
    if stage.kind == "panel_review":
        await _settle_open_matters(world, path)
    question = await world.person(first).get(f"{path}/unseal")
    ticket = await world.agree(first, second, {**question, "subject": f"拆封{question['sheets']}份审查计分表"})
    await _give_share(world, path, first, question["digest"])
    await _give_share(world, path, second, question["digest"], ticket)


async def _settle_open_matters(world: World, path: str) -> None:
    """The chair rules on what was raised and the office confirms; the office countersigns corrections unseen."""
    office, chair = world.person("office1"), world.person("chair1")
    await office.be_fresh()
    await chair.be_fresh()
    for one in await office.get(f"{path}/findings"):
        ruling = {"upheld": False, "article": "第二十条", "reason": "演练：经核实不成立"}
        finding = f"{_API}/findings/{one['finding_id']}"
        if one["state"] == "raised":
            await chair.post(f"{finding}/ruling", ruling, key=act_key("ruling", finding))
        if one["state"] != "confirmed":
            await office.post(f"{finding}/confirmation", {"agrees": True}, key=act_key("confirmation", finding))
    for one in await office.get(f"{path}/corrections"):
        body = {"digest": one["digest"], "accepted": True}
        await office.post(f"{path}/corrections", body, key=act_key("countersign", one["digest"]))


async def _lose(world: World, path: str, login: str) -> None:
    """A custodian says that the own share can no longer be opened."""
    shares = (await world.person(login).get(f"{path}/custody"))["shares"]
    [number] = [share["number"] for share in shares if share["own"]]
    await world.person(login).be_fresh()
    body = {"reason": "演练：保管口令遗失"}
    await world.person(login).post(f"{path}/shares/{number}/lost", body, key=act_key("lost", path, login))


async def _give_share(world: World, path: str, login: str, question: str, ticket: str | None = None) -> None:
    await world.person(login).be_fresh()
    body = {"passphrase": custody_passphrase(world, login)}
    key = act_key("share", question, login)
    await world.person(login).post(f"{path}/unseal", body, key=key, ticket=ticket)


def custody_passphrase(world: World, login: str) -> str:
    """A custodian's own passphrase, the same for a driver begun anew."""
    return hmac.new(world.password.encode(), f"custody/{login}".encode(), sha256).hexdigest()[:32]
