"""After the account, where everything is left running: the next year has begun, and whoever looks around finds work.

An enterprise has begun to file, the media may nominate, filings wait at the desk, a department is asked about one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from deploy.rehearsal.driver.cast import QINGDAO
from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.driver.clock import Clock, until
from deploy.rehearsal.driver.enterprises import file_one
from deploy.rehearsal.driver.prologue import AWARD_YEAR
from deploy.rehearsal.driver.public import post
from deploy.rehearsal.driver.world import Stage, World
from deploy.rehearsal.invented import MODEL, NEW_QUALITY, InventedEnterprise
from deploy.rehearsal.other_categories import EVENT
from shared.kernel.ids import derived_id
from shared.rulebook import StageKind
from shared.rulebook.stages import ConsultationStage

TITLE: Final = f"{AWARD_YEAR + 1}年度青岛经济成就（演练）"
FILINGS: Final = 3
"""How many wait at the desk."""
_RELEASED_BY: Final = datetime(AWARD_YEAR + 2, 5, 28, 1, tzinfo=UTC)
_EXTENDED_BY_DAYS: Final = 15
"""So that even the shortest of the first terms outlasts the one that ends."""
_FIRST_STAGES: Final = 3
_ASKED: Final = "dept1"
_SECONDS: Final = 120.0


async def open_next_year(world: World, clock: Clock) -> dict[str, str]:
    """Open the next year's cycle and bring work to it; returns what awaits whom, by login."""
    await _open_cycle(world)
    await _until_open(world, clock)
    draft = await _begin_filing(world)
    window = _window(world, NEW_QUALITY)
    filed = [await file_one(world, window, one) for one in _plain(world)[1 : FILINGS + 1]]
    await _end_window(world, clock)
    await _ask_department(world, filed[0])
    return {
        draft: "下一年度正在申报，草稿待填写",
        "office1": f"下一年度有{len(filed)}件申报待初审",
        _ASKED: "下一年度有一项调查待答复",
        "media1": "下一年度正在提名",
    }


async def _open_cycle(world: World) -> None:
    office = world.person("office1")
    books = await office.get("/api/office/rulebooks")
    body = {
        "rulebook_id": QINGDAO,
        "rulebook_digest": next(book["digest"] for book in books if book["rulebook_id"] == QINGDAO),
        "year": AWARD_YEAR + 1,
        "title": TITLE,
        "categories": [EVENT, MODEL, NEW_QUALITY],
        "accept_unconfirmed_reason": "演练：按随附读法执行，正式启动前由解释决定确认",
    }
    cycle = await office.post("/api/office/cycles", body, key=act_key("cycle", QINGDAO, TITLE))
    path, key = f"/api/office/cycles/{cycle['cycle_id']}/release-date", act_key("release date", TITLE)
    await office.post(path, {"release_at": _RELEASED_BY.isoformat()}, key=key)


async def _until_open(world: World, clock: Clock) -> None:
    """Post the call on a working day; returns when all first stages run."""

    async def posted() -> bool:
        await _look(world, clock)
        first = _first_stages(world)
        if len(first) == _FIRST_STAGES and all(stage.closes_at for stage in first):
            return True
        await post(world)
        if world.wishes:
            await clock.move_to(min(world.wishes))
        return False

    await until(posted, _SECONDS, "the call of the next year does not open")


async def _look(world: World, clock: Clock) -> None:
    await clock.settle(rounds=1)
    world.now = clock.now
    await world.look()


def _first_stages(world: World) -> list[Stage]:
    return [*world.stages("application_window"), *world.stages("nomination")]


def _window(world: World, key: str) -> Stage:
    return next(stage for stage in world.stages("application_window") if stage.category_key == key)


def _plain(world: World) -> list[InventedEnterprise]:
    """Who filed this year and had no part of their own, in the category that every cast has."""
    return [one for one in world.cast.applicants(NEW_QUALITY) if one.login not in world.cast.parts]


async def _begin_filing(world: World) -> str:
    """Somebody begins a draft in the other category; returns who."""
    stage, one = _window(world, MODEL), _plain(world)[0]
    body = {
        "stage_id": stage.stage_id,
        "enterprise_id": str(derived_id("enterprise", one.credit_code)),
        "variant": world.rules(MODEL).variants[0].id,
    }
    await world.person(one.login).post("/api/submission/applications", body, key=act_key("open", stage.stage_id))
    return one.login


async def _end_window(world: World, clock: Clock) -> None:
    """The window of those who filed ends with its term, the other first stages are extended before that."""
    ends = _window(world, NEW_QUALITY)
    for stage in _first_stages(world):
        if stage.stage_id != ends.stage_id:
            await _extend(world, stage)
    assert ends.closes_at is not None
    end = ends.closes_at

    async def extended() -> bool:
        await _look(world, clock)
        return all(
            one.closes_at and one.closes_at > end for one in _first_stages(world) if one.category_key != NEW_QUALITY
        )

    async def screening() -> bool:
        await _look(world, clock)
        return any(stage.category_key == NEW_QUALITY for stage in world.stages("screening"))

    await until(extended, _SECONDS, "the terms of the next year are not extended")
    await clock.move_to(end + timedelta(minutes=1))
    await until(screening, _SECONDS, "the screening of the next year does not begin")


async def _extend(world: World, stage: Stage) -> None:
    body = {"change": "extend", "days": _EXTENDED_BY_DAYS, "reason": "演练：延长期限，便于继续体验"}
    path = f"/api/office/stages/{stage.stage_id}/changes"
    await world.person("office1").post(path, body, key=act_key("extend", stage.stage_id))


async def _ask_department(world: World, case_id: str) -> None:
    consulted = world.rules(NEW_QUALITY).stage(StageKind.CONSULTATION)
    assert isinstance(consulted, ConsultationStage)
    body = {
        "department_id": str(derived_id("department", consulted.params.departments[0])),
        "question": "演练：请核实该企业近三年有无行政处罚。",
    }
    path = f"/api/submission/cases/{case_id}/investigation-requests"
    await world.person("office1").post(path, body, key=act_key("ask", case_id))
