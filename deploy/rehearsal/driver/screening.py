"""The office's desk: targets under two persons' lock, findings, decisions on every filing, the hand-over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from deploy.rehearsal.driver.cast import Part
from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.driver.world import Stage, World
from deploy.rehearsal.invented import LITTLE_GIANT, InventedEnterprise
from deploy.rehearsal.published import PublishedEnterprise
from shared.kernel.ids import derived_id
from shared.rulebook import StageKind

_API: Final = "/api/submission"
_UNDECIDED: Final = ("accepted", "rectifying")

Case = dict[str, Any]


async def lock_targets(world: World) -> bool:
    """Targets from the approved plan are recorded and locked by two persons before anybody files."""
    acted = False
    for stage in world.stages("application_window"):
        if stage.category_key == LITTLE_GIANT:
            acted |= await world.once(f"locked/{stage.category_id}", _lock, world, stage)
    return acted


async def screen(world: World) -> bool:
    """Decide what can be decided; when every filing has its outcome, hand over."""
    acted = False
    for stage in world.stages("screening"):
        queue = await world.person("office1").get(f"{_API}/screening/{stage.stage_id}/queue")
        done = await world.together(_screen(world, stage, case) for case in queue["cases"])
        acted |= any(done)
        if queue["cases"] and not any(done) and not any(case["state"] in _UNDECIDED for case in queue["cases"]):
            path = f"{_API}/stages/{stage.stage_id}/close"
            key = act_key("end screening", stage.stage_id)
            acted |= await world.once(f"screened/{stage.stage_id}", world.person("office1").post, path, key=key)
    return acted


async def _lock(world: World, stage: Stage) -> None:
    await _record_targets(world, stage, "附2 目标值", [_published_target(one) for one in world.cast.giants])
    invented = world.cast.applicants(LITTLE_GIANT)
    await _record_targets(world, stage, "演练", [_target(one, world.cast.giant_targets[one.login]) for one in invented])
    path = f"{_API}/targets/lock"
    question = await world.person("office1").get(path, stage_id=stage.stage_id)
    ticket = await world.agree("office1", "office2", {**question, "subject": "锁定全部目标值"})
    body = {"stage_id": stage.stage_id}
    await world.person("office1").post(path, body, key=act_key("lock", stage.stage_id), ticket=ticket)


async def _record_targets(world: World, stage: Stage, source: str, rows: list[dict[str, Any]]) -> None:
    body = {"stage_id": stage.stage_id, "source": source, "targets": rows}
    await world.person("office1").post(f"{_API}/targets", body, key=act_key("targets", stage.stage_id, source))


def _published_target(one: PublishedEnterprise) -> dict[str, Any]:
    return {**_target(one, one.target_figures), "official": official(one)}


def _target(one: PublishedEnterprise | InventedEnterprise, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {"enterprise_id": str(derived_id("enterprise", one.credit_code)), "figures": dict(figures)}


def official(one: PublishedEnterprise) -> dict[str, Any]:
    """What was printed about an enterprise, kept beside what the rule gives."""
    return {
        "total": str(one.official_total),
        "items": one.official_items,
        "recommended": one.recommended,
        "reason": one.reason,
    }


async def _screen(world: World, stage: Stage, case: Case) -> bool:
    if case["state"] != "accepted":
        return False
    one = world.cast.by_code(case["subject"]["credit_code"])
    part = world.cast.part_of(one.credit_code)
    mark = f"screened/{case['case_id']}/{case['version']}"
    if part is Part.WITHDRAWS_EARLY:
        return False
    if part is Part.IS_DISQUALIFIED:
        return await world.once(mark, _disqualify, world, stage, case)
    if part is Part.IS_REFUSED:
        return await world.once(mark, _decide, world, stage, case, "reject", "演练：申报主体不在名单所列范围")
    asked = f"asked/{case['case_id']}"
    if part in (Part.PUTS_RIGHT, Part.LAPSES) and asked not in world.done:
        world.done.add(asked)
        return await world.once(mark, _send_back, world, stage, case, one)
    return await world.once(mark, _pass, world, stage, case, one)


async def _pass(world: World, stage: Stage, case: Case, one: PublishedEnterprise | InventedEnterprise) -> None:
    if stage.category_key == LITTLE_GIANT:
        await _find(world, case, one)
        await _waive(world, case, one)
    await _look_at(world, stage, case)
    await _decide(world, stage, case, "pass", "")


async def _find(world: World, case: Case, one: PublishedEnterprise | InventedEnterprise) -> None:
    """Verification: for the 28 nothing was published about visits and audits, and nothing is made up."""
    published = isinstance(one, PublishedEnterprise)
    for kind in ("on_site", "audit"):
        body = {
            "kind": kind,
            "source": "自评报告" if published else "演练核查组",
            "found_on": "未公布" if published else "2026-02",
            "finding": "未公布" if published else "演练：现场核查与申报一致",
        }
        path, key = f"{_API}/cases/{case['case_id']}/investigations", act_key("finding", case["case_id"], kind)
        await world.person("office2").post(path, body, key=key)


async def _waive(world: World, case: Case, one: PublishedEnterprise | InventedEnterprise) -> None:
    """What does not agree is let stand: published figures are filed as they were printed."""
    published = isinstance(one, PublishedEnterprise)
    words = "演练：数字照已公布的自评报告填报，不作更正" if published else "演练：已与企业核对，按申报数办理"
    path = f"{_API}/cases/{case['case_id']}"
    view = await world.person("office2").get(path)
    for found in view["inconsistencies"]:
        key = act_key("waive", case["case_id"], found["digest"])
        waive = f"{path}/inconsistencies/{found['digest']}/waive"
        await world.person("office2").post(waive, {"reason": words}, key=key)


async def _look_at(world: World, stage: Stage, case: Case) -> None:
    """Every point of the checklist, before the case passes."""
    for point in world.rules(stage.category_key).checklist:
        path, key = f"{_API}/cases/{case['case_id']}/checklist/{point.id}", act_key("tick", case["case_id"], point.id)
        await world.person("office1").put(path, {}, key=f"{key}-{case['version']}")


async def _decide(
    world: World, stage: Stage, case: Case, decision: str, reason: str, items: tuple[dict[str, str], ...] = ()
) -> None:
    body = {
        "decision": decision,
        "article": _article(world, stage),
        "reason": reason,
        "items": list(items),
        "expected_version": case["version"],
    }
    path = f"{_API}/cases/{case['case_id']}/decision"
    await world.person("office1").post(path, body, key=act_key("decision", case["case_id"], case["version"]))


async def _send_back(world: World, stage: Stage, case: Case, one: PublishedEnterprise | InventedEnterprise) -> None:
    rules = world.rules(stage.category_key)
    fact = next(fact for fact in rules.facts if fact.filled_by == "applicant" and fact.role == "score")
    kind = next(kind for kind in rules.evidence if kind.required)
    items = (
        {"field": fact.id, "reason": "演练：数字与证明材料不一致，请核对"},
        {"field": kind.id, "reason": "演练：证明材料缺页，请重新提交"},
    )
    await _decide(world, stage, case, "rectify", f"演练：{one.login} 材料需要更正", items)


async def _disqualify(world: World, stage: Stage, case: Case) -> None:
    body = {"article": _article(world, stage), "reason": "演练：证明材料系伪造"}
    path = f"{_API}/cases/{case['case_id']}/disqualify"
    question = await world.person("office1").get(path, **body)
    ticket = await world.agree("office1", "office2", {**question, "subject": f"取消 {case['number']} 的参评资格"})
    await world.person("office1").post(path, body, key=act_key("disqualify", case["case_id"]), ticket=ticket)


def _article(world: World, stage: Stage) -> str:
    found = world.rules(stage.category_key).stage(StageKind(stage.kind))
    assert found is not None
    return found.article
