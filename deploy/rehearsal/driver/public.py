"""What the public sees and does: the call, the notice and its objections, the release."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from deploy.rehearsal.driver.cast import QINGDAO
from deploy.rehearsal.driver.client import Refused, act_key
from deploy.rehearsal.driver.world import CycleView, Stage, World
from deploy.rehearsal.invented import MODEL, NEW_QUALITY

_API: Final = "/api/publication"
_NUMBER: Final = re.compile(r"\b[A-Z]{2}-\d{4}-\d{3}\b")
RELEASE_DAY: Final = date(2026, 5, 8)
LAST_DAY: Final = date(2026, 5, 29)

OBJECTOR: Final = {"name": "演练异议人", "contact": "199 0000 0000"}
OBJECTIONS: Final = {
    NEW_QUALITY: ((2, "dismissed"), (4, "upheld")),
    MODEL: ((1, "dismissed"),),
}
GROUNDS: Final = {"upheld": "演练：申报数据与公开资料不一致", "dismissed": "演练：对一项专利的归属有疑问"}
"""Which entries of a first notice are objected to, by place in the list, and how the office rules."""


async def post(world: World) -> bool:
    """The office posts calls and notices in the rulebook's channel, on a working day."""
    acted = False
    for kind in ("call", "publicity"):
        for stage in world.stages(kind):
            if stage.waits_for == "office" and stage.closes_at is None and world.office_hours():
                acted |= await world.once(f"posted/{stage.stage_id}", _post, world, stage)
    return acted


async def object_to_entries(world: World) -> bool:
    """On the second day of a notice somebody of the public objects, by what the public page shows."""
    acted = False
    for stage in world.stages("publicity"):
        wanted = () if stage.supplement else OBJECTIONS.get(stage.category_key, ())
        runs = wanted and len(stage.counted_days) > 2 and f"objected/{stage.stage_id}" not in world.done
        if runs and world.wish_on(date.fromisoformat(stage.counted_days[1])):
            acted |= await _object(world, stage, wanted)
    return acted


async def rule_on_objections(world: World) -> bool:
    """On the third day the office has looked into it and rules."""
    acted = False
    for stage in world.stages("publicity"):
        waits = f"objected/{stage.stage_id}" in world.done and f"ruled/{stage.stage_id}" not in world.done
        if waits and world.wish_on(date.fromisoformat(stage.counted_days[2])):
            acted |= await world.once(f"ruled/{stage.stage_id}", _rule, world, stage)
    return acted


async def release(world: World) -> bool:
    """Two persons release what is ready; the lists of the year in May."""
    acted = False
    for cycle in world.cycles:
        if cycle.state != "open" or any(one.state == "open" and _main_runs(one) for one in cycle.categories):
            continue
        if cycle.rulebook_id == QINGDAO and not world.wish_on(RELEASE_DAY):
            continue
        acted |= await _release(world, cycle)
    return acted


def _main_runs(category: Any) -> bool:
    return any(stage.supplement == 0 for stage in category.current)


async def _post(world: World, stage: Stage) -> None:
    office = world.person("office1")
    draft = await office.get(f"{_API}/stages/{stage.stage_id}/posting-draft")
    address = f"{world.origin}/lists/{stage.stage_id}"
    body = {"stage_id": stage.stage_id, "channel": draft["channels"][-1], "address": address}
    posted = await office.post(f"{_API}/postings", body, key=act_key("posting", stage.stage_id))
    world.kept.setdefault("postings", {})[stage.stage_id] = posted


async def _object(world: World, stage: Stage, wanted: tuple[tuple[int, str], ...]) -> bool:
    page = (await world.anybody("GET", f"/lists/{stage.stage_id}", headers={"Accept": "text/html"})).text
    numbers = list(dict.fromkeys(_NUMBER.findall(page)))
    if len(numbers) <= max(place for place, _ in wanted):
        return False
    filed = {row["number"] for row in await world.person("office2").get(f"{_API}/objections", stage_id=stage.stage_id)}
    for place, ruling in wanted:
        if numbers[place] not in filed:
            await _file_objection(world, stage, numbers[place], ruling)
    world.done.add(f"objected/{stage.stage_id}")
    return True


async def _file_objection(world: World, stage: Stage, number: str, ruling: str) -> None:
    body = {
        "stage_id": stage.stage_id,
        "number": number,
        **OBJECTOR,
        "grounds": GROUNDS[ruling],
        "text": f"演练异议：请核实 {number} 的申报数据，附有公开资料的出处。",
    }
    headers = {"Idempotency-Key": act_key("objection", stage.stage_id, number)}
    response = await world.anybody("POST", f"{_API}/objections", json=body, headers=headers)
    if response.is_error:
        raise Refused(response.status_code, response.json(), f"objection to {number}")
    answer = response.json()
    world.kept.setdefault("objections", {})[answer["objection_id"]] = answer


async def _rule(world: World, stage: Stage) -> None:
    office = world.person("office2")
    for row in await office.get(f"{_API}/objections", stage_id=stage.stage_id):
        if row["closed_at"] is not None:
            continue
        objection, path = row["objection_id"], f"{_API}/objections/{row['objection_id']}"
        upheld = row["grounds"] == GROUNDS["upheld"]
        await office.post(f"{path}/admit", key=act_key("admit", objection))
        reason = "演练：经核查情况属实，撤下该单位" if upheld else "演练：经核查数据无误，异议不成立"
        await office.post(f"{path}/rule", {"upheld": upheld, "reason": reason}, key=act_key("ruling", objection))


async def _release(world: World, cycle: CycleView) -> bool:
    path = f"{_API}/cycles/{cycle.cycle_id}/release"
    shown = await world.person("office1").get(path)
    if not shown["ready"]:
        world.kept[f"release waits/{cycle.cycle_id}"] = shown["waits_for"]
        return False
    subject = f"发布“{cycle.title}”的{len(shown['lists'])}份名单"
    ticket = await world.agree("office1", "office2", {**shown, "subject": subject})
    await world.person("office1").post(path, key=act_key("release", shown["digest"]), ticket=ticket)
    return True
