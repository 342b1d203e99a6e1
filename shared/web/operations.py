"""What operators see of a service beside its pulse, and how they mend it.

Parts, outbox lag, stuck stages with their reason, the next timers, messages set aside.
Each section is read on its own and may be missing: a service whose database or NATS is down still says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlmodel import col

from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.deadletters import list_dead_letters, show_dead_letter
from shared.infra.messaging import Consumer, Interests
from shared.infra.tables import OpenWork, Outbox, Stage
from shared.kernel.refusals import Conflict, NotFound, Refusal
from shared.web.act import Act, acting

SHOWN = 50
SECONDS = 2.0
Found = TypeVar("Found")


class StuckStage(BaseModel):
    """A stage whose step was refused; ``reason`` is the refusal's code."""

    stage_id: UUID
    kind: str
    category_key: str
    reason: str
    workflow_id: str


class DueWork(BaseModel):
    """Open work and when it must look next; past: nobody has looked yet."""

    workflow_id: str
    workflow: str
    due_at: datetime


class DueSoon(BaseModel):
    """How many pieces of open work are due: already, within a day, and within a week (those of the day among them)."""

    over: int = 0
    day: int = 0
    week: int = 0


class SetAside(BaseModel):
    """A message that could not be taken in after all tries; without its content."""

    letter_id: UUID
    consumer: str
    subject: str
    error: str
    deliveries: int
    set_aside_at: datetime


class Work(BaseModel):
    """What the database says of work under way."""

    now: datetime
    unsent: dict[str, int]
    oldest_unsent_seconds: int | None
    last_error: str | None
    stuck: list[StuckStage]
    due: list[DueWork]
    due_soon: DueSoon = DueSoon()
    set_aside: list[SetAside]


class Operations(BaseModel):
    """A service as operators see it; ``work`` None: its database did not answer in time."""

    service: str
    parts: dict[str, bool]
    work: Work | None


class Mend(BaseModel):
    """Which workflow is to look again."""

    model_config = ConfigDict(extra="forbid")

    workflow_id: str = Field(max_length=200)


class Mended(BaseModel):
    """That it was done."""

    done: str


async def read_work(tx: Tx) -> Work:
    """Lag, stuck stages, the next timers, dead letters."""
    waiting = col(Outbox.sent_at).is_(None)
    unsent = select(col(Outbox.target), func.count(), func.min(Outbox.created_at)).where(waiting)
    rows: Sequence[Any] = (await tx.session.execute(unsent.group_by(col(Outbox.target)))).all()
    oldest = min((row[2] for row in rows), default=None)
    error = select(col(Outbox.last_error)).where(waiting, col(Outbox.last_error).is_not(None))
    stuck = select(Stage).where(col(Stage.stuck).is_not(None)).limit(SHOWN)
    due = select(OpenWork).where(col(OpenWork.due_at).is_not(None)).order_by(col(OpenWork.due_at)).limit(10)
    return Work(
        now=tx.now,
        unsent={row[0]: row[1] for row in rows},
        oldest_unsent_seconds=max(0, int((tx.system_now - oldest).total_seconds())) if oldest else None,
        last_error=(await tx.session.execute(error.order_by(col(Outbox.id)).limit(1))).scalar_one_or_none(),
        stuck=[_stuck(one) for one in (await tx.session.execute(stuck)).scalars()],
        due=[
            DueWork(workflow_id=one.workflow_id, workflow=one.workflow, due_at=one.due_at)
            for one in (await tx.session.execute(due)).scalars()
        ],
        due_soon=await _due_soon(tx),
        set_aside=[
            SetAside(
                letter_id=one.id,
                consumer=one.consumer,
                subject=one.subject,
                error=one.error.partition("\n")[0][:300],
                deliveries=one.deliveries,
                set_aside_at=one.set_aside_at,
            )
            for one in (await list_dead_letters(tx))[:SHOWN]
        ],
    )


async def _due_soon(tx: Tx) -> DueSoon:
    due, now = col(OpenWork.due_at), tx.now
    over, day, week = due <= now, due.between(now, now + timedelta(days=1)), due.between(now, now + timedelta(days=7))
    counts = select(*(func.count().filter(one) for one in (over, day, week))).select_from(OpenWork)
    return DueSoon(**dict(zip(("over", "day", "week"), (await tx.session.execute(counts)).one(), strict=True)))


def _stuck(stage: Stage) -> StuckStage:
    return StuckStage(
        stage_id=stage.stage_id,
        kind=stage.kind,
        category_key=stage.category_key,
        reason=stage.stuck or "",
        workflow_id=stage_workflow_id(stage.stage_id),
    )


async def ask_parts(checks: Mapping[str, Callable[[], Awaitable[Any]]]) -> dict[str, bool]:
    """Which parts answer in time."""
    names = list(checks)
    results = await asyncio.gather(*(in_time(checks[name]()) for name in names), return_exceptions=True)
    return {name: not isinstance(result, BaseException) for name, result in zip(names, results, strict=True)}


async def in_time(question: Awaitable[Found]) -> Found:
    """The answer, or ``TimeoutError``."""
    return await asyncio.wait_for(question, SECONDS)


def install_operations(app: FastAPI, service: str) -> None:
    """Add ``/api/<service>/operations`` and the two ways to mend."""
    router = APIRouter(prefix=f"/api/{service}/operations", tags=["operations"])
    _add_reads(router, service)
    _add_mends(router)
    app.include_router(router)


def _add_reads(router: APIRouter, service: str) -> None:

    @router.get("")
    async def operations(request: Request, act: Act = acting("operations.read")) -> Operations:
        """Parts, lag, stuck stages, timers, dead letters; without its database a service says the rest."""
        parts, (work,) = await asyncio.gather(
            ask_parts(request.app.state.readiness),
            asyncio.gather(in_time(act.read(read_work)), return_exceptions=True),
        )
        if isinstance(work, Refusal):
            raise work
        return Operations(service=service, parts=parts, work=work if isinstance(work, Work) else None)

    @router.get("/metrics", include_in_schema=False)
    async def metrics(act: Act = acting("operations.read")) -> Response:
        """The service's metrics for an operator's browser; Prometheus asks the process itself at ``/metrics``."""

        async def read(_tx: Tx) -> Response:
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

        return await act.read(read)


def _add_mends(router: APIRouter) -> None:
    @router.post("/retries")
    async def retry(body: Mend, act: Act = acting("operations.mend")) -> Mended:
        """Have a piece of open work look again now."""

        async def do(tx: Tx) -> Mended:
            if await tx.session.get(OpenWork, body.workflow_id) is None:
                raise NotFound("没有这个在办流程，它可能已经办结。")
            await tx.nudge(body.workflow_id)
            await tx.audit("operations.retried", workflow=body.workflow_id)
            return Mended(done=body.workflow_id)

        return await act(do)

    @router.post("/dead-letters/{letter_id}/resend")
    async def resend(letter_id: UUID, request: Request, act: Act = acting("operations.mend")) -> Mended:
        """Take a message in that was set aside; whoever has had its effect ignores it by its inbox."""
        letter = await act.read(lambda tx: show_dead_letter(tx, letter_id))
        consumer = _consumer(request.app.state.interests, letter.consumer, request)
        (trouble,) = await asyncio.gather(consumer.take_in(letter.payload), return_exceptions=True)
        if isinstance(trouble, BaseException):
            raise Conflict("still_refused", f"仍然未能收入：{type(trouble).__name__}。更正原因后再试。")

        async def do(tx: Tx) -> Mended:
            kept = await show_dead_letter(tx, letter_id)
            kept.resent_at = tx.system_now
            tx.session.add(kept)
            await tx.audit("dead_letter.resent", letter=letter_id, consumer=kept.consumer)
            return Mended(done=str(letter_id))

        return await act(do)


def _consumer(interests: Interests, name: str, request: Request) -> Consumer:
    purpose = name.removeprefix(f"{interests.service}-")
    wanted = interests.purposes().get(purpose)
    if wanted is None:
        raise NotFound(f"本服务没有名为 {name} 的接收者。")
    return Consumer(name, wanted, request.app.state.service.database)
