"""Cases without a form: intake, nomination; and the targets recorded before actuals are filed."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from services.submission import reading
from services.submission.actions import intake, targets
from services.submission.actions.intake import IntakeRow
from services.submission.actions.paper import open_paper
from services.submission.api.exact import documented, exact_body
from services.submission.views import CaseLine, TargetLockView, TargetView, TicketView
from shared.contracts.subjects import Subject
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.web.act import Act, acting
from shared.web.body import Body

router = APIRouter(prefix="/api/submission", tags=["intake"])


class RowBody(Body):
    """One subject of an intake with its figures as they stand in the source; ``official``: what was printed of it."""

    name: str = Field(min_length=1, max_length=200)
    credit_code: str | None = None
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None
    variant: str | None = None
    figures: dict[str, Any]
    official: dict[str, Any] | None = None


class IntakeBody(Body):
    """Rows from one source; all are taken in or none."""

    source: str = Field(min_length=1, max_length=300)
    subjects: tuple[RowBody, ...] = Field(min_length=1, max_length=500)


class NominationBody(Body):
    """An event and what is told of it."""

    title: str = Field(min_length=1, max_length=120)
    figures: dict[str, Any]


class PaperBody(Body):
    """Whose filing came on paper, when, and to which window."""

    stage_id: UUID
    name: str = Field(min_length=1, max_length=200)
    credit_code: str
    paper_on: date
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None
    variant: str | None = None
    title: str | None = Field(default=None, max_length=120)


class TargetRow(Body):
    """An enterprise's targets; ``official``: what an authority has printed of it, if anything."""

    enterprise_id: UUID
    figures: dict[str, Any]
    official: dict[str, Any] | None = None


class TargetsBody(Body):
    """Targets from an approved plan; all are recorded or none."""

    stage_id: UUID
    source: str = Field(min_length=1, max_length=300)
    targets: tuple[TargetRow, ...] = Field(min_length=1, max_length=500)


class LockBody(Body):
    """The window whose category's targets are locked."""

    stage_id: UUID


INTAKE: Any = exact_body(IntakeBody)
NOMINATION: Any = exact_body(NominationBody)
TARGETS: Any = exact_body(TargetsBody)


@router.post("/intake/{stage_id}/subjects", status_code=201, openapi_extra=documented(IntakeBody))
async def take_in(stage_id: UUID, act: Act = acting("intake.record"), body: IntakeBody = INTAKE) -> list[CaseLine]:
    """Take subjects in with figures from a source, without a form."""

    async def do(tx: Tx) -> list[CaseLine]:
        rows = [_row(row) for row in body.subjects]
        return reading.lines([await intake.record_subject(tx, stage_id, row, body.source) for row in rows])

    return await act(do)


def _row(row: RowBody) -> IntakeRow:
    subject = Subject.model_validate(row.model_dump(include=set(Subject.model_fields)))
    return IntakeRow(subject, row.figures, row.variant, row.official)


@router.post("/nominations/{stage_id}", status_code=201, openapi_extra=documented(NominationBody))
async def nominate(
    stage_id: UUID, act: Act = acting("nomination.record"), body: NominationBody = NOMINATION
) -> CaseLine:
    """Nominate an event; the same event twice is refused."""

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await intake.nominate_event(tx, stage_id, body.title, body.figures)])[0]

    return await act(do)


@router.post("/papers", status_code=201)
async def open_on_paper(body: PaperBody, act: Act = acting("paper.open")) -> CaseLine:
    """Begin the draft of a filing that came on paper; it is then filled in and handed in like any other."""

    async def do(tx: Tx) -> CaseLine:
        who = Subject.model_validate(body.model_dump(include=set(Subject.model_fields)))
        case = await open_paper(tx, body.stage_id, who, body.paper_on, body.variant, body.title)
        return reading.lines([case])[0]

    return await act(do)


@router.post("/targets", status_code=201, openapi_extra=documented(TargetsBody))
async def record_targets(act: Act = acting("target.record"), body: TargetsBody = TARGETS) -> list[TargetView]:
    """Record targets until two persons lock them."""

    async def do(tx: Tx) -> list[TargetView]:
        recorded = [
            await targets.record_target(tx, body.stage_id, row.enterprise_id, row.figures, body.source, row.official)
            for row in body.targets
        ]
        return [TargetView(enterprise_id=one.enterprise_id, figures=one.entered) for one in recorded]

    return await act(do)


@router.get("/targets/lock")
async def lock_digest(stage_id: UUID = Query(), act: Act = acting("target.lock")) -> TicketView:
    """What to ask a two-person ticket for: the digest of all targets of the category."""

    async def do(tx: Tx) -> TicketView:
        stage = await stage_row(tx, stage_id)
        return TicketView(act=targets.LOCK, digest=await targets.targets_digest(tx, stage.category_id))

    return await act.read(do)


@router.post("/targets/lock")
async def lock(body: LockBody, act: Act = acting("target.lock")) -> TargetLockView:
    """Lock the targets by two persons (header ``X-Ticket``)."""
    ticket = act.ticket

    async def do(tx: Tx) -> TargetLockView:
        locked = await targets.lock_targets(tx, body.stage_id, ticket)
        return TargetLockView(category_id=locked.category_id, digest=locked.digest, locked_at=locked.locked_at)

    return await act(do)
