"""What experts do: undertaking, recusal, drafts, signed sheets."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.review import store
from services.review.actions import correcting, findings, scoring, seats
from services.review.api.base import (
    Body,
    Done,
    ExactRoute,
    Points,
    Reason,
    and_done,
    answer_as,
    attestor_of,
    sealer_of,
)
from services.review.reads import expert as views
from shared.infra.database import Tx
from shared.infra.inspection import MOST_PAGES
from shared.infra.previews import draw_page
from shared.kernel.file_names import extension_of
from shared.kernel.refusals import NotAllowed, Refusal
from shared.web.act import Act, acting
from shared.web.pictures import picture
from shared.web.rights import Role

router = APIRouter(route_class=ExactRoute)


class UndertakingBody(Body):
    """The expert's answer to the call, on the text of this version."""

    accept: bool
    text_version: str
    reason: Reason | None = None


class UndertakingAnswer(BaseModel):
    """How the member now stands, and the digest of the text that was answered."""

    state: str
    text_digest: str


class RecuseBody(Body):
    """Who steps aside from the panel (the office names the expert), which case is the cause, if it is one, and why."""

    reason: Reason
    expert_id: UUID | None = None
    case_id: UUID | None = None


class SheetBody(Body):
    """Points by item id, and the reasons for them where the rule asks or the expert wants to give one."""

    judgements: dict[str, Points]
    reasons: dict[str, Annotated[str, Field(max_length=2000)]] = Field(default_factory=dict)


class CorrectionBody(SheetBody):
    """A whole corrected sheet, and why it is corrected."""

    reason: Reason


class FindingBody(Body):
    """A zero condition or veto of the scorecard, where it is known from, and since when."""

    rule_id: Annotated[str, Field(max_length=100)]
    source: Reason
    found_on: date | None = None


class FindingAnswer(BaseModel):
    """The finding and where it stands."""

    finding_id: UUID
    state: str


class Saved(BaseModel):
    """A draft was kept."""

    case_id: UUID
    saved_at: datetime
    judged: int


class Receipt(BaseModel):
    """The receipt of a signed sheet: attestation, and the ledger's newest signed checkpoint as witness."""

    case_id: UUID
    neutral_number: str
    sheet_digest: str
    signed_at: datetime
    attestation: dict[str, str]
    checkpoint: str | None


@router.post("/stages/{stage_id}/undertaking")
async def undertaking(
    stage_id: UUID, body: UndertakingBody, act: Act = acting("undertaking.sign")
) -> UndertakingAnswer:
    """Sign the undertaking, or refuse with a reason."""
    return await answer_as(UndertakingAnswer, act, lambda tx: seats.answer_call(tx, stage_id, **body.model_dump()))


@router.post("/stages/{stage_id}/recuse")
async def recuse(stage_id: UUID, body: RecuseBody, act: Act = acting("panel.recuse")) -> Done:
    """Step aside from the panel; the office may record it for an expert."""

    async def do(tx: Tx) -> None:
        expert = await recused_expert(tx, body.expert_id)
        await seats.recuse(tx, stage_id, expert, body.case_id, body.reason)

    return await and_done(act, do)


async def recused_expert(tx: Tx, named: UUID | None) -> UUID:
    """Whom a recusal concerns: an expert only himself, the office whom it names."""
    if Role.OFFICE in tx.actor.roles:
        if named is None:
            raise Refusal("expert_needed", "请指明回避的专家。", field="expert_id")
        return named
    own = (await store.expert_acting(tx)).expert_id
    if named not in (None, own):
        raise NotAllowed("您只能为本人申请回避。")
    return own


@router.get("/tasks")
async def tasks(act: Act = acting("sheet.write")) -> list[views.TaskList]:
    """The panels I was called to and my cases in them."""
    return await act.read(views.task_lists)


@router.get("/tasks/{case_id}")
async def task(case_id: UUID, request: Request, act: Act = acting("sheet.write")) -> views.Task:
    """One of my cases: figures, computed items, items to judge, findings, my draft."""
    sealer = sealer_of(request)
    return await act.read(lambda tx: views.task(tx, sealer, case_id))


@router.get(
    "/tasks/{case_id}/evidence/{evidence_id}/preview",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
async def preview(
    case_id: UUID,
    evidence_id: UUID,
    request: Request,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
    act: Act = acting("sheet.write"),
) -> Response:
    """A page of a file of one of my cases, drawn here as PNG."""
    item = await act.read(lambda tx: views.own_evidence(tx, case_id, evidence_id, page))
    files = request.app.state.service.files
    key = f"{case_id}/{evidence_id}"
    return picture(await draw_page(files, key, item.version_id, item.sha256, extension_of(item.name), page))


@router.put("/tasks/{case_id}/draft")
async def save_draft(case_id: UUID, body: SheetBody, request: Request, act: Act = acting("sheet.write")) -> Saved:
    """Keep my unfinished sheet."""
    sealer = sealer_of(request)
    return await answer_as(
        Saved, act, lambda tx: scoring.save_draft(tx, sealer, case_id, body.judgements, body.reasons)
    )


@router.post("/tasks/{case_id}/sign")
async def sign(case_id: UUID, body: SheetBody, request: Request, act: Act = acting("sheet.write")) -> Receipt:
    """Sign my sheet: complete, once, within the term."""
    attestor = attestor_of(request)
    return await answer_as(
        Receipt, act, lambda tx: scoring.sign_sheet(tx, attestor, case_id, body.judgements, body.reasons)
    )


@router.post("/tasks/{case_id}/correction")
async def correct(case_id: UUID, body: CorrectionBody, request: Request, act: Act = acting("sheet.write")) -> Receipt:
    """Sign a corrected sheet; it counts once the office has countersigned it."""
    attestor = attestor_of(request)

    async def do(tx: Tx) -> dict[str, Any]:
        return await correcting.correct_sheet(tx, attestor, case_id, body.judgements, body.reasons, body.reason)

    return await answer_as(Receipt, act, do)


@router.post("/tasks/{case_id}/findings")
async def raise_finding(case_id: UUID, body: FindingBody, act: Act = acting("sheet.write")) -> FindingAnswer:
    """Raise a zero condition or veto on one of my cases, with its source."""
    return await answer_as(FindingAnswer, act, lambda tx: findings.raise_by_expert(tx, case_id, **body.model_dump()))
