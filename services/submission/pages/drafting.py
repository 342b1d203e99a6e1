"""The form while it is written: saved on the server as it is typed, or by the button where scripts do not run."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.submission import store
from services.submission.actions.cases import require_own
from services.submission.actions.drafting import Saved, save_draft
from services.submission.actions.filing import reopened_fields
from services.submission.actions.inconsistencies import inconsistencies_of
from services.submission.actions.rules import category_of
from services.submission.domain.drafting import Change, Clash, as_typed
from services.submission.pages.form import (
    ClashView,
    FieldView,
    SectionView,
    clash_views,
    read_changes,
    sections,
    take_over,
    wrong_fields,
)
from services.submission.pages.portal import case_page, offers_for
from services.submission.site import case_path
from services.submission.tables import Case, FieldMark
from shared.infra.database import Tx
from shared.web.act import Act, acting, acting_form, csrf_token
from shared.web.body import Body
from shared.web.form_again import FormAgain
from shared.web.formats import clock_time

router = APIRouter(include_in_schema=False)

Texts = Annotated[list[Annotated[str, Field(max_length=4000)]], Field(max_length=200)]


class ChangeBody(Body):
    """A field as the person saw it and as it stands now; a field without options holds at most one text."""

    field: str = Field(max_length=100)
    was: Texts
    now: Texts


class DraftBody(Body):
    """What was typed, and the newest version of the case that the window knows."""

    changes: list[ChangeBody] = Field(max_length=500)
    since: int = 0


class KeptField(BaseModel):
    """A field as it is kept."""

    typed: tuple[str, ...]
    problem: str | None


class Progress(BaseModel):
    """How far a section is filled in."""

    key: str
    filled: int
    total: int
    missing: list[str]


class DraftView(BaseModel):
    """How the form is kept now: the fields that were sent or have changed since, clashes, progress, warnings.

    ``csrf``: what the page's forms need in the present session, which may be another than the page began in.
    """

    version: int
    saved_at: str
    fields: dict[str, KeptField]
    clashes: dict[str, ClashView]
    progress: list[Progress]
    wrong: dict[str, str]
    warnings: list[str]
    csrf: str | None = None


@router.patch("/portal/applications/{case_id}/draft")
async def save(case_id: UUID, body: DraftBody, act: Act = acting("application.file")) -> DraftView:
    """Keep what was typed; answers with what is kept and what two have changed."""
    changes = [Change(one.field, as_typed(one.was), as_typed(one.now)) for one in body.changes]

    async def do(tx: Tx) -> DraftView:
        saved = await save_draft(tx, case_id, changes)
        return await _draft_view(tx, saved, {one.field for one in changes}, body.since)

    return await act(do)


@router.get("/portal/applications/{case_id}/draft")
async def look(
    request: Request, case_id: UUID, since: Annotated[int, Query()] = 0, act: Act = acting("application.file")
) -> DraftView:
    """What others have written since."""

    async def do(tx: Tx) -> DraftView:
        case = require_own(tx, await store.case_of(tx, case_id))
        view = await _draft_view(tx, Saved(case, ()), (), since)
        return view.model_copy(update={"csrf": csrf_token(request)})

    return await act.read(do)


async def _draft_view(tx: Tx, saved: Saved, sent: Collection[str], since: int) -> DraftView:
    case = saved.case
    marks = await store.field_marks(tx, case.case_id)
    form = await open_form(tx, case)
    told = {*sent, *(field for field, mark in marks.items() if mark.version > since)}
    return DraftView(
        version=case.version,
        saved_at=clock_time(tx.now),
        fields={
            field.name: KeptField(typed=field.values, problem=field.problem)
            for part in form
            for field in part.open
            if field.name in told
        },
        clashes=_clashes(tx, saved.clashes, form, marks),
        progress=[_progress(part) for part in form],
        wrong=wrong_fields(form),
        warnings=[one.message for one in inconsistencies_of(case)],
    )


def _clashes(
    tx: Tx, clashes: Collection[Clash], form: Collection[SectionView], marks: Mapping[str, FieldMark]
) -> dict[str, ClashView]:
    fields: dict[str, FieldView] = {field.name: field for part in form for field in part.open}
    return clash_views(clashes, fields, marks, tx.actor.account_id)


def _progress(part: SectionView) -> Progress:
    missing = [field.name for field in part.missing]
    return Progress(key=part.key, filled=part.filled, total=len(part.open), missing=missing)


async def open_form(tx: Tx, case: Case) -> tuple[SectionView, ...]:
    """The case's form with the fields open that its applicant may write now."""
    rectification = await store.rectification_of(tx, case.case_id, state="open")
    reopened = reopened_fields(rectification) if rectification else None
    return sections(category_of(case), case.variant, case.entered, reopened, "applicant", case.unsound)


@router.post("/portal/applications/{case_id}/figures")
async def enter_figures(
    request: Request, case_id: UUID, act: Act = acting_form("application.file", page=case_page)
) -> Response:
    """Save the form without scripts; what is wrong or was changed by another comes back beside its field."""
    clashes = await keep_typed(request, case_id, act)
    return await act.read(lambda tx: _after_saving(tx, request, case_id, clashes))


async def keep_carried(request: Request, case_id: UUID, act: Act) -> Response | None:
    """Save the fields that came along with another act, in a transaction of their own, before it; the act then goes on
    under a key of its own. Answers with the page where somebody else has changed one meanwhile."""
    clashes = await keep_typed(request, case_id, act)
    act.key = f"{act.key}/act"
    if not clashes:
        return None
    request.state.again = FormAgain(request.url.path, await request.form())
    return await act.read(lambda tx: case_page(tx, request, clashes, HTTPStatus.CONFLICT))


async def keep_typed(request: Request, case_id: UUID, act: Act) -> list[Clash]:
    """Save what stands in the fields of a page that was sent; returns what another has changed meanwhile."""
    form = await request.form()

    async def do(tx: Tx) -> list[dict[str, object]]:
        case = require_own(tx, await store.case_of(tx, case_id))
        offers, _ = await offers_for(tx, case)
        wanted = [str(field) for field in form.getlist("take_over")]
        saved = await save_draft(tx, case_id, take_over(read_changes(category_of(case), form), offers, wanted))
        return [{"field": one.field, "mine": one.mine, "theirs": one.theirs} for one in saved.clashes]

    found = await act(do)
    return [Clash(str(one["field"]), _typed(one["mine"]), _typed(one["theirs"])) for one in found]


def _typed(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list | tuple) else ()


async def _after_saving(tx: Tx, request: Request, case_id: UUID, clashes: Collection[Clash]) -> Response:
    case = await store.case_of(tx, case_id)
    if not clashes and not case.unsound:
        return RedirectResponse(case_path(case_id), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.CONFLICT if clashes else HTTPStatus.UNPROCESSABLE_ENTITY
    return await case_page(tx, request, clashes, status)
