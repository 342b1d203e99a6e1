"""The order of events: members of the review committee are named, sign, order alone; ties are the chair's."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.driver.panel import logins_of, unseal
from deploy.rehearsal.driver.world import Stage, World
from deploy.rehearsal.invented import number_from

_API: Final = "/api/review"
_MEMBERS: Final = 7
_ORDERING_DAY: Final = 1

Panel = dict[str, Any]


async def order_events(world: World) -> bool:
    """Whatever the ordering waits for now."""
    acted = False
    for stage in world.stages("event_ordering"):
        panel: Panel = await world.person("office1").get(f"{_API}/stages/{stage.stage_id}")
        acted |= await _of_state(world, stage, panel)
    return acted


async def _of_state(world: World, stage: Stage, panel: Panel) -> bool:
    called = [one for one in panel["members"] if one["state"] == "called"]
    if panel["state"] == "pooling" and world.office_hours():
        named = await world.once(f"named/{stage.stage_id}", _name, world, stage)
        return named or bool(called and await _sign(world, stage, called))
    if panel["state"] == "scoring" and world.wish_on(date.fromisoformat(stage.counted_days[_ORDERING_DAY])):
        sworn = [one for one in panel["members"] if one["state"] == "undertaken"]
        return await world.once(f"ordered/{stage.stage_id}", _order, world, stage, sworn)
    if panel["state"] == "sealed" and world.office_hours():
        return await world.once(f"unsealed/{stage.stage_id}", unseal, world, stage)
    if panel["state"] == "unsealed":
        return await world.once(f"ties/{stage.stage_id}", _break_ties, world, stage)
    return False


async def _name(world: World, stage: Stage) -> None:
    logins = await logins_of(world)
    for expert in sorted(logins, key=lambda one: logins[one])[:_MEMBERS]:
        path, key = f"{_API}/stages/{stage.stage_id}/appoint", act_key("name", stage.stage_id, logins[expert])
        await world.person("office1").post(path, {"expert_id": expert}, key=key)


async def _sign(world: World, stage: Stage, called: list[dict[str, Any]]) -> bool:
    logins = await logins_of(world)
    for member in called:
        login = logins[member["expert_id"]]
        person = world.person(login)
        task = next(task for task in await person.get(f"{_API}/tasks") if task["stage_id"] == stage.stage_id)
        body = {"accept": True, "text_version": task["undertaking_version"]}
        path = f"{_API}/stages/{stage.stage_id}/undertaking"
        await person.be_fresh()
        await person.post(path, body, key=act_key("undertaking", stage.stage_id, login))
    return True


async def _order(world: World, stage: Stage, sworn: list[dict[str, Any]]) -> None:
    """Each by a merit that all see alike and a taste of one's own."""
    logins = await logins_of(world)
    path = f"{_API}/stages/{stage.stage_id}/order"
    for member in sworn:
        login = logins[member["expert_id"]]
        task = await world.person(login).get(path)
        if task["handed_in"]:
            continue
        merit = {
            event["case_id"]: number_from(0, 99, "merit", event["name"]) + number_from(0, 40, login, event["name"])
            for event in task["events"]
        }
        await world.person(login).be_fresh()
        body = {"order": sorted(merit, key=lambda case: (-merit[case], case))}
        await world.person(login).post(path, body, key=act_key("order", stage.stage_id, login))


async def _break_ties(world: World, stage: Stage) -> None:
    path = f"{_API}/stages/{stage.stage_id}/ties"
    question = await world.person("chair1").get(path)
    tied = [case for group in question["ties"] for case in sorted(group, key=lambda one: question["names"][one])]
    if tied:
        body = {"ordered": tied, "reason": "演练：名次之和相同，按事件影响范围排序"}
        await world.person("chair1").post(path, body, key=act_key("ties", stage.stage_id))
