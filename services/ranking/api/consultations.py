"""Consultations: letters and replies of the departments, rulings on concerns."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.ranking import reading
from services.ranking.actions import concerns, consultation
from services.ranking.actions.concerns import RulingConfirmed, RulingGiven
from services.ranking.actions.consultation import Replies
from services.ranking.domain.consultation import EXTENSIONS
from services.ranking.files import lay_down
from shared.infra.files import DOSSIERS
from shared.web.act import Act, acting
from shared.web.documents import letter_pdf

router = APIRouter(prefix="/api/ranking/consultations", tags=["consultation"])


@router.get("")
async def list_consultations(act: Act = acting("consultation.read")) -> list[dict[str, Any]]:
    """Consultations; a department sees its own letters and answers only."""
    return await act.read(reading.consultations_shown)


@router.get("/{stage_id}/letters/{department_id}.pdf", response_class=Response)
async def letter(
    stage_id: UUID, department_id: UUID, request: Request, act: Act = acting("consultation.read")
) -> Response:
    """The letter to a department as PDF; a department reads its own."""
    service = request.app.state.service
    paper = await act.read(lambda tx: reading.letter_shown(tx, stage_id, department_id, service.settings.public_origin))
    content = await asyncio.to_thread(letter_pdf, paper, rehearsal=service.rehearsal)
    return Response(content, media_type="application/pdf")


@router.post("/{stage_id}/files")
async def give_file(stage_id: UUID, request: Request, act: Act = acting("consultation.reply")) -> dict[str, Any]:
    """A file for a concern, as the body: PDF, PNG or JPEG up to 8 MiB; the reply then names its SHA-256.

    ``scan`` says ``held`` while the virus scanner could not look at it, and ``none`` where none is set.
    """
    given = await lay_down(request.app.state.service, await request.body())
    return await act(lambda tx: consultation.keep_file(tx, stage_id, given))


@router.get("/{stage_id}/files/{sha256}", response_class=Response)
async def read_file(stage_id: UUID, sha256: str, request: Request, act: Act = acting("consultation.read")) -> Response:
    """A file given with a concern, to be saved and not shown within a page."""
    found = await act.read(lambda tx: reading.concern_file(tx, stage_id, sha256))
    content = await request.app.state.service.files.get(DOSSIERS, found.key)
    headers = {
        "Content-Disposition": f"attachment; filename=concern.{EXTENSIONS[found.media_type]}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=found.media_type, headers=headers)


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
