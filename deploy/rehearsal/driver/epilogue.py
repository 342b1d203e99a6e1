"""After the account, where everything is left running: the next year's call is open, and an enterprise has begun to
file, so that there is work to do."""

from __future__ import annotations

from typing import Final

from deploy.rehearsal.driver.cast import QINGDAO
from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.driver.clock import Clock, until
from deploy.rehearsal.driver.prologue import AWARD_YEAR
from deploy.rehearsal.driver.public import post
from deploy.rehearsal.driver.world import World
from deploy.rehearsal.invented import NEW_QUALITY
from shared.kernel.ids import derived_id

TITLE: Final = f"{AWARD_YEAR + 1}年度青岛经济成就（演练）"
_SECONDS: Final = 120.0


async def open_next_year(world: World, clock: Clock) -> None:
    """Open the next cycle with one category and post its call on a working day; returns when its window is open."""
    books = await world.person("office1").get("/api/office/rulebooks")
    body = {
        "rulebook_id": QINGDAO,
        "rulebook_digest": next(book["digest"] for book in books if book["rulebook_id"] == QINGDAO),
        "year": AWARD_YEAR + 1,
        "title": TITLE,
        "categories": [NEW_QUALITY],
        "accept_unconfirmed_reason": "演练：按随附读法执行，正式启动前由解释决定确认",
    }
    await world.person("office1").post("/api/office/cycles", body, key=act_key("cycle", QINGDAO, TITLE))

    async def posted() -> bool:
        await clock.settle(rounds=1)
        world.now = clock.now
        await world.look()
        if any(stage.closes_at for stage in world.stages("application_window")):
            return True
        await post(world)
        if world.wishes:
            await clock.move_to(min(world.wishes))
        return False

    await until(posted, _SECONDS, "the call of the next year does not open")


async def begin_filing(world: World) -> str:
    """An invented enterprise that filed this year begins a draft in the open window; returns its login."""
    stage = next(stage for stage in world.stages("application_window") if stage.closes_at)
    one = next(one for one in world.cast.applicants(NEW_QUALITY) if one.login not in world.cast.parts)
    enterprise_id = str(derived_id("enterprise", one.credit_code))
    body = {"stage_id": stage.stage_id, "enterprise_id": enterprise_id, "variant": one.variant, "title": one.title}
    await world.person(one.login).post("/api/submission/applications", body, key=act_key("open", stage.stage_id))
    return one.login
