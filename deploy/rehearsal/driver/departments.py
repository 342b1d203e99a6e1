"""The consulted departments: most have no objection, one raises a concern, one falls silent."""

from __future__ import annotations

from typing import Any, Final

from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.driver.world import Stage, World
from deploy.rehearsal.invented import MODEL

_API: Final = "/api/ranking/consultations"
DEPARTMENTS: Final = ("dept1", "dept2", "dept3", "dept4", "dept5")
_CONCERNED: Final = "dept2"
_SILENT: Final = "dept5"


async def reply(world: World) -> bool:
    """Every department but the silent one answers; a supplement is answered by all and closed early."""
    acted = False
    for stage in world.stages("consultation"):
        for login in DEPARTMENTS:
            if login != _SILENT or stage.supplement:
                acted |= await _reply(world, stage, login)
        if stage.supplement:
            acted |= await _close_early(world, stage)
    return acted


async def rule(world: World) -> bool:
    """A concern goes back to the committee: one co-chair proposes to keep the case, the other confirms."""
    acted = False
    for stage in world.stages("consultation"):
        if stage.waits_for != "co_chair":
            continue
        shown = await _shown(world, "cochair1", stage)
        for entry in shown["entries"] if shown else ():
            if entry["ruling"] is None and any(one["reply"] == "concern" for one in entry["replies"]):
                acted |= await world.once(f"ruled/{stage.stage_id}/{entry['case_id']}", _rule, world, stage, entry)
    return acted


async def _shown(world: World, login: str, stage: Stage) -> dict[str, Any] | None:
    found = await world.person(login).get(_API)
    return next((one for one in found if one["stage_id"] == stage.stage_id), None)


async def _reply(world: World, stage: Stage, login: str) -> bool:
    mark = f"replied/{stage.stage_id}/{login}"
    if mark in world.done:
        return False
    shown = await _shown(world, login, stage)
    if shown is None or not shown["entries"]:
        return False
    concerned = login == _CONCERNED and stage.category_key == MODEL and not stage.supplement
    entries = [
        {"case": entry["case_id"], "reply": "concern", "text": "演练：建议核实一项行政处罚是否已结案"}
        if concerned and place == 2
        else {"case": entry["case_id"], "reply": "no_objection"}
        for place, entry in enumerate(shown["entries"])
    ]
    path, key = f"{_API}/{stage.stage_id}/replies", act_key("reply", stage.stage_id, login)
    return await world.once(mark, world.person(login).post, path, {"entries": entries}, key=key)


async def _close_early(world: World, stage: Stage) -> bool:
    if any(f"replied/{stage.stage_id}/{login}" not in world.done for login in DEPARTMENTS):
        return False
    path, key = f"{_API}/{stage.stage_id}/close", act_key("close early", stage.stage_id)
    return await world.once(f"closed/{stage.stage_id}", world.person("office1").post, path, key=key)


async def _rule(world: World, stage: Stage, entry: dict[str, Any]) -> None:
    body = {"ruling": "keep", "reason": "演练：经核实处罚已结案并完成整改，不影响入围"}
    path = f"{_API}/{stage.stage_id}/concerns/{entry['case_id']}"
    await world.person("cochair1").post(path, body, key=act_key("rule", stage.stage_id, entry["case_id"]))
    await world.person("cochair2").be_fresh()
    confirmed = {"ruling": body["ruling"]}
    await world.person("cochair2").post(
        f"{path}/confirm", confirmed, key=act_key("confirm ruling", stage.stage_id, entry["case_id"])
    )
