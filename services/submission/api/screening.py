"""The office's screening desk: queue, case, decision, findings, disqualification, ending a stage."""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.submission import reading, store
from services.submission.actions import exclusion, screening, stages
from services.submission.actions.exclusion import DISQUALIFY, REINSTATE, agreed_digest
from services.submission.actions.screening import Finding, Verdict
from services.submission.domain.filing import RectificationItem
from services.submission.views import (
    CaseLine,
    ClosingView,
    DeskView,
    FindingView,
    InconsistencyView,
    QueueView,
    TicketView,
)
from shared.infra.database import Tx
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/submission", tags=["screening"])


class ItemBody(BaseModel):
    """A fact of the form or a kind of evidence to be put right, and why."""

    field: str
    reason: str


class DecisionBody(BaseModel):
    """The decision on a case, under an article, on the version that was read."""

    decision: Literal["pass", "rectify", "reject"]
    article: str
    reason: str = Field(default="", max_length=2000)
    items: tuple[ItemBody, ...] = ()
    expected_version: int


class ExclusionBody(BaseModel):
    """Article and reason; the two-person ticket must be for exactly these."""

    article: str
    reason: str = Field(max_length=2000)


class FindingBody(BaseModel):
    """A finding of office or departments; may name a veto or a zero condition of the scorecard."""

    kind: Literal["material", "on_site", "audit", "organisation", "social"]
    source: str = Field(min_length=1, max_length=200)
    found_on: str = Field(max_length=40)
    finding: str = Field(max_length=4000)
    item: str | None = None
    raises_veto: str | None = None
    raises_zero_condition: str | None = None


class WaiverBody(BaseModel):
    """Why an inconsistency may stand."""

    reason: str = Field(min_length=1, max_length=2000)


class EndBody(BaseModel):
    """For a nomination: the events that go on."""

    selected: tuple[UUID, ...] | None = None


@router.get("/screening/{stage_id}/queue")
async def queue(stage_id: UUID, act: Act = acting("screening.decide")) -> QueueView:
    """All cases of the screening stage, undecided ones first, with counts by state."""
    return await act.read(lambda tx: reading.queue_view(tx, stage_id))


@router.get("/cases/{case_id}")
async def desk(case_id: UUID, act: Act = acting("screening.decide")) -> DeskView:
    """Form, evidence, findings, entry rules to look at, history, and the version to decide on."""

    async def do(tx: Tx) -> DeskView:
        return await reading.desk_view(tx, await store.case_of(tx, case_id))

    return await act.read(do)


@router.post("/cases/{case_id}/decision")
async def decide(case_id: UUID, body: DecisionBody, act: Act = acting("screening.decide")) -> CaseLine:
    """Pass, send back with named items, or reject; a second decision is refused."""
    items = tuple(RectificationItem(item.field, item.reason) for item in body.items)
    verdict = Verdict(body.decision, body.article, body.reason, body.expected_version, items)

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await screening.decide_case(tx, case_id, verdict)])[0]

    return await act(do)


@router.get("/cases/{case_id}/disqualify")
async def disqualification(
    case_id: UUID, article: str = Query(), reason: str = Query(), act: Act = acting("case.disqualify")
) -> TicketView:
    """What to ask a two-person ticket for."""
    return TicketView(act=DISQUALIFY, digest=agreed_digest(DISQUALIFY, case_id, article, reason))


@router.post("/cases/{case_id}/disqualify")
async def disqualify(case_id: UUID, body: ExclusionBody, act: Act = acting("case.disqualify")) -> CaseLine:
    """Disqualify by two persons (header ``X-Ticket``), before or after the hand-over."""
    ticket = act.ticket

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await exclusion.disqualify_case(tx, case_id, body.article, body.reason, ticket)])[0]

    return await act(do)


@router.get("/cases/{case_id}/reinstate")
async def reinstatement(
    case_id: UUID, article: str = Query(), reason: str = Query(), act: Act = acting("case.disqualify")
) -> TicketView:
    """What to ask a two-person ticket for."""
    return TicketView(act=REINSTATE, digest=agreed_digest(REINSTATE, case_id, article, reason))


@router.post("/cases/{case_id}/reinstate")
async def reinstate(case_id: UUID, body: ExclusionBody, act: Act = acting("case.disqualify")) -> CaseLine:
    """Take a disqualification back by two persons (header ``X-Ticket``)."""
    ticket = act.ticket

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await exclusion.reinstate_case(tx, case_id, body.article, body.reason, ticket)])[0]

    return await act(do)


@router.post("/cases/{case_id}/investigations", status_code=201)
async def record_finding(case_id: UUID, body: FindingBody, act: Act = acting("investigation.record")) -> FindingView:
    """Record a finding; it goes on with the case."""

    async def do(tx: Tx) -> FindingView:
        found = await screening.record_investigation(tx, case_id, Finding(**body.model_dump()))
        return FindingView.model_validate(found.model_dump())

    return await act(do)


@router.post("/cases/{case_id}/inconsistencies/{digest}/waive", status_code=201)
async def waive(
    case_id: UUID, digest: str, body: WaiverBody, act: Act = acting("inconsistency.waive")
) -> InconsistencyView:
    """Let an inconsistency stand, with a reason; a case with an open one cannot pass."""

    async def do(tx: Tx) -> InconsistencyView:
        await screening.waive_inconsistency(tx, case_id, digest, body.reason)
        found = await reading.inconsistency_views(tx, await store.case_of(tx, case_id))
        return next(one for one in found if one.digest == digest)

    return await act(do)


@router.post("/stages/{stage_id}/close")
async def end_stage(stage_id: UUID, body: EndBody | None = None, act: Act = acting("screening.close")) -> ClosingView:
    """End a screening, an intake or a nomination; the manifest is frozen next."""
    selected: Any = body.selected if body is not None else None

    async def do(tx: Tx) -> ClosingView:
        closing = await stages.end_stage(tx, stage_id, selected)
        return ClosingView(stage_id=stage_id, asked_at=closing.asked_at)

    return await act(do)
