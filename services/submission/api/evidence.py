"""Evidence: announce, upload to the file origin, finalise, remove, read."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from services.submission import store
from services.submission.actions import evidence as actions
from services.submission.actions.cases import readable_case
from services.submission.actions.evidence import Announcement, quarantine_key
from services.submission.reading import evidence_view
from services.submission.tables import Evidence
from services.submission.uploads import finalise_upload
from services.submission.views import EvidenceView, UploadView
from shared.infra.database import Tx
from shared.infra.files import EVIDENCE, Files
from shared.kernel.refusals import Conflict
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/submission", tags=["evidence"])


class AnnounceBody(BaseModel):
    """A file about to be uploaded: size in bytes, kind as in the rulebook, the figures it shows."""

    name: str = Field(min_length=1, max_length=200)
    kind: str
    size: int
    figures: tuple[str, ...] = ()
    page: int | None = Field(default=None, ge=1)


@router.post("/applications/{case_id}/evidence", status_code=201)
async def announce(case_id: UUID, body: AnnounceBody, act: Act = acting("evidence.upload")) -> UploadView:
    """Announce a file; answers with the form to post it to the file origin (at most 8 MiB, ten minutes)."""
    files: Files = act.request.app.state.service.files

    async def do(tx: Tx) -> UploadView:
        evidence = await actions.announce_evidence(tx, case_id, Announcement(**body.model_dump()))
        url, fields = files.upload_form(quarantine_key(evidence))
        return UploadView(**evidence_view(evidence, body.figures).model_dump(), upload_url=url, fields=fields)

    return await act(do)


@router.post("/applications/{case_id}/evidence/{evidence_id}/finalise")
async def finalise(case_id: UUID, evidence_id: UUID, act: Act = acting("evidence.upload")) -> EvidenceView:
    """Check the uploaded file and copy it into the locked bucket; a refused one is removed with its reason."""
    return await finalise_upload(act, act.request.app.state.service.files, case_id, evidence_id)


@router.delete("/applications/{case_id}/evidence/{evidence_id}")
async def remove(case_id: UUID, evidence_id: UUID, act: Act = acting("evidence.upload")) -> EvidenceView:
    """Take a file out of a filing that may still be changed."""

    async def do(tx: Tx) -> EvidenceView:
        return evidence_view(await actions.remove_evidence(tx, case_id, evidence_id))

    return await act(do)


@router.get("/cases/{case_id}/evidence/{evidence_id}")
async def read_file(
    request: Request, case_id: UUID, evidence_id: UUID, act: Act = acting("application.read")
) -> RedirectResponse:
    """To the file itself on the file origin, by an address that works for ten minutes."""

    async def do(tx: Tx) -> Evidence:
        await readable_case(tx, case_id)
        return await store.evidence_file(tx, case_id, evidence_id)

    evidence = await act.read(do)
    if evidence.state != "kept":
        raise Conflict("evidence_not_kept", "此文件未被接收。")
    files: Files = request.app.state.service.files
    return RedirectResponse(files.download_link(EVIDENCE, quarantine_key(evidence), evidence.version_id), 303)
