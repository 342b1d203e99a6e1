"""With NATS and Temporal emptied in the middle of each stage, the year goes on from PostgreSQL and keeps every promise."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.rebuild import rebuild_services, running_services, wipe
from deploy.rehearsal.run import build_world, rehearse
from deploy.stack import Stack

KINDS = frozenset(
    {
        "call",
        "application_window",
        "screening",
        "panel_review",
        "evaluation",
        "decision",
        "consultation",
        "publicity",
    }
)


async def empty_and_rebuild(stack: Stack, done: list[str]) -> None:
    """As soon as a stage of a kind is seen open for the first time: wipe NATS and Temporal, rebuild."""
    world = build_world(stack, small=True)
    try:
        while set(done) != KINDS:
            await world.look()
            running = {stage.kind for one in world.categories() for stage in one.stages if stage.running}
            for kind in sorted(running & KINDS - set(done))[:1]:
                await asyncio.to_thread(wipe, stack, print)
                await asyncio.to_thread(rebuild_services, stack, running_services(stack))
                done.append(kind)
                print(f"rebuilt during {kind} ({len(done)})", flush=True)
            await asyncio.sleep(0.1)
    finally:
        await world.close()


@pytest.mark.deep
async def test_a_year_rebuilt_in_the_middle_of_each_stage(tmp_path: Path) -> None:
    done: list[str] = []
    with Stack(tmp_path / "data", profile="rehearsal") as stack:
        rebuilding = asyncio.create_task(empty_and_rebuild(stack, done))
        held = await rehearse(stack, small=True, started=0.0, keep=False, played=rebuilding.cancel)
        with suppress(asyncio.CancelledError):
            await rebuilding
    assert held
    assert set(done) == KINDS
