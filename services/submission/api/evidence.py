"""Evidence: announce, upload to the file origin, finalise, remove, read."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from services.submission import store
from services.submission.actions import evidence as actions
from services.submission.actions.binding import bind_evidence
from services.submission.actions.cases import readable_case
from services.submission.actions.evidence import Announcement, quarantine_key
from services.submission.domain.evidence import IN_ONE, MOST_PREVIEWS, in_parts
from services.submission.reading import evidence_view
from services.submission.tables import Evidence
from services.submission.uploads.finalising import finalise_upload, take_out
from services.submission.uploads.going_on import go_on
from services.submission.uploads.rendering import render_page
from services.submission.views import EvidenceView, PartsView, PartView, UploadView
from shared.infra.database import Tx
from shared.infra.files import EVIDENCE, Files
from shared.infra.inspection import MOST_PAGES
from shared.kernel.refusals import Conflict, NotFound
from shared.web.act import Act, acting
from shared.web.body import Body
from shared.web.pictures import picture

router = APIRouter(prefix="/api/submission", tags=["evidence"])


class BindingBody(Body):
    """A figure that a file shows, and on which page."""

    figure: str = Field(min_length=1, max_length=100)
    page: int | None = Field(default=None, ge=1, le=MOST_PAGES)


class BindingsBody(Body):
    """All figures that a file shows."""

    bindings: tuple[BindingBody, ...] = Field(max_length=200)


class AnnounceBody(Body):
    """A file about to be uploaded: size in bytes, kind as in the rulebook, the figures it shows on which page, the
    file whose next edition it is."""

    name: str = Field(min_length=1, max_length=200)
    kind: str
    size: int
    figures: tuple[str, ...] = ()
    page: int | None = Field(default=None, ge=1, le=MOST_PAGES)
    replaces: UUID | None = None


@router.post("/applications/{case_id}/evidence", status_code=201)
async def announce(case_id: UUID, body: AnnounceBody, act: Act = acting("evidence.upload")) -> UploadView:
    """Announce a file; up to 8 MiB the answer has the form to post it with (ten minutes), above it comes in parts."""
    files: Files = act.request.app.state.service.files

    async def do(tx: Tx) -> UploadView:
        evidence = await actions.announce_evidence(tx, case_id, Announcement(**body.model_dump()))
        bound = await store.bindings_of(tx, [evidence.evidence_id])
        view = evidence_view(evidence, bound.get(evidence.evidence_id, ())).model_dump()
        if in_parts(evidence.size):
            return UploadView(**view, parts=f"{act.request.url.path}/{evidence.evidence_id}/parts")
        url, fields = files.upload_form(quarantine_key(evidence), evidence.size)
        return UploadView(**view, upload_url=url, fields=fields)

    return await act(do)


@router.post("/applications/{case_id}/evidence/{evidence_id}/parts")
async def parts(case_id: UUID, evidence_id: UUID, act: Act = acting("evidence.upload")) -> PartsView:
    """Begin the upload of a large file in parts, or go on with it after a cut: what has come, where the rest goes."""
    found = await go_on(act, act.request.app.state.service.files, case_id, evidence_id)
    missing = tuple(PartView(number=number, size=size, url=url) for number, size, url in found.missing)
    return PartsView(part_size=IN_ONE, done=found.done, missing=missing)


@router.post("/applications/{case_id}/evidence/{evidence_id}/finalise")
async def finalise(case_id: UUID, evidence_id: UUID, act: Act = acting("evidence.upload")) -> EvidenceView:
    """Check the uploaded file and copy it into the locked bucket; a refused one is removed with its reason."""
    return await finalise_upload(act, act.request.app.state.service, case_id, evidence_id)


@router.put("/applications/{case_id}/evidence/{evidence_id}/bindings")
async def bind(
    case_id: UUID, evidence_id: UUID, body: BindingsBody, act: Act = acting("evidence.upload")
) -> EvidenceView:
    """Say anew which figures a file shows, and where; the file itself stays."""

    async def do(tx: Tx) -> EvidenceView:
        wanted = {one.figure: one.page for one in body.bindings}
        evidence = await bind_evidence(tx, case_id, evidence_id, wanted)
        bound = await store.bindings_of(tx, [evidence_id])
        return evidence_view(evidence, bound.get(evidence_id, ()))

    return await act(do)


@router.delete("/applications/{case_id}/evidence/{evidence_id}")
async def remove(case_id: UUID, evidence_id: UUID, act: Act = acting("evidence.upload")) -> EvidenceView:
    """Take a file out of a filing that may still be changed; an upload that is going on ends."""
    return await take_out(act, act.request.app.state.service.files, case_id, evidence_id)


@router.get(
    "/cases/{case_id}/evidence/{evidence_id}",
    status_code=HTTPStatus.SEE_OTHER,
    response_class=Response,
    responses={HTTPStatus.SEE_OTHER: {"description": "See Other: the file, on the file origin"}},
)
async def read_file(
    request: Request, case_id: UUID, evidence_id: UUID, act: Act = acting("application.read")
) -> RedirectResponse:
    """To the file itself on the file origin, by an address that works for ten minutes."""

    async def do(tx: Tx) -> Evidence:
        await readable_case(tx, case_id)
        return await store.evidence_file(tx, case_id, evidence_id)

    evidence = await act.read(do)
    if evidence.version_id is None or evidence.sha256 is None:
        raise Conflict("evidence_not_kept", "此文件未被接收。")
    files: Files = request.app.state.service.files
    key = quarantine_key(evidence)
    version = await files.locked_version(key, evidence.version_id, evidence.sha256)
    if version is None:
        raise NotFound("文件库里没有这个文件，请告知办公室。")
    link = files.download_link(EVIDENCE, key, version, name=evidence.name)
    return RedirectResponse(link, HTTPStatus.SEE_OTHER)


@router.get(
    "/cases/{case_id}/evidence/{evidence_id}/preview",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
async def preview(
    request: Request,
    case_id: UUID,
    evidence_id: UUID,
    page: Annotated[int, Query(ge=1, le=MOST_PREVIEWS)] = 1,
    act: Act = acting("application.read"),
) -> Response:
    """A page of a PDF, or a picture, drawn here as PNG; a locked file never changes, so a browser may keep it."""

    async def do(tx: Tx) -> Evidence:
        await readable_case(tx, case_id)
        return await store.evidence_file(tx, case_id, evidence_id)

    evidence = await act.read(do)
    drawn = await render_page(request.app.state.service.files, evidence, page)
    return picture(drawn)
