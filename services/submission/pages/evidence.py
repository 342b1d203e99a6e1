"""The evidence of a case in the portal: a file sent with a plain form, a file taken out."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission.actions import evidence
from services.submission.actions.evidence import Announcement, quarantine_key
from services.submission.domain.evidence import IN_ONE, check_in_one
from services.submission.pages.portal import case_page
from services.submission.site import case_path
from services.submission.uploads.finalising import finalise_upload, take_out
from shared.infra.database import Tx
from shared.infra.files import QUARANTINE, Files
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting_form

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=2000)]


@router.post("/portal/applications/{case_id}/evidence")
async def add_evidence(
    request: Request,
    case_id: UUID,
    file: UploadFile,
    kind: Text,
    figure: Text = "",
    act: Act = acting_form("evidence.upload"),
) -> Response:
    """A file sent through this page; programs post to the file origin instead."""
    files: Files = request.app.state.service.files
    name = file.filename or ""
    try:
        content = await file.read(IN_ONE + 1)
        check_in_one(name, len(content))

        async def announce(tx: Tx) -> dict[str, str]:
            announced = Announcement(name, kind, len(content), (figure,) if figure else ())
            found = await evidence.announce_evidence(tx, case_id, announced)
            return {"evidence_id": str(found.evidence_id), "key": quarantine_key(found), "type": found.media_type}

        announced = await act(announce)
        await files.put(QUARANTINE, announced["key"], content, announced["type"])
        act.key = f"{act.key}/finalise"
        await finalise_upload(act, files, case_id, UUID(announced["evidence_id"]))
    except Refusal as refusal:
        refused = refusal
        return await act.read(lambda tx: case_page(tx, request, case_id, refused))
    return RedirectResponse(case_path(case_id), HTTPStatus.SEE_OTHER)


@router.post("/portal/applications/{case_id}/evidence/{evidence_id}/remove")
async def remove_evidence(
    request: Request, case_id: UUID, evidence_id: UUID, act: Act = acting_form("evidence.upload")
) -> Response:
    """Take a file out."""
    try:
        await take_out(act, request.app.state.service.files, case_id, evidence_id)
    except Refusal as refusal:
        refused = refusal
        return await act.read(lambda tx: case_page(tx, request, case_id, refused))
    return RedirectResponse(case_path(case_id), HTTPStatus.SEE_OTHER)
