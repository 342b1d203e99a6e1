"""What was done, for auditors: the audit rows of a service, as they were written. Nothing is changed here.

A row is handed out with its salt: whoever may read all of it can also recompute the digest that the ledger holds.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import or_, select, tuple_
from sqlmodel import col

from shared.infra.database import Tx
from shared.infra.tables import Audit
from shared.web.act import Act, acting

MOST = 500
LAST_ID = 2**63 - 1
ACTION = r"^[a-z_]+(\.[a-z_]+)*$"
Instant = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(3000, 1, 1, tzinfo=UTC))]


class AuditRow(BaseModel):
    """One thing that was done: by whom, when (business time), to what, with which details.

    ``number`` and ``chain`` are its place in the service's chain, ``public`` the digest of what it is about. The
    digest that stands in the ledger is ``shared.infra.sequencer.entry_digest`` of the row with its ``salt``.
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
    salt: str
    trace: str


class Wanted(BaseModel):
    """Which rows, at most ``limit``: those after an id, oldest first; with ``before`` newest first, from there back.

    ``before`` and ``before_id`` name a place: rows of an earlier instant, or of the same one with a smaller id.
    ``action``: one act, or the first word of several; ``since`` and ``until``: from this instant, and before that one.
    """

    after: int = Field(0, ge=0, le=LAST_ID)
    before: Instant | None = None
    before_id: int = Field(LAST_ID, ge=0, le=LAST_ID)
    since: Instant | None = None
    until: Instant | None = None
    actor_id: UUID | None = None
    action: str | None = Field(None, pattern=ACTION, max_length=100)
    category_id: UUID | None = None
    case_id: UUID | None = None
    stage_id: UUID | None = None
    limit: int = Field(MOST, ge=1, le=MOST)


async def audit_rows(tx: Tx, wanted: Wanted) -> Sequence[AuditRow]:
    """The next rows in the wanted order."""
    query = select(Audit).where(col(Audit.id) > wanted.after)
    for name in ("actor_id", "category_id", "case_id", "stage_id"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Audit, name) == value)
    if wanted.action is not None:
        of_kind = col(Audit.action).startswith(f"{wanted.action}.", autoescape=True)
        query = query.where(or_(col(Audit.action) == wanted.action, of_kind))
    if wanted.since is not None:
        query = query.where(col(Audit.occurred_at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(Audit.occurred_at) < wanted.until)
    if wanted.before is None:
        query = query.order_by(col(Audit.id))
    else:
        place = tuple_(col(Audit.occurred_at), col(Audit.id))
        query = query.where(place < (wanted.before, wanted.before_id))
        query = query.order_by(col(Audit.occurred_at).desc(), col(Audit.id).desc())
    found = await tx.session.execute(query.limit(wanted.limit))
    return [AuditRow.model_validate(row, from_attributes=True) for row in found.scalars()]


def install_audit(app: FastAPI, service: str) -> None:
    """Add ``/api/<service>/audit`` (auditors only)."""
    router = APIRouter(prefix=f"/api/{service}", tags=["operations"])

    @router.get("/audit")
    async def audit(wanted: Annotated[Wanted, Query()], act: Act = acting("audit.read")) -> Sequence[AuditRow]:
        """What was done in this service; page on with ``after`` = the last id, or ``before`` and ``before_id``."""
        return await act.read(lambda tx: audit_rows(tx, wanted))

    app.include_router(router)
