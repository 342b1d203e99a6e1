"""The office's screening desk: queue, case, decision, findings, disqualification, ending a stage."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.submission import reading, store
from services.submission.actions import desk as work
from services.submission.actions import exclusion, investigations, screening, stages
from services.submission.actions.exclusion import DISQUALIFY, REINSTATE, agreed_digest
from services.submission.actions.investigations import Finding
from services.submission.actions.screening import Verdict
from services.submission.domain.filing import RectificationItem
from services.submission.domain.queue import Wanted
from services.submission.reads.case import desk_view, inconsistency_views
from services.submission.reads.queue import DeskLine, desk_page
from services.submission.views import (
    CaseLine,
    ClosingView,
    DeskView,
    FindingView,
    InconsistencyView,
    PointView,
    QueueView,
    RequestView,
    TicketView,
)
from shared.infra.database import Tx
from shared.web.act import Act, acting
from shared.web.body import Body

router = APIRouter(prefix="/api/submission", tags=["screening"])


class ItemBody(Body):
    """A fact of the form or a kind of evidence to be put right, and why."""

    field: str
    reason: str


class DecisionBody(Body):
    """The decision on a case, under an article, on the version that was read."""

    decision: Literal["pass", "rectify", "reject"]
    article: str
    reason: str = Field(default="", max_length=2000)
    items: tuple[ItemBody, ...] = ()
    expected_version: int
    seen: int | None = None


class ExclusionBody(Body):
    """Article and reason; the two-person ticket must be for exactly these."""

    article: str
    reason: str = Field(max_length=2000)


class FindingBody(Body):
    """A finding of office or departments; may name a veto or a zero condition of the scorecard."""

    kind: Literal["material", "on_site", "audit", "organisation", "social"]
    source: str = Field(min_length=1, max_length=200)
    found_on: str = Field(max_length=40)
    finding: str = Field(max_length=4000)
    item: str | None = None
    raises_veto: str | None = None
    raises_zero_condition: str | None = None


class WaiverBody(Body):
    """Why an inconsistency may stand."""

    reason: str = Field(min_length=1, max_length=2000)


class EndBody(Body):
    """For a nomination: the events that go on."""

    selected: tuple[UUID, ...] | None = None


@router.get("/screening/{stage_id}/queue")
async def queue(stage_id: UUID, act: Act = acting("screening.decide")) -> QueueView:
    """All cases of the screening stage, undecided ones first, with counts by state."""
    return await act.read(lambda tx: reading.queue_view(tx, stage_id))


class PageBody(BaseModel):
    """One page of the desk's queue, how many there are and in which states."""

    cases: list[DeskLine]
    total: int
    page: int
    pages: int
    counts: dict[str, int]


@router.get("/cases")
async def cases(wanted: Annotated[Wanted, Query()], act: Act = acting("screening.decide")) -> PageBody:
    """The queue over all categories, filtered, ordered and by pages."""

    async def do(tx: Tx) -> PageBody:
        found = await desk_page(tx, wanted)
        counts = dict(found.counts)
        return PageBody(cases=found.lines, total=found.total, page=found.page, pages=found.pages, counts=counts)

    return await act.read(do)


class AssignmentBody(Body):
    """To whom a case goes (null: nobody), and a word with it."""

    assignee: UUID | None = None
    note: str = Field(default="", max_length=400)


@router.post("/cases/{case_id}/assignment")
async def assign(case_id: UUID, body: AssignmentBody, act: Act = acting("case.assign")) -> CaseLine:
    """Give a case to somebody of the office."""

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await work.assign_case(tx, case_id, body.assignee, body.note)])[0]

    return await act(do)


@router.put("/cases/{case_id}/checklist/{point}")
async def tick(case_id: UUID, point: str, act: Act = acting("screening.decide")) -> PointView:
    """Say that a point of the checklist was looked at."""

    async def do(tx: Tx) -> PointView:
        await work.tick_point(tx, case_id, point)
        await tx.session.flush()
        view = await desk_view(tx, await store.case_of(tx, case_id))
        return next(one for one in view.checklist if one.id == point)

    return await act(do)


@router.delete("/cases/{case_id}/checklist/{point}")
async def untick(case_id: UUID, point: str, act: Act = acting("screening.decide")) -> dict[str, str]:
    """Take a tick back."""

    async def do(tx: Tx) -> dict[str, str]:
        await work.untick_point(tx, case_id, point)
        return {"point": point}

    return await act(do)


@router.get("/cases/{case_id}")
async def desk(case_id: UUID, act: Act = acting("screening.decide")) -> DeskView:
    """Form, evidence, findings, entry rules to look at, history, and the version to decide on."""

    async def do(tx: Tx) -> DeskView:
        return await desk_view(tx, await store.case_of(tx, case_id))

    return await act.read(do)


@router.post("/cases/{case_id}/decision")
async def decide(case_id: UUID, body: DecisionBody, act: Act = acting("screening.decide")) -> CaseLine:
    """Pass, send back with named items, or reject; a second decision is refused."""
    items = tuple(RectificationItem(item.field, item.reason) for item in body.items)
    verdict = Verdict(body.decision, body.article, body.reason, body.expected_version, items, body.seen)

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
    case_id: UUID, article: str = Query(), reason: str = Query(), act: Act = acting("case.reinstate")
) -> TicketView:
    """What to ask a two-person ticket for."""
    return TicketView(act=REINSTATE, digest=agreed_digest(REINSTATE, case_id, article, reason))


@router.post("/cases/{case_id}/reinstate")
async def reinstate(case_id: UUID, body: ExclusionBody, act: Act = acting("case.reinstate")) -> CaseLine:
    """Take a disqualification back by two persons (header ``X-Ticket``)."""
    ticket = act.ticket

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await exclusion.reinstate_case(tx, case_id, body.article, body.reason, ticket)])[0]

    return await act(do)


@router.post("/cases/{case_id}/investigations", status_code=201)
async def record_finding(case_id: UUID, body: FindingBody, act: Act = acting("investigation.record")) -> FindingView:
    """Record a finding; it goes on with the case."""

    async def do(tx: Tx) -> FindingView:
        found = await investigations.record_investigation(tx, case_id, Finding(**body.model_dump()))
        return FindingView.model_validate(found.model_dump())

    return await act(do)


@router.post("/cases/{case_id}/investigations/{investigation_id}/corrections", status_code=201)
async def correct_finding(
    case_id: UUID, investigation_id: UUID, body: FindingBody, act: Act = acting("investigation.record")
) -> FindingView:
    """Replace a record by a corrected one; the earlier stays readable."""

    async def do(tx: Tx) -> FindingView:
        given = Finding(**body.model_dump())
        found = await investigations.correct_investigation(tx, case_id, investigation_id, given)
        return FindingView.model_validate(found.model_dump())

    return await act(do)


class QuestionBody(Body):
    """What a department is asked, and about which item of the scorecard."""

    department_id: UUID
    question: str = Field(min_length=1, max_length=2000)
    item: str | None = None


@router.post("/cases/{case_id}/investigation-requests", status_code=201)
async def ask(case_id: UUID, body: QuestionBody, act: Act = acting("investigation.record")) -> RequestView:
    """Ask a department about a case; it learns nothing else of it."""

    async def do(tx: Tx) -> RequestView:
        asked = await investigations.ask_department(tx, case_id, body.department_id, body.item, body.question)
        return RequestView.model_validate(asked.model_dump())

    return await act(do)


class AnswerBody(Body):
    """What a department found."""

    kind: Literal["material", "on_site", "audit", "organisation", "social"] = "organisation"
    found_on: str = Field(min_length=1, max_length=40)
    finding: str = Field(min_length=1, max_length=4000)


@router.post("/investigation-requests/{request_id}/answer", status_code=201)
async def answer(request_id: UUID, body: AnswerBody, act: Act = acting("investigation.answer")) -> RequestView:
    """Answer a question put to one's department; again replaces the earlier answer."""

    async def do(tx: Tx) -> RequestView:
        await investigations.answer_request(tx, request_id, body.kind, body.found_on, body.finding)
        return RequestView.model_validate((await investigations.own_request(tx, request_id)).model_dump())

    return await act(do)


@router.post("/cases/{case_id}/inconsistencies/{digest}/waive", status_code=201)
async def waive(
    case_id: UUID, digest: str, body: WaiverBody, act: Act = acting("inconsistency.waive")
) -> InconsistencyView:
    """Let an inconsistency stand, with a reason; a case with an open one cannot pass."""

    async def do(tx: Tx) -> InconsistencyView:
        await screening.waive_inconsistency(tx, case_id, digest, body.reason)
        found = await inconsistency_views(tx, await store.case_of(tx, case_id))
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
