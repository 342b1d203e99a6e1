"""The evidence of a case in the portal: a file sent with a plain form, a file taken out."""

from http import HTTPStatus
from itertools import zip_longest
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission.actions import evidence
from services.submission.actions.binding import bind_evidence
from services.submission.actions.evidence import Announcement, quarantine_key
from services.submission.domain.evidence import IN_ONE, check_in_one
from services.submission.pages.drafting import keep_carried
from services.submission.pages.portal import case_page
from services.submission.site import case_path, inputs
from services.submission.uploads.finalising import finalise_upload, take_out
from shared.infra.database import Tx
from shared.infra.files import QUARANTINE, Files
from shared.infra.inspection import MOST_PAGES
from shared.kernel.refusals import NotFound, Refusal
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
    page: Text = "",
    replaces: Text = "",
    act: Act = acting_form("evidence.upload", page=case_page),
) -> Response:
    """A file sent through this page; programs post to the file origin instead."""
    clash = await _kept_first(request, case_id, act)
    if clash is not None:
        return clash
    files: Files = request.app.state.service.files
    name, content = file.filename or "", await file.read(IN_ONE + 1)

    async def announce(tx: Tx) -> dict[str, str]:
        figures = (figure,) if figure else ()
        announced = Announcement(name, kind, len(content), figures, page_number(page), former(replaces))
        found = await evidence.announce_evidence(tx, case_id, announced)
        return {"evidence_id": str(found.evidence_id), "key": quarantine_key(found), "type": found.media_type}

    # What the API says of a name or size, people see beside the field in which they chose the file.
    with inputs({"name": "file", "size": "file"}):
        check_in_one(name, len(content))
        announced = await act(announce)
        await files.put(QUARANTINE, announced["key"], content, announced["type"])
        act.key = f"{act.key}/finalise"
        await finalise_upload(act, request.app.state.service, case_id, UUID(announced["evidence_id"]))
    return RedirectResponse(case_path(case_id), HTTPStatus.SEE_OTHER)


@router.post("/portal/applications/{case_id}/evidence/{evidence_id}/bindings")
async def bind(
    case_id: UUID,
    evidence_id: UUID,
    figure: Annotated[list[Text], Form(max_length=200)] = [],  # noqa: B006 - FastAPI copies it
    page: Annotated[list[Text], Form(max_length=200)] = [],  # noqa: B006
    act: Act = acting_form("evidence.upload", page=case_page),
) -> Response:
    """Which figures a file shows, and on which pages: a row each, those left out or blank no longer."""

    async def do(tx: Tx) -> str:
        rows = zip_longest(figure, page[: len(figure)], fillvalue="")
        wanted = {name: page_number(typed) for name, typed in rows if name}
        await bind_evidence(tx, case_id, evidence_id, wanted)
        return case_path(case_id)

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


async def _kept_first(request: Request, case_id: UUID, act: Act) -> Response | None:
    """Save the case's form where it came along: without scripts its fields are sent with the file."""
    return await keep_carried(request, case_id, act) if "seen" in await request.form() else None


def page_number(typed: str) -> int | None:
    """The page that was typed, if any."""
    if not typed.strip():
        return None
    if not (typed.strip().isdecimal() and 1 <= int(typed) <= MOST_PAGES):
        raise Refusal("page", "所在页应为页码，例如 12。", field="page")
    return int(typed)


def former(typed: str) -> UUID | None:
    """The file that is to be replaced, if any."""
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise NotFound from None


@router.post("/portal/applications/{case_id}/evidence/{evidence_id}/remove")
async def remove_evidence(
    request: Request, case_id: UUID, evidence_id: UUID, act: Act = acting_form("evidence.upload", page=case_page)
) -> Response:
    """Take a file out."""
    clash = await _kept_first(request, case_id, act)
    if clash is not None:
        return clash
    await take_out(act, request.app.state.service.files, case_id, evidence_id)
    return RedirectResponse(case_path(case_id), HTTPStatus.SEE_OTHER)
