"""Consultations: letters and replies of the departments, rulings on concerns."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.ranking import reading
from services.ranking.actions import concerns, consultation
from services.ranking.actions.concerns import RulingConfirmed, RulingGiven
from services.ranking.actions.consultation import Replies
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/ranking/consultations", tags=["consultation"])


@router.get("")
async def list_consultations(act: Act = acting("consultation.read")) -> list[dict[str, Any]]:
    """Consultations; a department sees its own letters and answers only."""
    return await act.read(reading.consultations_shown)


@router.post("/{stage_id}/replies")
async def reply(stage_id: UUID, body: Replies, act: Act = acting("consultation.reply")) -> dict[str, Any]:
    """Answer about cases, once a case."""
    return await act(lambda tx: consultation.reply(tx, stage_id, body))


@router.post("/{stage_id}/close")
async def close(stage_id: UUID, act: Act = acting("consultation.close")) -> dict[str, Any]:
    """End early; only when all departments have answered about all cases."""
    return await act(lambda tx: consultation.close_early(tx, stage_id))


@router.post("/{stage_id}/concerns/{case_id}")
async def propose_ruling(
    stage_id: UUID, case_id: UUID, body: RulingGiven, act: Act = acting("concern.rule")
) -> dict[str, Any]:
    """Propose to keep or remove a case about which a concern was raised."""
    return await act(lambda tx: concerns.propose_ruling(tx, stage_id, case_id, body))


@router.post("/{stage_id}/concerns/{case_id}/confirm")
async def confirm_ruling(
    stage_id: UUID, case_id: UUID, body: RulingConfirmed, act: Act = acting("concern.rule")
) -> dict[str, Any]:
    """Confirm what another member proposed."""
    return await act(lambda tx: concerns.confirm_ruling(tx, stage_id, case_id, body))


@router.post("/{stage_id}/concerns/{case_id}/withdraw")
async def withdraw_ruling(stage_id: UUID, case_id: UUID, act: Act = acting("concern.rule")) -> dict[str, Any]:
    """Take a proposed ruling back before it is confirmed."""
    return await act(lambda tx: concerns.withdraw_ruling(tx, stage_id, case_id))
