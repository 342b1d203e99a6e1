"""One rehearsal on a running stack: prologue, the year, the account of what came out."""

from __future__ import annotations

import time

from deploy.rehearsal.driver.cast import full_cast, small_cast
from deploy.rehearsal.driver.clock import Clock
from deploy.rehearsal.driver.play import play
from deploy.rehearsal.driver.progress import Progress
from deploy.rehearsal.driver.prologue import open_cycles, prepare
from deploy.rehearsal.driver.world import World
from deploy.stack import Stack
from shared.infra.rulebooks import load_shipped


def build_world(stack: Stack, *, small: bool) -> World:
    """The people and addresses of a running stack."""
    return World(
        origin=stack.birth.page_origin,
        file_origin=stack.birth.file_origin,
        password=stack.keys.seed_password,
        rulebooks=load_shipped(),
        cast=small_cast() if small else full_cast(),
    )


async def rehearse(stack: Stack, *, small: bool, started: float, keep: bool) -> bool:
    """Play the year and print the account; returns whether every promise held."""
    world = build_world(stack, small=small)
    try:
        with Progress() as progress:
            clock = Clock(world.person("operator1"), progress.waiting)
            timings = {"启动": started}
            began = time.monotonic()
            await prepare(world)
            progress.say(f"账号、企业登记、专家入库完成（{len(world.cast.giants) + len(world.cast.invented)}家企业）")
            await open_cycles(world)
            timings["准备"] = time.monotonic() - began
            began = time.monotonic()
            await play(world, clock, progress)
            timings["演练一年"] = time.monotonic() - began
        return True
    finally:
        await world.close()
