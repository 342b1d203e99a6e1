"""When nothing is under way the rehearsed year goes on: read the five pulses, wait for quiet, move the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from deploy.rehearsal.driver.client import Person, Refused, act_key
from deploy.stack import SERVICES

_POLL: Final = 0.06
_SHARE: Final = 2.0
"""How many times as long as asking took to wait before asking again: those asked have work of their own."""
_QUIET_SECONDS: Final = 180.0
_OVERDUE_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Pulse:
    """How one service stands."""

    service: str
    business_now: datetime
    offset_seconds: int
    under_way: dict[str, int]
    progress: int
    dead_letters: int
    earliest_due: datetime | None
    overdue: int
    stuck: tuple[str, ...]

    @classmethod
    def read(cls, answer: dict[str, Any]) -> Pulse:
        """A pulse as answered."""
        waits = ("outbox", "unnumbered", "unstored", "inbox", "activities")
        return cls(
            service=answer["service"],
            business_now=datetime.fromisoformat(answer["business_now"]),
            offset_seconds=answer["offset_seconds"],
            under_way={name: answer[name] for name in waits if answer[name]},
            progress=answer["progress"],
            dead_letters=answer["dead_letters"],
            earliest_due=datetime.fromisoformat(answer["earliest_due"]) if answer["earliest_due"] else None,
            overdue=answer["overdue"],
            stuck=tuple(answer["stuck"]),
        )


class NeverQuiet(Exception):
    """Something stayed under way for three minutes; says where."""


class Clock:
    """The operator's hand on the rehearsal clock."""

    def __init__(self, operator: Person, show: Callable[[str], None]) -> None:
        self._operator = operator
        self._show = show
        self.moves = 0
        self.waited = 0.0
        self.now = datetime.fromisoformat("2026-01-05T01:00:00+00:00")

    async def pulses(self) -> list[Pulse]:
        """The pulses of the five services, asked at once."""
        answers = await asyncio.gather(*(self._operator.get(f"/api/{name}/pulse") for name in SERVICES))
        pulses = [Pulse.read(answer) for answer in answers]
        self.now = max(pulse.business_now for pulse in pulses)
        return pulses

    async def settle(self, *, rounds: int = 2) -> list[Pulse]:
        """Wait until all are quiet `rounds` times in a row with equal progress.

        Raises:
            NeverQuiet: after three minutes.
        """
        began, equal, before = time.monotonic(), 0, -1
        while True:
            asked = time.monotonic()
            pulses = await self.pulses()
            took = time.monotonic() - asked
            busy = {pulse.service: pulse.under_way for pulse in pulses if pulse.under_way}
            progress = sum(pulse.progress for pulse in pulses)
            equal = equal + 1 if not busy and progress == before else 0
            before = progress
            if equal >= rounds:
                self.waited += time.monotonic() - began
                return pulses
            if time.monotonic() - began > _QUIET_SECONDS:
                raise NeverQuiet(f"still under way after {_QUIET_SECONDS:.0f} s: {busy}")
            self._show(_words(busy))
            await asyncio.sleep(max(_POLL, took * _SHARE))

    async def patience_for_overdue(self) -> None:
        """Wait a while for work whose time has come and that nobody has done, as after a killed worker."""
        deadline = time.monotonic() + _OVERDUE_SECONDS
        while time.monotonic() < deadline:
            pulses = await self.settle()
            if not any(pulse.overdue for pulse in pulses):
                return
            self._show("等待到期事项办理")
            await asyncio.sleep(0.2)

    async def move_to(self, instant: datetime) -> None:
        """Move business time forward and wait until all five services have heard of it."""
        path, key = "/api/office/rehearsal/clock", act_key("clock", self.moves, instant.isoformat())
        self.moves += 1
        try:
            answer = await self._operator.post(path, {"to": instant.isoformat()}, key=key)
        except Refused as refused:
            if refused.code != "clock_backwards":  # an outage lasted until the instant had come by itself
                raise
            return
        await self._until(lambda pulses: all(one.offset_seconds >= answer["offset_seconds"] for one in pulses))

    async def _until(self, holds: Callable[[list[Pulse]], bool]) -> None:
        deadline = time.monotonic() + _QUIET_SECONDS
        while not holds(await self.pulses()):
            if time.monotonic() > deadline:
                raise NeverQuiet("not every service heard of the moved clock")
            await asyncio.sleep(_POLL)


def next_instant(pulses: list[Pulse], wishes: list[datetime], now: datetime) -> datetime | None:
    """Where the clock goes next: the earliest due instant of any service, or an earlier wish of an actor."""
    due = [pulse.earliest_due + timedelta(seconds=1) for pulse in pulses if pulse.earliest_due is not None]
    later = [instant for instant in (*due, *wishes) if instant > now]
    return min(later, default=None)


async def until(look: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    """Poll until `look` says yes.

    Raises:
        NeverQuiet: it did not within so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not await look():
        if time.monotonic() > deadline:
            raise NeverQuiet(what)
        await asyncio.sleep(_POLL)


_WORDS: Final = {"outbox": "发件", "unnumbered": "编号", "unstored": "存卷", "inbox": "收件", "activities": "办理"}


def _words(busy: dict[str, dict[str, int]]) -> str:
    parts = (f"{service} {_WORDS[what]} {count}" for service, waits in busy.items() for what, count in waits.items())
    return "，".join(parts)
