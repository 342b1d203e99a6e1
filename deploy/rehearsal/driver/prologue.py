"""Before the year begins: accounts, the register of enterprises, the pools of experts, the two cycles."""

from __future__ import annotations

from typing import Any, Final

from deploy.rehearsal.driver.cast import GIANT_BOOK, QINGDAO
from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.driver.world import World
from deploy.rehearsal.invented import InventedEnterprise, InventedExpert
from deploy.rehearsal.published import PublishedEnterprise

TITLES: Final = {GIANT_BOOK: "重点“小巨人”企业绩效自评（演练）", QINGDAO: "2025年度青岛经济成就（演练）"}
AWARD_YEAR: Final = 2025


async def prepare(world: World) -> None:
    """Make everybody known; safe to repeat."""
    applicants: list[PublishedEnterprise | InventedEnterprise] = [*world.cast.giants, *world.cast.invented]
    await world.together(_account(world, one.login, _name(one), "enterprise", one.credit_code) for one in applicants)
    await world.together(_account(world, one.login, one.name, "expert") for one in world.cast.experts)
    await world.together(_register(world, one) for one in applicants)
    await world.together(_pool(world, one) for one in world.cast.experts)


async def open_cycles(world: World) -> None:
    """The office opens both programmes, taking the unconfirmed readings for a stated reason (article 25)."""
    office = world.person("office1")
    books = {book["rulebook_id"]: book for book in await office.get("/api/office/rulebooks")}
    for rulebook_id, categories in world.cast.categories.items():
        body = {
            "rulebook_id": rulebook_id,
            "rulebook_digest": books[rulebook_id]["digest"],
            "year": AWARD_YEAR,
            "title": TITLES[rulebook_id],
            "categories": list(categories),
            "accept_unconfirmed_reason": "演练：按随附读法执行，正式启动前由解释决定确认",
        }
        await office.post("/api/office/cycles", body, key=act_key("cycle", rulebook_id))


def _name(one: PublishedEnterprise | InventedEnterprise) -> str:
    return one.current_name if isinstance(one, PublishedEnterprise) else one.name


async def _account(world: World, login: str, name: str, role: str, credit_code: str | None = None) -> None:
    body: dict[str, Any] = {"login": login, "password": world.password, "display_name": name, "roles": [role]}
    if credit_code is not None:
        body["enterprises"] = [credit_code]
    await world.person("security1").post("/api/office/accounts", body, key=act_key("account", login))


async def _register(world: World, one: PublishedEnterprise | InventedEnterprise) -> None:
    body = {"name": _name(one), "credit_code": one.credit_code}
    if isinstance(one, InventedEnterprise):
        body |= {"industry": one.industry, "district": one.district, "ownership": one.ownership}
    await world.person("office1").post("/api/submission/enterprises", body, key=act_key("register", one.credit_code))


async def _pool(world: World, one: InventedExpert) -> None:
    body = {"login": one.login, "name": one.name, "pool": one.pool, "employer": one.unit}
    await world.person("office1").post("/api/review/experts", body, key=act_key("pool", one.login))
