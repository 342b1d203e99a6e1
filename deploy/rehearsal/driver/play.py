"""The rehearsed year: actors look and act; when nobody has anything to do, the clock goes on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from deploy.rehearsal.driver import (
    committee,
    departments,
    enterprises,
    ordering,
    panel,
    public,
    screening,
    without_form,
)
from deploy.rehearsal.driver.clock import Clock, NeverQuiet, Pulse, next_instant
from deploy.rehearsal.driver.progress import Progress
from deploy.rehearsal.driver.world import CategoryView, Stage, World

Actor = Callable[[World], Awaitable[bool]]

_STANDSTILL_SECONDS: Final = 60.0

ACTORS: Final[tuple[tuple[str, Actor], ...]] = (
    ("发布公告", public.post),
    ("媒体提名", without_form.nominate),
    ("公众投票", without_form.vote),
    ("数据导入", without_form.take_in),
    ("锁定目标值", screening.lock_targets),
    ("企业申报", enterprises.file_applications),
    ("企业撤回", enterprises.withdraw),
    ("材料初审", screening.screen),
    ("企业整改", enterprises.put_right),
    ("专家组", panel.office_and_chair),
    ("专家", panel.experts),
    ("评议排序", ordering.order_events),
    ("绩效评分", committee.evaluate),
    ("推荐意见", committee.recommend),
    ("指导委员会", committee.decide),
    ("部门答复", departments.reply),
    ("意见裁定", departments.rule),
    ("公众异议", public.object_to_entries),
    ("异议处理", public.rule_on_objections),
    ("递补", committee.fill_seats),
    ("对外发布", public.release),
)


class Standstill(Exception):
    """Nobody has anything to do, nothing falls due, and the year is not over."""


async def play(world: World, clock: Clock, progress: Progress) -> None:
    """Play until every cycle is released."""
    idle_since: float | None = None
    while True:
        before = _progress(await clock.settle(rounds=1))
        world.now = clock.now
        await world.look()
        progress.show(world)
        if await _act(world, progress):
            idle_since = None
            continue
        if over(world):
            return
        pulses = await clock.settle(rounds=2)
        if _progress(pulses) != before:
            continue
        idle_since = idle_since or time.monotonic()
        if await _moved(world, clock, pulses, progress):
            idle_since = None
        elif time.monotonic() - idle_since > _STANDSTILL_SECONDS:
            raise Standstill(_where(world, pulses))


def over(world: World) -> bool:
    """Whether every cycle of the cast is released."""
    return len(world.cycles) == len(world.cast.categories) and all(cycle.state == "released" for cycle in world.cycles)


async def _act(world: World, progress: Progress) -> bool:
    acted = False
    for name, actor in ACTORS:
        progress.waiting(name)
        acted |= await actor(world)
    return acted


async def _moved(world: World, clock: Clock, pulses: list[Pulse], progress: Progress) -> bool:
    """Move the clock on, unless something whose time has come is still to be done."""
    if any(pulse.overdue for pulse in pulses) and not await _overdue_done(clock, progress):
        return False
    instant = next_instant(pulses, world.wishes, clock.now)
    if instant is None:
        return False
    progress.waiting(f"时钟拨到 {instant.astimezone():%m-%d %H:%M}")
    await clock.move_to(max(instant, clock.now + timedelta(seconds=2)))
    return True


async def _overdue_done(clock: Clock, progress: Progress) -> bool:
    progress.waiting("到期事项办理")
    try:
        await clock.patience_for_overdue()
    except NeverQuiet:
        return False
    return True


def _progress(pulses: list[Pulse]) -> int:
    return sum(pulse.progress for pulse in pulses)


def _where(world: World, pulses: list[Pulse]) -> str:
    stages = [_line(category, stage) for category in world.categories() for stage in category.current]
    stuck = [f"{pulse.service}: {', '.join(pulse.stuck)}" for pulse in pulses if pulse.stuck]
    return (
        f"standstill on {world.now:%Y-%m-%d %H:%M}: {'; '.join(stages) or 'no stage runs'}; stuck: {stuck or 'nothing'}"
    )


def _line(category: CategoryView, stage: Stage) -> str:
    stuck = " STUCK" if stage.stuck else ""
    return f"{category.key}/{stage.kind}#{stage.supplement} {stage.state} waits for {stage.waits_for}{stuck}"
