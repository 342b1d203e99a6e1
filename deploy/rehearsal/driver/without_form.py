"""Categories without an application form: media nominate events and the public votes; data are taken in."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from deploy.rehearsal.driver.client import Refused, act_key
from deploy.rehearsal.driver.world import Stage, World

_API: Final = "/api/submission"
_POLLS: Final = "/api/publication/polls"
_MEDIA: Final = ("media1", "media2", "media3")
_CLOSING_DAY: Final = 4
"""The office keeps the nominations on the fifth counted day."""
VOTING_DAYS: Final = 4
VOTES_A_DAY: Final = 5
"""One network address gets five votes in ten minutes, and the rehearsal has one address."""


async def nominate(world: World) -> bool:
    """The media nominate in turn; when the number is reached the office ends the nomination."""
    acted = False
    for stage in world.stages("nomination"):
        acted |= await world.once(f"nominated/{stage.stage_id}", _nominate, world, stage)
        days = stage.counted_days
        if days and world.wish_on(date.fromisoformat(days[_CLOSING_DAY])):
            acted |= await world.once(f"ended/{stage.stage_id}", _end, world, stage)
    return acted


async def take_in(world: World) -> bool:
    """The office takes in what its source holds, and ends the intake."""
    acted = False
    for stage in world.stages("intake"):
        if world.office_hours():
            acted |= await world.once(f"taken in/{stage.stage_id}", _take_in, world, stage)
            acted |= await world.once(f"ended/{stage.stage_id}", _end, world, stage)
    return acted


async def vote(world: World) -> bool:
    """On its first days the public votes, as often as one address may."""
    acted = False
    for stage in world.stages("public_vote"):
        for place, day in enumerate(stage.counted_days[:VOTING_DAYS]):
            mark = f"voted/{stage.stage_id}/{place}"
            if mark not in world.done:
                if world.wish_on(date.fromisoformat(day)):
                    acted |= await world.once(mark, _vote, world, stage, place)
                break
    return acted


async def _nominate(world: World, stage: Stage) -> None:
    for event in world.cast.events:
        medium = world.person(_MEDIA[event.number % len(_MEDIA)])
        body = {"title": event.title, "figures": event.figures}
        path = f"{_API}/nominations/{stage.stage_id}"
        await medium.post(path, body, key=act_key("nominate", stage.stage_id, event.number))


async def _take_in(world: World, stage: Stage) -> None:
    intake = world.cast.intakes[stage.category_key]
    body = {"source": intake.source, "subjects": intake.rows}
    path = f"{_API}/intake/{stage.stage_id}/subjects"
    await world.person("office1").post(path, body, key=act_key("intake", stage.stage_id))


async def _end(world: World, stage: Stage) -> None:
    path = f"{_API}/stages/{stage.stage_id}/close"
    await world.person("office1").post(path, key=act_key("end", stage.stage_id))


async def _vote(world: World, stage: Stage, day: int) -> None:
    poll = (await world.anybody("GET", f"{_POLLS}/{stage.stage_id}")).json()
    numbers = [one["number"] for one in poll["candidates"]]
    for voter in range(VOTES_A_DAY):
        token = await _given(world, stage, "tokens", {}, act_key("token", stage.stage_id, day, voter))
        turn = (day * VOTES_A_DAY + voter) % len(numbers)
        chosen = (numbers[turn:] + numbers[:turn])[: 1 + (poll["choices"] - 1) * (voter + 1) // VOTES_A_DAY]
        body = {"token": token["token"], "choices": chosen}
        receipt = await _given(world, stage, "votes", body, act_key("vote", stage.stage_id, day, voter))
        world.kept.setdefault("votes", {}).setdefault(stage.category_id, []).append(receipt["receipt"])


async def _given(world: World, stage: Stage, what: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    path = f"{_POLLS}/{stage.stage_id}/{what}"
    response = await world.anybody("POST", path, json=body, headers={"Idempotency-Key": key})
    if response.is_error:
        raise Refused(response.status_code, response.json(), path)
    answer: dict[str, Any] = response.json()
    return answer
