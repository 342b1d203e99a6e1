"""The whole system is lost in the middle of the year and laid down from a backup: the year goes on to its end."""

import asyncio
import shutil
from pathlib import Path

import pytest

from deploy.backup.making import back_up
from deploy.backup.restoring import restore
from deploy.rehearsal.driver import play
from deploy.rehearsal.driver.cast import small_cast
from deploy.rehearsal.driver.world import World
from deploy.rehearsal.run import rehearse
from deploy.stack import Stack

KINDS = ("application_window", "panel_review", "publicity")


@pytest.mark.deep
async def test_a_year_restored_from_a_backup_in_the_middle_of_its_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def lose_and_restore(kind: str) -> None:
        folder = tmp_path / f"backups-{kind}"
        made = back_up(stack, folder, print)
        lives[-1].stop()
        shutil.rmtree(stack.data.root)
        lives.append(restore(folder / made.name, stack.data, print))
        assert lives[-1].birth.ports == addresses, "somebody took an address meanwhile"

    async def lost(world: World) -> bool:
        """An actor of its own, before all others: the first time a stage of a kind is open, all is lost."""
        running = {stage.kind for one in world.categories() for stage in one.stages if stage.running}
        for kind in [kind for kind in KINDS if kind in running and kind not in done][:1]:
            await asyncio.to_thread(lose_and_restore, kind)
            done.append(kind)
            return True
        return False

    monkeypatch.setattr(play, "ACTORS", (("全部恢复", lost), *play.ACTORS))
    stack = Stack(tmp_path / "data", profile="rehearsal")
    lives = [stack]
    try:
        stack.start()
        addresses = stack.birth.ports
        assert await rehearse(stack, cast=small_cast(), started=0.0, keep=False)
    finally:
        lives[-1].stop()
    assert sorted(done) == sorted(KINDS)
