"""Cold start to the first accepted filing, and idle memory, of the whole stack: printed with their budgets.

Times are information (they depend on what else the machine does); the memory gate of 2 GiB decides.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.rehearsal.driver import enterprises, public
from deploy.rehearsal.driver.cast import QINGDAO, Cast, small_cast
from deploy.rehearsal.driver.prologue import open_cycles, prepare
from deploy.rehearsal.driver.world import World
from deploy.rehearsal.run import build_world
from deploy.stack import Stack

CATEGORY = "new_quality_pioneer"
IDLE_SECONDS = 60
MIB = 1024 * 1024


def two_applicants() -> Cast:
    """Only one category with two applicants: one files on the first day, one after the restart."""
    cast = small_cast()
    chosen = tuple(one for one in cast.invented if one.category_key == CATEGORY)[:2]
    return replace(cast, giants=(), experts=(), invented=chosen, categories={QINGDAO: (CATEGORY,)})


def only(cast: Cast, number: int) -> Cast:
    return replace(cast, invented=(cast.invented[number],))


async def first_filing(world: World, number: int, *, open_first: bool) -> None:
    """From a ready stack to an accepted filing of the applicant of that number."""
    everybody = world.cast
    if open_first:
        await prepare(world)
        await open_cycles(world)
    world.cast = only(everybody, number)
    deadline = time.monotonic() + 60
    while not world.kept.get("receipts"):
        assert time.monotonic() < deadline, "nobody could file"
        await world.look()
        await public.post(world)
        await enterprises.file_applications(world)
        await asyncio.sleep(0.05)
    world.cast = everybody
    await world.close()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench") / "data"


@pytest.fixture(scope="module")
def running(directory: Path) -> Iterator[Stack]:
    """A stack on an initialised directory, measured while it comes up."""
    stack = Stack(directory, profile="rehearsal")
    try:
        began = time.monotonic()
        stack.start()
        report("first start ever: servers and services ready", time.monotonic() - began, None)
        asyncio.run(first_filing(world_of(stack), 0, open_first=True))
        report("first start ever → first accepted filing", time.monotonic() - began, 45)
        stack.stop()
        began = time.monotonic()
        stack.start()
        report("cold start: servers and services ready", time.monotonic() - began, None)
        asyncio.run(first_filing(world_of(stack), 1, open_first=False))
        report("cold start → first accepted filing", time.monotonic() - began, 15)
        yield stack
    finally:
        stack.stop()


def world_of(stack: Stack) -> World:
    return build_world(stack, cast=two_applicants())


def report(what: str, seconds: float, budget: float | None) -> None:
    verdict = "" if budget is None else f"  (budget {budget:.0f} s: {'met' if seconds <= budget else 'MISSED'})"
    print(f"\n{what}: {seconds:.1f} s{verdict}", end="", flush=True)


def test_idle_memory_stays_below_the_gate(running: Stack) -> None:
    time.sleep(IDLE_SECONDS)

    rows = running.status(memory=True)

    for row in rows:
        print(f"\n  {row.part:<12} {row.memory / MIB:7.1f} MiB", end="")
    total = sum(row.memory for row in rows)
    print(f"\nidle memory after {IDLE_SECONDS} s (summed PSS): {total / MIB:.0f} MiB (goal 1536, gate 2048)")
    assert total < 2048 * MIB
