"""可申报项目: one open call with its term, how that was counted, who may enter, and the self-check."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import reading, store
from services.submission.actions import filing
from services.submission.actions.rules import book_of, category_of, stage_article
from services.submission.domain.cases import CaseState
from services.submission.domain.drafting import Typed, as_typed
from services.submission.domain.self_check import Verdict, conclusion, questions, self_check
from services.submission.pages.form import FieldView, asked_fields
from services.submission.site import case_path, page_for, render, term_part
from services.submission.tables import Case, Enterprise
from services.submission.views import CallView
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.infra.stages import stage_row, term_of
from shared.infra.tables import Stage
from shared.kernel.refusals import NotFound
from shared.rulebook import Category
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id, refused_on
from shared.web.parts import Badge, FieldError, Link, Term, Tone
from shared.web.rights import may

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=2000)]

_VERDICTS = {
    Verdict.MET: Badge(text="符合", tone=Tone.GOOD),
    Verdict.NOT_MET: Badge(text="不符合", tone=Tone.BAD),
    Verdict.OPEN: Badge(text="没有回答", tone=Tone.WARNING),
    Verdict.BY_HAND: Badge(text="由初审认定", tone=Tone.NEUTRAL),
}


@router.get("/portal/calls/{stage_id}")
async def call(request: Request, act: Act = acting("call.read")) -> Response:
    """A call's terms and conditions; with answers in the address, what they amount to."""
    return await act.read(lambda tx: _call_page(tx, request))


async def _call_page(tx: Tx, request: Request) -> Response:
    stage = await stage_row(tx, path_id(request, "stage_id"))
    if stage.kind != "application_window":
        raise NotFound("没有找到这个申报项目。")
    category, call = category_of(stage), reading.call_view(tx, stage)
    answers = _answers(category, request)
    page = page_for(
        tx,
        request,
        category.name,
        programme=call.programme,
        year=(await store.cycle_years(tx, [stage.cycle_id])).get(stage.cycle_id),
        category=category.name,
        stage="申报",
        unread=await store.count_unread(tx, tx.actor.acts_for),
        until=stage.closes_at,
        until_provisional=call.provisional,
        working_days_left=call.working_days_left,
        next_step="提交后立即给出回执，申报截止后进入材料初审",
        crumbs=(Link(label="申报门户", href="/portal"),),
    )
    cases = await store.cases_of_subjects(tx, tx.actor.acts_for)
    begun, free = begun_and_free(call, cases, await store.enterprises(tx, tx.actor.acts_for))
    checked = self_check(category, answers or {})
    fields = asked_fields(category, questions(category), answers or {})
    return render(
        request,
        "portal/call.html",
        page,
        call=call,
        term=await window_term(tx, stage),
        articles={one.number: one.label for one in book_of(stage).articles},
        conditions=[(one, _VERDICTS[one.verdict]) for one in checked],
        fields=fields,
        answered=answers is not None,
        conclusion=conclusion(checked),
        errors=(*refused_on(request), *_errors(fields)),
        begun=begun,
        enterprises=free if call.open else [],
        may_file=may(tx.actor, "application.file"),
    )


@router.post("/portal/calls/{stage_id}/applications")
async def begin(
    stage_id: UUID,
    enterprise_id: Annotated[UUID, Form()],
    variant: Text = "",
    title: Text = "",
    act: Act = acting_form("application.file", page=_call_page),
) -> Response:
    """Begin a draft and go to it."""

    async def do(tx: Tx) -> str:
        case = await filing.open_application(tx, stage_id, enterprise_id, variant or None, title or None)
        return case_path(case.case_id)

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


def begun_and_free(
    call: CallView, cases: Sequence[Case], enterprises: Sequence[Enterprise]
) -> tuple[list[Case], list[Enterprise]]:
    """One's filings in a call that were not withdrawn, and the enterprises that may begin one; by title any may."""
    begun = [one for one in cases if one.category_id == call.category_id and one.state != CaseState.WITHDRAWN]
    filed = set() if call.title_label else {one.subject_id for one in begun}
    return begun, [one for one in enterprises if one.enterprise_id not in filed]


def _answers(category: Category, request: Request) -> dict[str, Typed] | None:
    """What the address answers; None before anything was asked."""
    given = request.query_params
    if "check" not in given:
        return None
    return {fact.id: as_typed(given.getlist(fact.id)) for fact in questions(category)}


def _errors(fields: Sequence[FieldView]) -> tuple[FieldError, ...]:
    return tuple(FieldError(field=field.name, message=field.problem) for field in fields if field.problem)


async def window_term(tx: Tx, stage: Stage) -> Term | None:
    """The term of an application window with its counted days and the names of holidays."""
    if stage.term is None:
        return None
    article = stage_article(stage, stage.kind)
    return term_part(term_of(stage), "申报期限", tx.now, await current_calendar(tx), article)
