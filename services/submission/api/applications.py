"""Filing: draft, figures, submission, receipt, withdrawal, 'where is my case'."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from services.submission import reading, store, views
from services.submission.actions import filing
from services.submission.actions.accepting import Filing, Statement, accept_filings
from services.submission.actions.cases import readable_case, require_own
from services.submission.actions.rules import category_of
from services.submission.api.exact import documented, exact_body
from services.submission.receipts import render_receipt
from services.submission.tables import Case
from services.submission.views import CallView, CaseLine, CaseView, ReceiptView
from shared.infra.database import Tx
from shared.infra.form_workbooks import form_workbook
from shared.infra.workbooks import XLSX
from shared.kernel.refusals import Refusal
from shared.web import gathering
from shared.web.act import Act, AnyActor, acting
from shared.web.body import Body
from shared.web.lean import LeanRoute

router = APIRouter(prefix="/api/submission", tags=["applications"])
submitting = APIRouter(prefix="/api/submission", tags=["applications"], route_class=LeanRoute)


class OpenBody(Body):
    """Which window, for which enterprise, in which class, and whom or what it enters (person or case study)."""

    stage_id: UUID
    enterprise_id: UUID
    variant: str | None = None
    title: str | None = Field(default=None, max_length=120)


class FiguresBody(Body):
    """Figures by fact id: numbers as JSON numbers or text, ``true``/``false``, option ids, ``null`` where none."""

    figures: dict[str, Any]


FIGURES: Any = exact_body(FiguresBody)


WORKBOOK: dict[str, Any] = {
    "requestBody": {"required": True, "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}


class SubmitBody(Body):
    """The applicant's statement; where a person is honoured, consent to the name being published."""

    statement_version: str
    confirmed: bool
    name_consent: bool = False


class WithdrawBody(Body):
    """Why the applicant withdraws."""

    reason: str = Field(default="", max_length=1000)


@router.get("/calls")
async def open_calls(request: Request, actor: AnyActor) -> list[CallView]:
    """Windows that are open now."""
    async with request.app.state.service.database.transaction(actor) as tx:
        return await reading.calls(tx)


@router.post("/applications", status_code=201)
async def begin(body: OpenBody, act: Act = acting("application.file")) -> CaseLine:
    """Begin a draft; a second application of the same enterprise in the category is refused."""

    async def do(tx: Tx) -> CaseLine:
        case = await filing.open_application(tx, body.stage_id, body.enterprise_id, body.variant, body.title)
        return reading.lines([case])[0]

    return await act(do)


@router.get("/applications")
async def own_cases(act: Act = acting("application.read")) -> list[CaseLine]:
    """The applications of the enterprises one acts for."""

    async def do(tx: Tx) -> list[CaseLine]:
        return reading.lines(list(await store.cases_of_subjects(tx, tx.actor.acts_for)))

    return await act.read(do)


@router.get("/applications/{case_id}")
async def where_is_my_case(case_id: UUID, act: Act = acting("application.read")) -> CaseView:
    """Stage, clock, next step, article, who must act, and what was filed."""

    async def do(tx: Tx) -> CaseView:
        return await reading.case_view(tx, await readable_case(tx, case_id))

    return await act.read(do)


@router.put("/applications/{case_id}/figures", openapi_extra=documented(FiguresBody))
async def enter_figures(case_id: UUID, act: Act = acting("application.file"), body: FiguresBody = FIGURES) -> CaseLine:
    """Merge figures; one that is wrong refuses them all, with a sentence for each field."""

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await filing.enter_figures(tx, case_id, body.figures)])[0]

    return await act(do)


@router.get("/applications/{case_id}/form.xlsx", response_class=Response)
async def form_as_workbook(request: Request, case_id: UUID, act: Act = acting("application.read")) -> Response:
    """The form as an XLSX template made from the rulebook, with what was entered already."""
    mark = "（演练）" if request.app.state.service.rehearsal else ""

    async def do(tx: Tx) -> bytes:
        case = await readable_case(tx, case_id)
        return form_workbook(category_of(case), case.variant, case.entered, mark=mark)

    headers = {"Content-Disposition": 'attachment; filename="form.xlsx"'}
    return Response(await act.read(do), media_type=XLSX, headers=headers)


@router.put("/applications/{case_id}/form.xlsx", openapi_extra=WORKBOOK)
async def enter_workbook(request: Request, case_id: UUID, act: Act = acting("application.file")) -> CaseLine:
    """Merge the figures of a filled template, sent as it is; one that is wrong refuses them all."""
    content = await request.body()

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await filing.enter_workbook(tx, case_id, content)])[0]

    return await act(do)


@submitting.post("/applications/{case_id}/submit")
async def submit(
    request: Request, case_id: UUID, body: SubmitBody, act: Act = acting("application.file")
) -> ReceiptView:
    """Submit a complete filing; answers with number, digest and the latest checkpoint of the ledger.

    What comes while others are being accepted is accepted with the next batch.
    """
    statement = Statement(body.statement_version, body.confirmed, body.name_consent)
    receipt: ReceiptView = await request.app.state.accepting(act, case_id, statement)
    return receipt


async def accept(tx: Tx, requests: Sequence[gathering.Request[Statement]]) -> list[ReceiptView | Refusal]:
    """The receipts of a batch, or why there is none."""
    filings = [Filing(one.about, one.wish, one.actor, one.trace, one.received_at(tx.now)) for one in requests]
    outcomes = await accept_filings(tx, filings)
    return [one if isinstance(one, Refusal) else _receipt(one) for one in outcomes]


@router.post("/applications/{case_id}/resubmit")
async def resubmit(case_id: UUID, act: Act = acting("application.file")) -> CaseLine:
    """Hand a rectified filing in again."""

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await filing.resubmit_application(tx, case_id)])[0]

    return await act(do)


@router.post("/applications/{case_id}/withdraw")
async def withdraw(case_id: UUID, body: WithdrawBody, act: Act = acting("application.withdraw")) -> CaseLine:
    """Withdraw; after the hand-over the later stages are told by an amendment."""

    async def do(tx: Tx) -> CaseLine:
        return reading.lines([await filing.withdraw_application(tx, case_id, body.reason)])[0]

    return await act(do)


@router.get("/applications/{case_id}/receipt")
async def receipt(case_id: UUID, act: Act = acting("application.read")) -> ReceiptView:
    """The receipt again."""

    async def do(tx: Tx) -> ReceiptView:
        return _receipt(require_own(tx, await store.case_of(tx, case_id)))

    return await act.read(do)


@router.get("/applications/{case_id}/receipt.pdf", response_class=Response)
async def receipt_document(case_id: UUID, act: Act = acting("application.read")) -> Response:
    """The receipt as PDF."""
    number, content = await render_receipt(act, case_id)
    headers = {"Content-Disposition": f'inline; filename="{number}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _receipt(case: Case) -> ReceiptView:
    filing.receipt_time(case)
    found = views.receipt_view(case)
    assert found is not None
    return found
