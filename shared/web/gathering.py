"""Requests of one kind that come while a transaction runs share the next one.

A lone request is a batch of one, at once. Under load, batches begin a little apart and are larger for it. Each request
has its own outcome; a refused one writes nothing. Should a batch fail as a whole, each of its requests is tried alone.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from sqlalchemy import ARRAY, Select, String, Uuid, and_, bindparam, column, func, select
from sqlmodel import col

from shared.infra.database import Actor, Database, Tx
from shared.infra.tables import Idempotency, Person
from shared.infra.telemetry import current_trace, log
from shared.kernel.refusals import NotSignedIn, Refusal
from shared.web.act import Act
from shared.web.arrival import arrival, received_at

MOST = 64
APART_SECONDS = 0.016
"""How far apart batches begin, unless the next one is full: what each costs by itself would take the processor from
those who wait. Less than a batch of usual size takes, so that nobody waits longer for it."""

_log = log(__name__)

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")


@dataclass
class Request(Generic[Wish]):
    """One request of a batch: what is wished for, by whom, about which row, under which trace."""

    about: UUID
    wish: Wish
    act: Act
    trace: str
    arrived: float
    answer: asyncio.Future[Any]

    def received_at(self, now: datetime) -> datetime:
        """When it came in, before it waited for its batch; ``now`` is that of the transaction."""
        return received_at(now, self.arrived)

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.act.actor

    def settle(self, outcome: object) -> None:
        """Give the outcome, unless whoever asked has hung up."""
        if self.answer.done():
            return
        if isinstance(outcome, BaseException):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


DoMany = Callable[[Tx, Sequence[Request[Wish]]], Awaitable[Sequence[Answer | Refusal]]]
"""Does a batch within one transaction: an answer or a refusal for each request, in their order."""


@dataclass
class Gathering(Generic[Wish, Answer]):
    """Takes requests in and answers them, one batch after another."""

    database: Database
    do_many: DoMany[Wish, Answer]
    apart: float = APART_SECONDS
    waiting: deque[Request[Wish]] = field(default_factory=deque)
    working: asyncio.Task[None] | None = None
    begun: float = -math.inf

    async def __call__(self, act: Act, about: UUID, wish: Wish) -> Answer:
        """Do what is wished for; ``about`` is the row it changes, of which a batch holds one request only."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting.append(Request(about, wish, act, current_trace.get(), arrival(), answer))
        if self.working is None or self.working.done():
            self.working = asyncio.create_task(self._work())
        return cast("Answer", await answer)

    async def _work(self) -> None:
        while self.waiting:
            await self._keep_apart()
            batch = self._next_batch()
            try:
                await self._do(batch)
            except Exception as trouble:  # noqa: BLE001 - each request is tried alone and gets its own answer
                _log.warning("batch_failed", requests=len(batch), error=repr(trouble)[:500])
                for one in batch:
                    await self._alone(one)

    async def _keep_apart(self) -> None:
        clock = asyncio.get_running_loop().time
        early = self.begun + self.apart - clock()
        if early > 0 and len(self.waiting) < MOST:
            await asyncio.sleep(early)
        self.begun = clock()

    def _next_batch(self) -> list[Request[Wish]]:
        batch: dict[object, Request[Wish]] = {}
        later: list[Request[Wish]] = []
        while self.waiting and len(batch) < MOST:
            one = self.waiting.popleft()
            if one.about in batch or any(_same_key(one, other) for other in batch.values()):
                later.append(one)
            else:
                batch[one.about] = one
        self.waiting.extendleft(reversed(later))
        return list(batch.values())

    async def _alone(self, one: Request[Wish]) -> None:
        try:
            await self._do([one])
        except Exception as trouble:  # noqa: BLE001 - rises again where it was asked for
            one.settle(trouble)

    async def _do(self, batch: Sequence[Request[Wish]]) -> None:
        """One transaction for all; the outcomes are given out once it is committed."""
        outcomes: dict[int, object] = {}
        first = batch[0]
        async with self.database.transaction(first.actor, trace=first.trace, gather=True) as tx:
            known = await _known(tx, batch)
            for one in batch:
                revoked, answered = known[one.act.account, one.act.key or ""]
                if revoked:
                    outcomes[id(one)] = NotSignedIn("该账号已停用。")
                elif answered is not None:
                    outcomes[id(one)] = _again(one, answered)
            new = [one for one in batch if id(one) not in outcomes]
            for one, outcome in zip(new, await self.do_many(tx, new) if new else (), strict=True):
                outcomes[id(one)] = outcome
                if not isinstance(outcome, Refusal):
                    await tx.remember(one.act.remembered(outcome))
        for one in batch:
            one.settle(outcomes[id(one)])


def _same_key(one: Request[Wish], other: Request[Wish]) -> bool:
    return one.act.key == other.act.key and one.act.actor.account_id == other.act.actor.account_id


def _again(one: Request[Wish], known: Idempotency) -> object:
    try:
        return one.act.first_answer(known)
    except Refusal as refusal:
        return refusal


_ASKED = (
    func.unnest(bindparam("accounts", type_=ARRAY(Uuid)), bindparam("keys", type_=ARRAY(String)))
    .table_valued(column("account", Uuid), column("key", String), name="asked")
    .render_derived()
)
_KNOWN: Select[Any] = (
    select(_ASKED.c.account, _ASKED.c.key, col(Person.account_id), Idempotency)
    .outerjoin_from(_ASKED, Person, col(Person.account_id) == _ASKED.c.account)
    .outerjoin(Idempotency, and_(col(Idempotency.actor_id) == _ASKED.c.account, col(Idempotency.key) == _ASKED.c.key))
)


async def _known(tx: Tx, batch: Sequence[Request[Wish]]) -> dict[tuple[UUID, str], tuple[bool, Idempotency | None]]:
    """Of each account and key: is the account revoked, as far as this service has heard; what was answered before."""
    asked = {"accounts": [one.act.account for one in batch], "keys": [one.act.key or "" for one in batch]}
    rows: Iterable[Any] = await tx.session.execute(_KNOWN, asked)
    return {(account, key): (revoked is not None, answered) for account, key, revoked, answered in rows}
