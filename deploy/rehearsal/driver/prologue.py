"""Before the year begins: people invited, enterprises registered, the pools of experts, the two cycles.

Invented enterprises register themselves; the published ones are entered by the office, for no facts about them are
invented, not even a contact.
"""

from __future__ import annotations

from typing import Any, Final

from deploy.rehearsal.driver.cast import GIANT_BOOK, QINGDAO
from deploy.rehearsal.driver.client import Refused, act_key, answer_of
from deploy.rehearsal.driver.panel import custody_passphrase
from deploy.rehearsal.driver.world import World
from deploy.rehearsal.invented import InventedEnterprise, InventedExpert
from deploy.rehearsal.published import PublishedEnterprise

TITLES: Final = {GIANT_BOOK: "重点“小巨人”企业绩效自评（演练）", QINGDAO: "2025年度青岛经济成就（演练）"}
AWARD_YEAR: Final = 2025
CUSTODIANS: Final = {"office1": "办公室甲", "supervisor1": "监督员", "chair1": "审查委员会主任"}


async def prepare(world: World) -> None:
    """Make everybody known; safe to repeat."""
    await world.together(_published(world, one) for one in world.cast.giants)
    await world.together(_registers(world, one) for one in world.cast.invented)
    await world.together(_invite(world, one.login, one.name, "expert", login=one.login) for one in world.cast.experts)
    recorded = await world.together(_pool(world, one) for one in world.cast.experts)
    approved = {"expert_ids": sorted(recorded)}
    await world.person("office2").post(
        "/api/review/experts/approve", approved, key=act_key("approve", *sorted(recorded))
    )
    await world.together(_holds_share(world, login, name) for login, name in CUSTODIANS.items())


async def open_cycles(world: World) -> None:
    """The office opens both programmes, taking the unconfirmed readings for a stated reason (article 25)."""
    office = world.person("office1")
    books = {book["rulebook_id"]: book for book in await office.get("/api/office/rulebooks")}
    for rulebook_id, categories in world.cast.categories.items():
        body = {
            "rulebook_id": rulebook_id,
            "rulebook_digest": books[rulebook_id]["digest"],
            "year": AWARD_YEAR,
            "title": TITLES.get(rulebook_id) or f"{world.rulebooks[rulebook_id].short_title}（演练）",
            "categories": list(categories),
            "accept_unconfirmed_reason": "演练：按随附读法执行，正式启动前由解释决定确认",
        }
        await office.post("/api/office/cycles", body, key=act_key("cycle", rulebook_id))


async def _published(world: World, one: PublishedEnterprise) -> None:
    """The office enters the enterprise, the security administrator invites whoever acts for it."""
    body = {"name": one.current_name, "credit_code": one.credit_code}
    await world.person("office1").post("/api/submission/enterprises", body, key=act_key("register", one.credit_code))
    await _invite(world, one.login, one.current_name, "enterprise", enterprises=[one.credit_code])


async def _registers(world: World, one: InventedEnterprise) -> None:
    """The enterprise registers, the office confirms, the contact sets up the account."""
    body = {
        "credit_code": one.credit_code,
        "name": one.name,
        "industry": one.industry,
        "district": one.district,
        "ownership": one.ownership,
        "contact": f"{one.name}经办人",
        "mobile": "13800000000",
        "email": f"{one.login}@example.com",
    }
    asked = await _openly(world, "/api/office/registrations", body, key=act_key("registration", one.credit_code))
    path = f"/api/office/registrations/{asked['registration_id']}/confirm"
    await world.person("office1").post(path, key=act_key("confirm registration", one.credit_code))
    link = str(asked["url"]).rsplit("/", 1)[1]
    followed = await world.anybody("GET", "/api/office/registrations/own", params={"link": link})
    await _accept(world, followed.raise_for_status().json()["set_up"], one.login)


async def _invite(world: World, accepted_as: str, name: str, role: str, **more: Any) -> None:
    body = {"display_name": name, "roles": [role], **more}
    invited = await world.person("security1").post("/api/office/invitations", body, key=act_key("invite", accepted_as))
    await _accept(world, invited["url"], accepted_as)


async def _accept(world: World, url: str, login: str) -> None:
    """Set up the account; a link that is used up was accepted before an outage swallowed the answer."""
    body = {"link": url.rsplit("/", 1)[1], "login": login, "password": world.password}
    try:
        await _openly(world, "/api/office/invitations/accept", body, key=act_key("accept", login))
    except Refused as refused:
        if refused.code != "dead_link":
            raise


async def _openly(world: World, path: str, body: dict[str, Any], *, key: str) -> Any:
    response = await world.anybody("POST", path, json=body, headers={"Idempotency-Key": key})
    return answer_of(response, f"POST {path}")


async def _holds_share(world: World, login: str, name: str) -> None:
    """A custodian sets the passphrase under which the shares of panels' keys will lie."""
    await world.person(login).be_fresh()
    body = {"name": name, "passphrase": custody_passphrase(world, login)}
    await world.person(login).post("/api/review/custody", body, key=act_key("custody", login))


async def _pool(world: World, one: InventedExpert) -> str:
    body = {"login": one.login, "name": one.name, "pool": one.pool, "employer": one.unit}
    answer = await world.person("office1").post("/api/review/experts", body, key=act_key("pool", one.login))
    return str(answer["expert_id"])
