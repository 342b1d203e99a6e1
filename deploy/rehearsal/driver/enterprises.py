"""Enterprises: they file with evidence, put right what was asked, withdraw."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any, Final

from deploy.rehearsal.driver.cast import Part
from deploy.rehearsal.driver.client import OutOfPatience, Person, act_key
from deploy.rehearsal.driver.world import Stage, World
from deploy.rehearsal.evidence_sheets import invented_pdf, published_workbook
from deploy.rehearsal.invented import LITTLE_GIANT, InventedEnterprise
from deploy.rehearsal.published import PublishedEnterprise
from services.submission.domain.statement import STATEMENT_VERSION
from shared.kernel.ids import derived_id
from shared.rulebook import Category

Applicant = PublishedEnterprise | InventedEnterprise
_API: Final = "/api/submission"


async def file_applications(world: World) -> bool:
    """Everybody files in the open windows; targets are locked first where the office sets them."""
    acted = False
    for stage in world.stages("application_window"):
        if stage.category_key == LITTLE_GIANT and f"locked/{stage.category_id}" not in world.done:
            continue
        waiting = [one for one in _applicants(world, stage) if _filed(stage, one) not in world.done]
        if waiting:
            drafted = await world.together(_draft(world, stage, one) for one in waiting)
            for one, case_id in zip(waiting, drafted, strict=True):
                await _submit(world, stage, one, case_id)
            acted = True
    return acted


async def file_one(world: World, stage: Stage, one: Applicant) -> str:
    """One applicant files in an open window; returns the case's id."""
    case_id = await _draft(world, stage, one)
    await _submit(world, stage, one, case_id)
    return case_id


async def put_right(world: World) -> bool:
    """Who was asked to put something right and plays that part does so and hands in again."""
    acted = False
    for stage in world.stages("screening"):
        for one in world.cast.playing(stage.category_key, Part.PUTS_RIGHT):
            case = await _own_case(world, stage, one)
            if case["state"] == "rectifying":
                acted |= await world.once(f"put right {one.login}", _rectify, world, one, case)
    return acted


async def withdraw(world: World) -> bool:
    """One withdraws while the filings are screened, one when the panel's work has begun."""
    acted = False
    for kind, part in (("screening", Part.WITHDRAWS_EARLY), ("panel_review", Part.WITHDRAWS_LATE)):
        for stage in world.stages(kind):
            for one in world.cast.playing(stage.category_key, part):
                acted |= await world.once(f"withdraw {one.login}", _withdraw, world, stage, one)
    return acted


def _applicants(world: World, stage: Stage) -> list[Applicant]:
    giants: tuple[Applicant, ...] = world.cast.giants if stage.category_key == LITTLE_GIANT else ()
    return [*giants, *world.cast.applicants(stage.category_key)]


def _filed(stage: Stage, one: Applicant) -> str:
    return f"filed/{stage.stage_id}/{one.login}"


async def _draft(world: World, stage: Stage, one: Applicant) -> str:
    """Fill in the form and attach the evidence; returns the case's id."""
    person, rules = world.person(one.login), world.rules(stage.category_key)
    case = await person.post(
        f"{_API}/applications",
        {
            "stage_id": stage.stage_id,
            "enterprise_id": str(derived_id("enterprise", one.credit_code)),
            "variant": one.variant if isinstance(one, InventedEnterprise) else None,
            "title": one.title if isinstance(one, InventedEnterprise) else None,
        },
        key=act_key("open", stage.stage_id, one.login),
    )
    case_id: str = case["case_id"]
    path = f"{_API}/applications/{case_id}"
    figures = one.figures if isinstance(one, InventedEnterprise) else one.actual_figures
    await person.put(f"{path}/figures", {"figures": figures}, key=act_key("figures", case_id))
    await attach(world, person, case_id, await evidence_file(one, rules), list(figures))
    return case_id


async def _submit(world: World, stage: Stage, one: Applicant, case_id: str) -> None:
    """Submit; one after the other, so that every rehearsal gives the same numbers."""
    consents = world.rules(stage.category_key).subject_kind == "person"
    body = {"statement_version": STATEMENT_VERSION, "confirmed": True, "name_consent": consents}
    path = f"{_API}/applications/{case_id}/submit"
    receipt = await world.person(one.login).post(path, body, key=act_key("submit", case_id))
    world.kept.setdefault("receipts", {})[case_id] = receipt
    world.kept.setdefault("applicants", {})[case_id] = one.login
    world.done.add(_filed(stage, one))


async def evidence_file(one: Applicant, rules: Category, *, again: bool = False) -> tuple[str, str, bytes]:
    """Name, kind and bytes of the generated file of a filing: of the required kind, where there is one."""
    kind = next((kind for kind in rules.evidence if kind.required), rules.evidence[0])
    if isinstance(one, PublishedEnterprise):
        return f"演练-{one.form}.xlsx", kind.id, await asyncio.to_thread(published_workbook, one, rules)
    name = f"演练-{kind.label}{'（更正）' if again else ''}.pdf"
    return name, kind.id, await asyncio.to_thread(invented_pdf, one, kind.label, rules, again=again)


async def attach(
    world: World, person: Person, case_id: str, file: tuple[str, str, bytes], figures: list[str]
) -> dict[str, Any]:
    """Announce a file, post it to the file origin, have it checked and locked."""
    name, kind, content = file
    path = f"{_API}/applications/{case_id}"
    body = {"name": name, "kind": kind, "size": len(content), "figures": figures, "page": 1}
    upload = await person.post(f"{path}/evidence", body, key=act_key("announce", path, name))
    finalise = f"{path}/evidence/{upload['evidence_id']}/finalise"
    response = await world.anybody(
        "POST", upload["upload_url"], data=upload["fields"], files={"file": (name, content, "application/octet-stream")}
    )
    if response.is_error:
        raise OutOfPatience(f"upload of {name}: {response.status_code} {response.text[:300]}")
    kept: dict[str, Any] = await person.post(finalise, key=act_key("finalise", upload["evidence_id"]))
    world.kept.setdefault("evidence", {})[kept["evidence_id"]] = (case_id, kept["sha256"], sha256(content).hexdigest())
    return kept


async def _own_case(world: World, stage: Stage, one: InventedEnterprise) -> dict[str, Any]:
    cases = await world.person(one.login).get(f"{_API}/applications")
    case: dict[str, Any] = next(case for case in cases if case["category_id"] == stage.category_id)
    return case


async def _rectify(world: World, one: InventedEnterprise, case: dict[str, Any]) -> None:
    """Give the claimed figures again and a corrected file, as far as they were named."""
    person, path = world.person(one.login), f"{_API}/applications/{case['case_id']}"
    view = await person.get(path)
    named = {item["field"] for item in view["rectification"]["items"]}
    figures = {fact: value for fact, value in one.figures.items() if fact in named}
    if figures:
        await person.put(f"{path}/figures", {"figures": figures}, key=act_key("figures again", case["case_id"]))
    name, kind, content = await evidence_file(one, world.rules(case["category_key"]), again=True)
    if kind in named:
        await attach(world, person, case["case_id"], (name, kind, content), [])
    await person.post(f"{path}/resubmit", key=act_key("resubmit", case["case_id"]))


async def _withdraw(world: World, stage: Stage, one: InventedEnterprise) -> None:
    case = await _own_case(world, stage, one)
    path = f"{_API}/applications/{case['case_id']}/withdraw"
    await world.person(one.login).post(
        path, {"reason": "演练：申报单位自愿撤回"}, key=act_key("withdraw", case["case_id"])
    )
