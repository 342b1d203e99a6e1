"""Decisions: the ranking, the meeting, choices at the quota, recommendations, confirmations, minute."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from services.ranking import reading
from services.ranking.actions import confirming, decisions, recommendation
from services.ranking.actions.decisions import Choices, MeetingHeld, TakenBack
from services.ranking.actions.minutes import MinutePaper, draft_paper, paper_for_reader
from services.ranking.actions.recommendation import Recommendations
from shared.infra.files import DOSSIERS
from shared.infra.word import DOCX
from shared.web.act import Act, acting
from shared.web.documents import minute_docx, minute_pdf

router = APIRouter(prefix="/api/ranking", tags=["decision"])


class Agreed(BaseModel):
    """The digest of exactly what is confirmed."""

    model_config = ConfigDict(extra="forbid")

    digest: str


@router.get("/stages")
async def list_stages(act: Act = acting("ranking.read")) -> list[dict[str, Any]]:
    """Ranking's stages, running ones first."""
    return await act.read(reading.stages_shown)


@router.get("/stages/{stage_id}")
async def read_stage(
    stage_id: UUID, page: Annotated[int | None, Query(ge=1)] = None, act: Act = acting("ranking.read")
) -> dict[str, Any]:
    """A stage: its term, its ranking with the quota line, meeting, decisions, what is to be confirmed.

    With ``page`` a hundred entries of the ranking, however long it is; without it the whole.
    """
    return await act.read(lambda tx: reading.stage_shown(tx, stage_id, page))


@router.get("/stages/{stage_id}/cases/{case_id}/explain")
async def explain_case(stage_id: UUID, case_id: UUID, act: Act = acting("ranking.read")) -> dict[str, Any]:
    """The path from every figure to the points of a case."""
    return await act.read(lambda tx: reading.case_explained(tx, stage_id, case_id))


@router.post("/stages/{stage_id}/meeting")
async def hold_meeting(stage_id: UUID, body: MeetingHeld, act: Act = acting("decision.record")) -> dict[str, Any]:
    """Record the meeting: seats present, seats that stood aside."""
    return await act(lambda tx: decisions.record_meeting(tx, stage_id, body))


@router.post("/stages/{stage_id}/decisions")
async def decide(stage_id: UUID, body: Choices, act: Act = acting("decision.record")) -> dict[str, Any]:
    """Record decisions at the quota, each case once."""
    return await act(lambda tx: decisions.record_choices(tx, stage_id, body))


@router.post("/stages/{stage_id}/decisions/take-back")
async def take_back(stage_id: UUID, body: TakenBack, act: Act = acting("decision.record")) -> dict[str, Any]:
    """Take decisions back before both co-chairs have confirmed."""
    return await act(lambda tx: decisions.take_back(tx, stage_id, body))


@router.get("/stages/{stage_id}/digest")
async def read_digest(stage_id: UUID, act: Act = acting("ranking.read")) -> dict[str, Any]:
    """What is to be confirmed: ``digest``, and ``act`` where a two-person ticket is needed."""
    return await act.read(lambda tx: reading.digest_shown(tx, stage_id))


@router.post("/stages/{stage_id}/confirm")
async def confirm(stage_id: UUID, body: Agreed, act: Act = acting("decision.confirm")) -> dict[str, Any]:
    """Confirm the decisions under their digest, freshly authenticated; both co-chairs, or who stands in for one."""
    return await act(lambda tx: confirming.confirm_choices(tx, stage_id, body.digest))


@router.post("/stages/{stage_id}/recommendations")
async def recommend(stage_id: UUID, body: Recommendations, act: Act = acting("evaluation.decide")) -> dict[str, Any]:
    """Record recommendations, each case once."""
    return await act(lambda tx: recommendation.record_recommendations(tx, stage_id, body))


@router.post("/stages/{stage_id}/recommendations/confirm")
async def confirm_recommendations(stage_id: UUID, act: Act = acting("evaluation.decide")) -> dict[str, Any]:
    """Two persons confirm all recommendations (ticket ``evaluation.decide``)."""
    return await act(lambda tx: recommendation.confirm_recommendations(tx, stage_id, act.ticket))


@router.get("/stages/{stage_id}/draft-minute.{kind}", response_class=Response)
async def draft_minute(stage_id: UUID, kind: Literal["pdf", "docx"], act: Act = acting("ranking.read")) -> Response:
    """The minute as it would be now, for the committee to work on; the paper in force follows the confirmation."""
    return await _paper(act, await act.read(lambda tx: draft_paper(tx, stage_id)), kind, "draft-minute")


@router.get("/minutes/{subject}.{kind}", response_class=Response)
async def read_minute(subject: UUID, kind: Literal["pdf", "docx"], act: Act = acting("ranking.read")) -> Response:
    """The minute of a stage or of a refilled seat; for who stands aside from a case without a trace of it."""
    paper, key = await act.read(lambda tx: paper_for_reader(tx, subject))
    if kind == "docx" or key is None:
        return await _paper(act, paper, kind, "minute")
    content = await act.request.app.state.service.files.get(DOSSIERS, key)
    return Response(content, media_type="application/pdf")


async def _paper(act: Act, paper: MinutePaper, kind: str, name: str) -> Response:
    service = act.request.app.state.service
    minute = paper.minute(service.settings.public_origin)
    make, media_type = (minute_pdf, "application/pdf") if kind == "pdf" else (minute_docx, DOCX)
    content = await asyncio.to_thread(make, minute, rehearsal=service.rehearsal)
    headers = {"Content-Disposition": f"attachment; filename={name}.{kind}"}
    return Response(content, media_type=media_type, headers=headers)
