"""Health, readiness, metrics, and the pulse that the rehearsal's driver and the operators watch."""

import asyncio
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import func, select

from shared.infra.database import Tx
from shared.infra.relay import outbox_depth
from shared.infra.sequencer import unnumbered
from shared.infra.sweeper import earliest_due
from shared.infra.tables import Audit, DeadLetter, Dossier, OpenWork, Stack, Stage
from shared.web.act import Act, acting


class Pulse(BaseModel):
    """How a service stands: quiet when nothing waits to leave, to be taken in or to be done."""

    service: str
    business_now: datetime
    offset_seconds: int
    outbox: int
    unnumbered: int
    unstored: int
    inbox: int
    activities: int
    progress: int
    dead_letters: int
    earliest_due: datetime | None
    overdue: int
    open_work: int
    stuck: list[str]

    @property
    def quiet(self) -> bool:
        """Nothing is under way."""
        return not (self.outbox or self.unnumbered or self.unstored or self.inbox or self.activities)


async def _count(tx: Tx, table: Any, *where: Any) -> int:
    found = await tx.session.execute(select(func.count()).select_from(table).where(*where))
    return int(found.scalar_one())


async def take_pulse(tx: Tx, inbox: int, activities: int, finished: int) -> Pulse:
    """Read the pulse from the database."""
    stack = await tx.session.get(Stack, 1)
    stuck = await tx.session.execute(select(Stage.kind).where(Stage.stuck.is_not(None)))  # type: ignore[call-overload, union-attr]
    last = await tx.session.execute(select(func.max(Audit.id)))
    return Pulse(
        service=tx.service,
        business_now=tx.now,
        offset_seconds=stack.offset_seconds if stack else 0,
        outbox=await outbox_depth(tx),
        unnumbered=await unnumbered(tx),
        unstored=await _count(tx, Dossier, Dossier.stored_at.is_(None)),  # type: ignore[union-attr]
        inbox=inbox,
        activities=activities,
        progress=finished + int(last.scalar_one() or 0),
        dead_letters=await _count(tx, DeadLetter, DeadLetter.resent_at.is_(None)),  # type: ignore[union-attr]
        earliest_due=await earliest_due(tx),
        overdue=await _count(tx, OpenWork, OpenWork.due_at <= tx.now),  # type: ignore[operator]
        open_work=await _count(tx, OpenWork),
        stuck=list(stuck.scalars()),
    )


def install_pulse(app: FastAPI, service: str) -> None:
    """Add ``/healthz``, ``/readyz``, ``/metrics`` and ``/api/<service>/pulse`` (operators and rehearsal driver)."""
    router = APIRouter()

    @router.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"service": service, "state": "up"}

    @router.get("/readyz", include_in_schema=False)
    async def readyz(request: Request, response: Response) -> dict[str, Any]:
        checks: dict[str, Any] = request.app.state.readiness
        names = list(checks)
        results = await asyncio.gather(*(asyncio.wait_for(checks[name](), 3) for name in names), return_exceptions=True)
        state = {name: not isinstance(result, BaseException) for name, result in zip(names, results, strict=True)}
        response.status_code = 200 if all(state.values()) else 503
        return {"service": service, "ready": all(state.values()), "parts": state}

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @router.get(f"/api/{service}/pulse", tags=["operations"])
    async def pulse(request: Request, act: Act = acting("operations.read")) -> Pulse:
        """How this service stands: what waits to leave, to be taken in, to be done, and the next due instant."""
        running = request.app.state.service.running
        waiting = await request.app.state.inbox_depth()
        return await act.read(lambda tx: take_pulse(tx, waiting, running.count, running.finished))

    app.include_router(router)
