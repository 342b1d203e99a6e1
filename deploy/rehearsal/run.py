"""One rehearsal on a running stack: prologue, the year, the account of what came out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console

from deploy.rehearsal.account.gather import gather
from deploy.rehearsal.account.printed import print_account, print_timings
from deploy.rehearsal.account.promises import judge
from deploy.rehearsal.driver.cast import Cast
from deploy.rehearsal.driver.client import Traffic, act_key
from deploy.rehearsal.driver.clock import Clock
from deploy.rehearsal.driver.epilogue import open_next_year
from deploy.rehearsal.driver.play import play
from deploy.rehearsal.driver.progress import Progress
from deploy.rehearsal.driver.prologue import open_cycles, prepare
from deploy.rehearsal.driver.world import World
from deploy.stack import Stack
from shared.infra.rulebooks import load_shipped


def build_world(stack: Stack, *, cast: Cast, traffic: Traffic | None = None) -> World:
    """The people and addresses of a running stack."""
    return World(
        origin=stack.birth.page_origin,
        password=stack.keys.seed_password,
        code_key=stack.keys.seed_code_key,
        rulebooks=load_shipped(),
        cast=cast,
        traffic=traffic or Traffic(),
    )


class Timings(dict[str, float]):
    """Seconds by part."""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Measure a part."""
        began = time.monotonic()
        yield
        self[name] = time.monotonic() - began


async def rehearse(
    stack: Stack,
    *,
    cast: Cast,
    started: float,
    keep: bool,
    played: Callable[[], object] = lambda: None,
    traffic: Traffic | None = None,
) -> bool:
    """Play the year and print the account; returns whether every promise held.

    `keep` also begins the next year, so that whoever looks around finds work, and prints sign-in links.

    `played` is called when the year is over, before the account; `traffic` counts the requests as they are made.
    """
    world, timings = build_world(stack, cast=cast, traffic=traffic), Timings({"启动": started})
    console = Console(width=None if Console().is_terminal else 150)
    try:
        with Progress(console) as progress:
            clock = Clock(world.person("operator1"), progress.waiting)
            with timings.of("准备"):
                await prepare(world)
                await open_cycles(world)
            with timings.of("演练一年"):
                await play(world, clock, progress)
        played()
        with timings.of("核验"):
            outcome = await gather(world, await clock.settle())
            judged = await judge(world, outcome)
        print_account(console, world, outcome, judged)
        print_timings(console, timings, world.traffic, clock.moves)
        awaiting = await open_next_year(world, clock) if keep else None
        await _print_addresses(console, stack, world, awaiting)
        return all(promise.held for promise in judged)
    finally:
        await world.close()


async def _print_addresses(console: Console, stack: Stack, world: World, awaiting: dict[str, str] | None) -> None:
    """Where to look; in a kept stack with a link for each role, and for each login that something awaits."""
    console.rule("地址")
    console.print(f"公开网站  {world.origin}/", highlight=False)
    console.print(f"Temporal  {stack.birth.temporal_ui}", highlight=False)
    if awaiting is None:
        console.print("演练结束，服务已停止；make demo KEEP=1 可保留全部服务逐页查看。", highlight=False)
        return
    for link in await _links(world, awaiting):
        login = link["login"]
        what = "本年度已发布，看结果与回执" if login.startswith("giant") else awaiting.get(login)
        name = f"{link['display_name']}（{login}{f'，{what}' if what else ''}）"
        console.print(f"{name}  {link['url']}", highlight=False, soft_wrap=True)
    console.print(f"停止：.venv/bin/fangbang down --data {stack.data.root}", highlight=False, soft_wrap=True)


async def _links(world: World, logins: Iterable[str]) -> list[dict[str, str]]:
    """A sign-in link for each role, and for each of these logins."""
    path, operator = "/api/office/rehearsal/links", world.person("operator1")
    links: list[dict[str, str]] = await operator.post(path, {}, key=act_key("links"))
    others = sorted(set(logins) - {link["login"] for link in links})
    if not others:
        return links
    return [*links, *await operator.post(path, {"logins": others}, key=act_key("links", *others))]
