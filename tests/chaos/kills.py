"""Who kills what while a year is rehearsed: random processes by a seed, and services at named points."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.rehearsal.driver.client import Traffic
from deploy.stack import SERVICES, Stack, StackRefusal
from shared.infra.killpoints import POINTS

SERVERS = ("postgres", "nats", "temporal", "s3-volume", "s3-filer", "s3", "caddy")
RECOVERY_SECONDS = 120.0
ORDER_SECONDS = 3.0


@dataclass
class Kills:
    """What was killed, in order."""

    done: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        self.done.append(what)
        print(f"killed {what} ({len(self.done)})", flush=True)


async def kill_at_random(
    stack: Stack, kills: Kills, traffic: Traffic, *, seed: int, requests: tuple[int, int], most: int = 1000
) -> None:
    """SIGKILL a part each time so many more requests were answered, and wait until it is back.

    Counting answers instead of seconds keeps the kills as dense on a slow machine as on a fast one.
    """
    dice = random.Random(seed)
    following = dice.randint(*requests)
    while len(kills.done) < most:
        if traffic.requests < following:
            await asyncio.sleep(0.02)
            continue
        part = dice.choice((*SERVERS, *SERVICES, *SERVICES))
        with suppress(StackRefusal):  # it is still on its way up: somebody else is next
            pid = await asyncio.to_thread(stack.kill, part)
            kills.note(part)
            await asyncio.to_thread(stack.wait_ready, part, seconds=RECOVERY_SECONDS, other_than=pid)
        following = traffic.requests + dice.randint(*requests)


async def kill_at_points(
    stack: Stack, kills: Kills, folder: Path, traffic: Traffic, *, seed: int, requests: tuple[int, int]
) -> None:
    """For ever: a service dies at a named point, as soon as it gets there; then the next, every pair in turn.

    Between two kills so many requests are answered: a year in which everybody is always dead would prove nothing.
    """
    dice = random.Random(seed)
    waiting = [(service, point) for service in SERVICES for point in POINTS]
    dice.shuffle(waiting)
    following = dice.randint(*requests)
    while True:
        if traffic.requests < following:
            await asyncio.sleep(0.02)
            continue
        service, point = waiting.pop(0)
        waiting.append((service, point))
        row = await asyncio.to_thread(stack.wait_ready, service, seconds=RECOVERY_SECONDS)
        order = folder / f"{service}.{point}"
        order.touch()
        if await _carried_out(order):
            kills.note(f"{service} at {point}")
            await asyncio.to_thread(stack.wait_ready, service, seconds=RECOVERY_SECONDS, other_than=row.pid)
            following = traffic.requests + dice.randint(*requests)


async def _carried_out(order: Path) -> bool:
    """Whether somebody got to the point in time; an order nobody carried out is taken back."""
    deadline = asyncio.get_running_loop().time() + ORDER_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if not order.exists():
            return True
        await asyncio.sleep(0.05)
    try:
        order.unlink()
    except FileNotFoundError:
        return True
    return False
