"""What the driver knows: addresses, people, the cycles as the office shows them, and what the actors wish for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import httpx

from deploy.rehearsal.driver.cast import Cast
from deploy.rehearsal.driver.client import Person, Traffic, act_key, send
from services.office.accounts.domain.second_factor import seeded_secret
from services.office.accounts.seeding import enrolled_logins
from shared.infra.calendar_files import load_shipped_calendar
from shared.rulebook import Category, Rulebook

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
AT_ONCE: Final = 6

Answer = TypeVar("Answer")
P = ParamSpec("P")
BEGIN: Final = datetime(2026, 1, 5, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stage:
    """A stage as the office shows it: the plan, and the read copy of its owner's row."""

    stage_id: str
    cycle_id: str
    category_id: str
    category_key: str
    kind: str
    title: str
    supplement: int
    state: str
    opens_at: datetime | None
    closes_at: datetime | None
    counted_days: tuple[str, ...]
    waits_for: str | None
    stuck: bool
    counted_from: datetime | None
    closed_at: datetime | None

    @property
    def running(self) -> bool:
        """Whether acts in it are possible now."""
        return self.state == "open"


@dataclass(frozen=True)
class CategoryView:
    """A category with its stages."""

    category_id: str
    cycle_id: str
    key: str
    name: str
    state: str
    stages: tuple[Stage, ...]

    @property
    def current(self) -> tuple[Stage, ...]:
        """The stages that run or are about to."""
        return tuple(stage for stage in self.stages if stage.state in ("started", "open", "paused"))


@dataclass(frozen=True)
class CycleView:
    """A cycle with its categories."""

    cycle_id: str
    rulebook_id: str
    title: str
    state: str
    release_at: datetime | None
    categories: tuple[CategoryView, ...]


@dataclass
class World:
    """Everything an actor may use; it changes nothing by itself."""

    origin: str
    password: str
    code_key: str
    rulebooks: dict[str, Rulebook]
    cast: Cast
    traffic: Traffic = field(default_factory=Traffic)
    cycles: tuple[CycleView, ...] = ()
    wishes: list[datetime] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    kept: dict[str, Any] = field(default_factory=dict)
    now: datetime = BEGIN
    _people: dict[str, Person] = field(default_factory=dict)
    _enrolled: frozenset[str] = field(default_factory=lambda: frozenset(enrolled_logins()))
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _public: httpx.AsyncClient | None = None

    def person(self, login: str) -> Person:
        """The person with this account."""
        if login not in self._people:
            secret = seeded_secret(self.code_key, login) if login in self._enrolled else None
            self._people[login] = Person(self.origin, login, self.password, self.traffic, secret)
        return self._people[login]

    async def close(self) -> None:
        """Sign nobody out, but give all connections back."""
        for person in self._people.values():
            await person.close()
        if self._public is not None:
            await self._public.aclose()

    async def look(self) -> None:
        """Read the cycles as the office shows them; forget the wishes of the last round."""
        self.wishes.clear()
        newest_first = await self.person("office1").get("/api/office/cycles")
        self.cycles = tuple(_cycle(row) for row in reversed(newest_first))

    def stages(self, kind: str) -> list[Stage]:
        """The running stages of a kind, main tracks before supplements."""
        found = [stage for category in self.categories() for stage in category.stages if stage.kind == kind]
        return sorted((stage for stage in found if stage.running), key=lambda stage: stage.supplement)

    def categories(self) -> list[CategoryView]:
        """All categories of all cycles."""
        return [category for cycle in self.cycles for category in cycle.categories]

    def category(self, key: str) -> CategoryView | None:
        """The category of that key, if its cycle is open."""
        return next((category for category in self.categories() if category.key == key), None)

    def rules(self, key: str) -> Category:
        """The rules of a category."""
        for rulebook in self.rulebooks.values():
            for category in rulebook.categories:
                if category.key == key:
                    return category
        raise KeyError(key)

    def wish(self, instant: datetime) -> None:
        """Ask that the clock stops at this instant on its way."""
        self.wishes.append(instant)

    def wish_on(self, day: date, hour: int = 10) -> bool:
        """Whether that hour in Shanghai has come; if not, wish for it."""
        instant = datetime.combine(day, time(hour), SHANGHAI)
        if self.now >= instant:
            return True
        self.wish(instant)
        return False

    def office_hours(self) -> bool:
        """Whether it is a working day between 9 and 18 o'clock; if not, wish for the next morning of one."""
        local = self.now.astimezone(SHANGHAI)
        calendar = load_shipped_calendar()
        if calendar.is_workday(local.date()) and 9 <= local.hour < 18:
            return True
        day = local.date() if local.hour < 9 else day_after(local.date())
        while not calendar.is_workday(day):
            day = day_after(day)
        return self.wish_on(day, 9)

    async def agree(self, asker: str, second: str, to_confirm: dict[str, Any]) -> str:
        """Two persons agree to exactly this: the second confirms after proving again who they are."""
        act, digest, subject = to_confirm["act"], to_confirm["digest"], to_confirm.get("subject", to_confirm["act"])
        body = {"act": act, "digest": digest, "subject": subject}
        await self.person(asker).be_fresh()
        asked = await self.person(asker).post("/api/office/tickets", body, key=act_key("ask", act, digest))
        await self.person(second).be_fresh()
        path = f"/api/office/tickets/{asked['ticket_id']}/confirm"
        confirmed = await self.person(second).post(path, key=act_key("confirm", act, digest))
        ticket: str = confirmed["ticket"]
        return ticket

    async def once(self, mark: str, do: Callable[P, Awaitable[object]], *words: P.args, **named: P.kwargs) -> bool:
        """Do something that this driver has not done yet; the server would not do it twice either."""
        if mark in self.done:
            return False
        await do(*words, **named)
        self.done.add(mark)
        return True

    async def together(self, work: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
        """Several people at the same time, a few at once."""

        async def one(item: Coroutine[Any, Any, Answer]) -> Answer:
            async with self._places:
                return await item

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in work]
        return [task.result() for task in tasks]

    async def anybody(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A request of the public, without an account; `path` may be a full address on the file origin."""
        if self._public is None:
            self._public = httpx.AsyncClient(base_url=self.origin, timeout=20.0, trust_env=False)
        return await send(self._public, self.traffic, method, path, **request)


def shanghai_day(instant: datetime) -> date:
    """The date in Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def day_after(day: date, days: int = 1) -> date:
    """So many calendar days later."""
    return day + timedelta(days=days)


def _cycle(row: dict[str, Any]) -> CycleView:
    return CycleView(
        cycle_id=row["cycle_id"],
        rulebook_id=row["rulebook_id"],
        title=row["title"],
        state=row["state"],
        release_at=_instant(row["release_at"]),
        categories=tuple(_category(row["cycle_id"], category) for category in row["categories"]),
    )


def _category(cycle_id: str, row: dict[str, Any]) -> CategoryView:
    return CategoryView(
        category_id=row["category_id"],
        cycle_id=cycle_id,
        key=row["key"],
        name=row["name"],
        state=row["state"],
        stages=tuple(_stage(cycle_id, row, stage) for stage in row["stages"]),
    )


def _stage(cycle_id: str, category: dict[str, Any], row: dict[str, Any]) -> Stage:
    return Stage(
        stage_id=row["stage_id"],
        cycle_id=cycle_id,
        category_id=category["category_id"],
        category_key=category["key"],
        kind=row["kind"],
        title=row["title"],
        supplement=row["supplement"],
        state=row["state"],
        opens_at=_instant(row["opens_at"]),
        closes_at=_instant(row["closes_at"]),
        counted_days=tuple(row["counted_days"]),
        waits_for=row["waits_for"],
        stuck=row["stuck"],
        counted_from=_instant(row["counted_from"]),
        closed_at=_instant(row["closed_at"]),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
