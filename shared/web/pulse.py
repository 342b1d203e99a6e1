"""Health, readiness, metrics, and the pulse that the rehearsal's driver and the operators watch."""

import asyncio
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import func, select

from shared.infra.database import Tx
from shared.infra.tables import Audit, DeadLetter, Dossier, OpenWork, Outbox, Stack, Stage
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


def _one(what: Any, *where: Any) -> Any:
    """A value of one row, as a column of another statement."""
    return select(what).where(*where).scalar_subquery()


def _count(table: Any, *where: Any) -> Any:
    return select(func.count()).select_from(table).where(*where).scalar_subquery()


def _standing(now: datetime) -> Any:
    """How the database stands, as one row: the driver asks many times a second."""
    return select(
        func.coalesce(_one(Stack.offset_seconds, Stack.id == 1), 0).label("offset_seconds"),
        _count(Outbox, Outbox.sent_at.is_(None)).label("outbox"),  # type: ignore[union-attr]
        _count(Audit, Audit.number.is_(None)).label("unnumbered"),  # type: ignore[union-attr]
        _count(Dossier, Dossier.stored_at.is_(None)).label("unstored"),  # type: ignore[union-attr]
        func.coalesce(_one(func.max(Audit.id)), 0).label("last_audit"),
        _count(DeadLetter, DeadLetter.resent_at.is_(None)).label("dead_letters"),  # type: ignore[union-attr]
        _one(func.min(OpenWork.due_at), OpenWork.due_at > now).label("earliest_due"),  # type: ignore[operator]
        _count(OpenWork, OpenWork.due_at <= now).label("overdue"),  # type: ignore[operator]
        _count(OpenWork).label("open_work"),
        func.coalesce(_one(func.array_agg(Stage.kind), Stage.stuck.is_not(None)), []).label("stuck"),  # type: ignore[union-attr]
    )


async def take_pulse(tx: Tx, inbox: int, activities: int, finished: int) -> Pulse:
    """Read the pulse from the database."""
    found = (await tx.session.execute(_standing(tx.now))).one()._asdict()
    return Pulse(
        service=tx.service,
        business_now=tx.now,
        inbox=inbox,
        activities=activities,
        progress=finished + int(found.pop("last_audit")),
        **found,
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
