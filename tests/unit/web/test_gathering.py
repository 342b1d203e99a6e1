"""Batches of requests: who shares one, and what happens when one fails as a whole."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from shared.infra.database import Actor, Database
from shared.kernel.refusals import Refusal
from shared.web.act import Act
from shared.web.gathering import MOST, Gathering, Request


@dataclass
class Transaction:
    """As much of a transaction as a batch needs; nobody is revoked, nothing was answered before."""

    remembered: list[dict[str, Any]] = field(default_factory=list)

    @property
    def session(self) -> Any:
        async def nobody_yet(_query: object, asked: dict[str, list[Any]]) -> list[tuple[UUID, str, None, None]]:
            return [(account, key, None, None) for account, key in zip(asked["accounts"], asked["keys"], strict=True)]

        return SimpleNamespace(execute=nobody_yet)

    async def remember(self, answer: dict[str, Any]) -> None:
        self.remembered.append(answer)


@dataclass
class Work:
    """Does batches and remembers their sizes; ``poison`` makes a whole batch fail, ``refused`` is refused."""

    sizes: list[int] = field(default_factory=list)
    together: list[list[str]] = field(default_factory=list)

    @asynccontextmanager
    async def transaction(self, *_args: object, **_options: object) -> AsyncIterator[Transaction]:
        yield Transaction()

    async def __call__(self, _tx: object, batch: Sequence[Request[str]]) -> list[str | Refusal]:
        self.sizes.append(len(batch))
        self.together.append([one.wish for one in batch])
        await asyncio.sleep(0)
        if any(one.wish == "poison" for one in batch):
            raise RuntimeError("poison")
        return [Refusal("refused", "不行。") if one.wish == "refused" else one.wish.upper() for one in batch]


def act(account: UUID | None = None, key: str | None = None) -> Act:
    return Act(cast("Any", None), "test", Actor(account_id=account or uuid4()), key or str(uuid4()), "digest")


def gathering(work: Work, apart: float = 0.0) -> Gathering[str, str]:
    return Gathering(cast("Database", work), cast("Any", work), apart)


async def test_what_comes_meanwhile_shares_the_next_batch() -> None:
    work = Work()
    take = gathering(work)

    answers = await asyncio.gather(*(take(act(), uuid4(), f"wish {n}") for n in range(10)))

    assert answers == [f"WISH {n}" for n in range(10)]
    assert sum(work.sizes) == 10
    assert len(work.sizes) <= 2


async def test_a_lone_request_waits_for_nobody_and_those_after_it_come_together() -> None:
    work = Work()
    take = gathering(work, apart=0.5)
    assert await asyncio.wait_for(take(act(), uuid4(), "lone"), 0.4) == "LONE"

    others = []
    for n in range(5):
        others.append(asyncio.create_task(take(act(), uuid4(), str(n))))
        for _ in range(5):
            await asyncio.sleep(0)
    await asyncio.gather(*others)

    assert work.sizes == [1, 5]


async def test_a_full_batch_does_not_wait_for_its_time() -> None:
    work = Work()
    take = gathering(work, apart=600.0)
    await take(act(), uuid4(), "first")

    await asyncio.wait_for(asyncio.gather(*(take(act(), uuid4(), str(n)) for n in range(MOST))), 60)

    assert work.sizes == [1, MOST]


async def test_no_batch_is_longer_than_its_limit_and_nothing_is_left_out() -> None:
    work = Work()
    take = gathering(work)

    answers = await asyncio.gather(*(take(act(), uuid4(), str(n)) for n in range(3 * MOST)))

    assert answers == [str(n) for n in range(3 * MOST)]
    assert max(work.sizes) <= MOST


async def test_a_refusal_is_its_own_only() -> None:
    take = gathering(Work())

    answers = await asyncio.gather(
        *(take(act(), uuid4(), wish) for wish in ("a", "refused", "b")), return_exceptions=True
    )

    assert (answers[0], answers[2]) == ("A", "B")
    assert isinstance(answers[1], Refusal)


async def test_a_batch_that_fails_is_tried_one_by_one_and_the_fault_reaches_who_caused_it() -> None:
    work = Work()
    take = gathering(work)

    answers = await asyncio.gather(
        *(take(act(), uuid4(), wish) for wish in ("a", "poison", "b")), return_exceptions=True
    )

    assert (answers[0], answers[2]) == ("A", "B")
    assert isinstance(answers[1], RuntimeError)


async def test_two_requests_about_one_row_or_under_one_key_never_share_a_batch() -> None:
    work = Work()
    take, row, account = gathering(work), uuid4(), uuid4()

    await asyncio.gather(
        take(act(), row, "first of the row"),
        take(act(), row, "second of the row"),
        take(act(account, "key"), uuid4(), "first of the key"),
        take(act(account, "key"), uuid4(), "second of the key"),
    )

    for batch in work.together:
        assert len({wish.split(" ", 2)[2] for wish in batch}) == len(batch)


@pytest.mark.parametrize("wish", ["a", "refused"])
async def test_who_has_hung_up_does_not_disturb_the_others(wish: str) -> None:
    take = gathering(Work())
    gone = asyncio.create_task(take(act(), uuid4(), wish))
    await asyncio.sleep(0)
    gone.cancel()

    assert await take(act(), uuid4(), "b") == "B"
