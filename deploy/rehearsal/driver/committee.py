"""Evaluation and decision: the office completes the scoring and recommends; the guidance committee decides."""

from __future__ import annotations

from typing import Any, Final

from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.driver.world import Stage, World, shanghai_day
from deploy.rehearsal.invented import MODEL, NEW_QUALITY
from deploy.rehearsal.published import PublishedEnterprise

_API: Final = "/api/ranking"
SEATS: Final = {"cochair1": "甲", "cochair2": "乙", "guidance1": "丙"}


async def evaluate(world: World) -> bool:
    """The office enters the printed deduction where there is one and ends the scoring by rule."""
    acted = False
    for stage in world.stages("evaluation"):
        shown = await world.person("office1").get(f"{_API}/stages/{stage.stage_id}")
        if shown["cases"] and not shown["completed"]:
            acted |= await world.once(f"evaluated/{stage.stage_id}", _evaluate, world, stage)
    return acted


async def recommend(world: World) -> bool:
    """Two persons of the office confirm the outcomes: for the 28 and the platforms the printed ones."""
    acted = False
    for stage in world.stages("decision"):
        shown = await world.person("office1").get(f"{_API}/stages/{stage.stage_id}")
        if shown["decides"] == "recommendation" and shown["to_confirm"] and not shown["completed"]:
            acted |= await world.once(f"recommended/{stage.stage_id}", _recommend, world, stage, shown)
    return acted


async def decide(world: World) -> bool:
    """The committee meets, decides at the quota, and both co-chairs confirm what they see."""
    acted = False
    if world.stages("decision"):
        await take_places(world)
    for stage in world.stages("decision"):
        shown = await world.person("cochair1").get(f"{_API}/stages/{stage.stage_id}")
        if shown["decides"] != "recommendation" and shown["to_confirm"] and not shown["completed"]:
            if not world.office_hours():
                continue
            acted |= await world.once(f"decided/{stage.stage_id}", _decide, world, stage, shown)
    return acted


async def fill_seats(world: World) -> bool:
    """An empty seat goes to the next in rank: one co-chair proposes, the other confirms."""
    acted = False
    if not any(stage.kind == "publicity" for one in world.categories() for stage in one.current):
        return False
    await take_places(world)
    for seat in await world.person("cochair1").get(f"{_API}/seats"):
        if seat["state"] == "open":
            acted |= await world.once(f"proposed/{seat['seat_id']}", _propose, world, seat)
        elif seat["state"] == "proposed":
            acted |= await world.once(f"confirmed/{seat['seat_id']}", _confirm_seat, world, seat)
    return acted


async def take_places(world: World) -> None:
    """Everybody of the committee says which seat is theirs, once."""
    for login, seat in SEATS.items():
        key = act_key("place", login)
        await world.once(f"placed/{login}", world.person(login).post, f"{_API}/members", {"seat": seat}, key=key)


async def _evaluate(world: World, stage: Stage) -> None:
    office = world.person("office1")
    for result in await office.get(f"{_API}/evaluations/{stage.stage_id}"):
        one = world.cast.printed(result["name"])
        if isinstance(one, PublishedEnterprise) and one.deduction is not None:
            body = {"item": "fund_use_compliance", "points": one.deduction, "reason": "按已公布的评价表扣分栏"}
            path = f"{_API}/evaluations/{stage.stage_id}/{result['case_id']}/judgement"
            await office.post(path, body, key=act_key("deduction", result["case_id"]))
    await office.post(f"{_API}/stages/{stage.stage_id}/evaluation-complete", key=act_key("scored", stage.stage_id))


async def _recommend(world: World, stage: Stage, shown: dict[str, Any]) -> None:
    entries = [_recommendation(world, shown, row) for row in shown["ranking"] if row["struck"] is None]
    path = f"{_API}/stages/{stage.stage_id}/recommendations"
    await world.person("office1").post(path, {"entries": entries}, key=act_key("recommend", stage.stage_id))
    question = await world.person("office1").get(f"{_API}/stages/{stage.stage_id}/digest")
    ticket = await world.agree("office1", "office2", {**question, "subject": "确认全部推荐意见"})
    await world.person("office1").post(f"{path}/confirm", key=act_key("confirm", question["digest"]), ticket=ticket)


def _recommendation(world: World, shown: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """What was printed; of whom nothing was, the outcome that is hoped for."""
    one = world.cast.printed(row["name"])
    if one is not None:
        return {"case": row["case_id"], "outcome": one.outcome, "reason": one.reason}
    hoped_for = next(outcome["id"] for outcome in shown["outcomes"] if outcome["favourable"])
    return {"case": row["case_id"], "outcome": hoped_for}


async def _decide(world: World, stage: Stage, shown: dict[str, Any]) -> None:
    """Where a co-chair stands aside from a case, another member confirms it in their place."""
    path = f"{_API}/stages/{stage.stage_id}"
    aside = [_aside(shown)] if stage.category_key == NEW_QUALITY else []
    meeting = {
        "held_on": shanghai_day(world.now).isoformat(),
        "place": "演练会议室",
        "attendance": [
            {"role": "共同主任", "seat": "甲"},
            {"role": "共同主任", "seat": "乙"},
            {"role": "委员", "seat": "丙"},
        ],
        "recusals": aside,
    }
    await world.person("office1").post(f"{path}/meeting", meeting, key=act_key("meeting", stage.stage_id))
    body = {"entries": choices(shown, departs=stage.category_key == MODEL)}
    await world.person("cochair1").post(f"{path}/decisions", body, key=act_key("choices", stage.stage_id))
    for login in ("cochair1", "cochair2", *(["guidance1"] if aside else ())):
        digest = (await world.person(login).get(f"{path}/digest"))["digest"]
        await world.person(login).be_fresh()
        await world.person(login).post(f"{path}/confirm", {"digest": digest}, key=act_key("confirm", digest, login))


def _aside(shown: dict[str, Any]) -> dict[str, Any]:
    """The second co-chair stands aside from the third case by number."""
    case = sorted(shown["ranking"], key=lambda row: str(row["number"]))[2]["case_id"]
    return {"seat": SEATS["cochair2"], "case": case, "reason": "演练：曾任该企业顾问"}


def choices(shown: dict[str, Any], *, departs: bool) -> list[dict[str, Any]]:
    """The best of each class up to the quota; with `departs` the last place goes to the next, for a stated reason."""
    ranked = [row for row in shown["ranking"] if row["struck"] is None and not row["vetoed"]]
    return [
        choice
        for division in dict.fromkeys(row["class"] for row in ranked)
        for choice in _division(
            [row for row in ranked if row["class"] == division],
            shown["shares"].get(division, shown["quota"]),
            departs=departs,
        )
    ]


def _division(ranked: list[dict[str, Any]], quota: int | None, *, departs: bool) -> list[dict[str, Any]]:
    """The best of one class up to its share; without a quota everybody."""
    line = len(ranked) if quota is None else min(quota, len(ranked))
    chosen = {row["case_id"] for row in ranked[:line]}
    departure: str | None = None
    if departs and len(ranked) > line:
        last, following = ranked[line - 1], ranked[line]
        chosen = chosen - {last["case_id"]} | {following["case_id"]}
        departure = last["case_id"]
    edge = max((row["rank"] for row in ranked if row["case_id"] in chosen), default=0)
    return [_choice(row, row["case_id"] in chosen, departure, edge) for row in ranked]


def _choice(row: dict[str, Any], shortlisted: bool, departure: str | None, edge: int) -> dict[str, Any]:
    choice: dict[str, Any] = {"case": row["case_id"], "decision": "shortlisted" if shortlisted else "not_shortlisted"}
    if row["case_id"] == departure:
        choice["reason"] = "演练：兼顾行业分布，由次一名入围"
    elif not shortlisted and row["rank"] <= edge:
        choice["reason"] = "演练：与末位同分，经研究按产业代表性取舍"
    return choice


async def _propose(world: World, seat: dict[str, Any]) -> None:
    category = next(one for one in world.categories() if one.category_id == seat["category_id"])
    stage = next(stage for stage in category.stages if stage.kind == "decision")
    shown = await world.person("cochair1").get(f"{_API}/stages/{stage.stage_id}")
    taken = {one["proposed_case"] for one in await world.person("cochair1").get(f"{_API}/seats")}
    free = [
        row
        for row in shown["ranking"]
        if row["decision"] == "not_shortlisted" and row["struck"] is None and row["case_id"] not in taken
    ]
    body = {"case": free[0]["case_id"], "reason": "演练：按排序递补"}
    await world.person("cochair1").be_fresh()
    await world.person("cochair1").post(
        f"{_API}/seats/{seat['category_id']}/fill", body, key=act_key("propose", seat["seat_id"])
    )


async def _confirm_seat(world: World, seat: dict[str, Any]) -> None:
    await world.person("cochair2").be_fresh()
    path = f"{_API}/seats/{seat['category_id']}/confirm"
    await world.person("cochair2").post(path, key=act_key("confirm seat", seat["seat_id"]))
