"""A rehearsed year keeps every promise while its servers and services are killed."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.rehearsal.driver.cast import Cast, full_cast, small_cast
from deploy.rehearsal.driver.client import Traffic
from deploy.rehearsal.run import rehearse
from deploy.stack import Stack
from tests.chaos.kills import Kills, kill_at_points, kill_at_random
from tests.programme.green_workshops import RULEBOOKS, installed, joined_by, require_both_listed


async def _rehearse(
    stack: Stack, killing: Coroutine[None, None, None], *, cast: Cast, traffic: Traffic | None = None
) -> bool:
    """Play the year and print its account; the killing ends with the year."""
    killer = asyncio.create_task(killing)
    try:
        return await rehearse(stack, cast=cast, started=0.0, keep=False, played=killer.cancel, traffic=traffic)
    finally:
        killer.cancel()
        with suppress(asyncio.CancelledError):
            await killer


async def test_a_short_year_of_three_programmes_under_a_few_kills(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The third is nothing but a YAML file (`tests/programme`)."""
    kills, traffic, settings = Kills(), Traffic(), {"FANGBANG_RULEBOOKS_DIR": str(RULEBOOKS)}
    with installed(), Stack(tmp_path / "data", profile="rehearsal", settings=settings) as stack:
        killing = kill_at_random(stack, kills, traffic, seed=2026, requests=(120, 300), most=6)
        assert await _rehearse(stack, killing, cast=joined_by(small_cast()), traffic=traffic)
    require_both_listed(capsys.readouterr().out)
    assert len(kills.done) >= 5


@pytest.mark.deep
async def test_a_whole_year_under_forty_kills(tmp_path: Path) -> None:
    kills, traffic = Kills(), Traffic()
    with Stack(tmp_path / "data", profile="rehearsal") as stack:
        killing = kill_at_random(stack, kills, traffic, seed=20260105, requests=(20, 90))
        assert await _rehearse(stack, killing, cast=full_cast(), traffic=traffic)
    assert len(kills.done) >= 40


@pytest.mark.deep
async def test_a_whole_year_under_forty_kills_at_named_points(tmp_path: Path) -> None:
    kills, traffic, orders = Kills(), Traffic(), tmp_path / "orders"
    orders.mkdir()
    with Stack(tmp_path / "data", profile="rehearsal", settings={"FANGBANG_KILL_DIR": str(orders)}) as stack:
        killing = kill_at_points(stack, kills, orders, traffic, seed=2026, requests=(10, 40))
        assert await _rehearse(stack, killing, cast=full_cast(), traffic=traffic)
    assert len(kills.done) >= 40
    assert len(set(kills.done)) >= 30
