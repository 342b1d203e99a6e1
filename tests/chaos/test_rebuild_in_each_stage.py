"""NATS and Temporal are emptied in the middle of each stage: the year goes on from PostgreSQL, every promise held."""

import asyncio
from pathlib import Path

import pytest

from deploy.rebuild import rebuild_services, running_services, wipe
from deploy.rehearsal.driver import play
from deploy.rehearsal.driver.cast import small_cast
from deploy.rehearsal.driver.world import World
from deploy.rehearsal.run import rehearse
from deploy.stack import Stack

KINDS = (
    "call",
    "evaluation",
    "decision",
    "screening",
    "panel_review",
    "consultation",
    "publicity",
    "application_window",
)
"""Those that end as soon as somebody acts come first, so that none is over before its turn."""


@pytest.mark.deep
async def test_a_year_rebuilt_in_the_middle_of_each_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: set[str] = set()

    async def empty_and_rebuild(world: World) -> bool:
        """An actor of its own, before all others: the first time a stage of a kind is open, everything is wiped."""
        running = {stage.kind for one in world.categories() for stage in one.stages if stage.running}
        for kind in [kind for kind in KINDS if kind in running and kind not in done][:1]:
            await asyncio.to_thread(wipe, stack, print)
            await asyncio.to_thread(rebuild_services, stack, running_services(stack))
            done.add(kind)
            print(f"rebuilt during {kind} ({len(done)})", flush=True)
            return True
        return False

    monkeypatch.setattr(play, "ACTORS", (("清空重建", empty_and_rebuild), *play.ACTORS))
    with Stack(tmp_path / "data", profile="rehearsal") as stack:
        assert await rehearse(stack, cast=small_cast(), started=0.0, keep=False)
    assert done == set(KINDS)
