"""What was done, for auditors: the audit rows of a service, as they were written. Nothing is changed here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from shared.infra.database import Tx
from shared.infra.tables import Audit
from shared.web.act import Act, acting

MOST = 500


class AuditRow(BaseModel):
    """One thing that was done: by whom, when (business time), to what, with which details.

    ``number`` and ``chain`` are its place in the service's chain, ``public`` the digest that stands in the ledger.
    """

    id: int
    number: int | None
    chain: str | None
    occurred_at: datetime
    actor_id: UUID | None
    action: str
    cycle_id: UUID | None
    category_id: UUID | None
    case_id: UUID | None
    stage_id: UUID | None
    details: dict[str, Any]
    public: str | None
    trace: str


class Wanted(BaseModel):
    """Which rows: those after an id, optionally of one category, case or stage; at most ``limit``."""

    after: int = 0
    category_id: UUID | None = None
    case_id: UUID | None = None
    stage_id: UUID | None = None
    limit: int = Field(MOST, ge=1, le=MOST)


async def audit_rows(tx: Tx, wanted: Wanted) -> Sequence[AuditRow]:
    """The next rows in the order in which they were written."""
    query = select(Audit).where(Audit.id > wanted.after)  # type: ignore[operator, arg-type]
    for name in ("category_id", "case_id", "stage_id"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Audit, name) == value)
    found = await tx.session.execute(query.order_by(Audit.id).limit(wanted.limit))  # type: ignore[arg-type]
    return [AuditRow.model_validate(row, from_attributes=True) for row in found.scalars()]


def install_audit(app: FastAPI, service: str) -> None:
    """Add ``/api/<service>/audit`` (auditors only)."""
    router = APIRouter(prefix=f"/api/{service}", tags=["operations"])

    @router.get("/audit")
    async def audit(wanted: Annotated[Wanted, Query()], act: Act = acting("audit.read")) -> Sequence[AuditRow]:
        """What was done in this service, oldest first; page on with ``after`` = the last id."""
        return await act.read(lambda tx: audit_rows(tx, wanted))

    app.include_router(router)
