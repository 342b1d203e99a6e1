"""申报门户: open calls, my applications, the form, evidence, submission, rectification, receipt; nominations."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import reading, store
from services.submission.actions import filing, intake
from services.submission.actions.cases import is_own, readable_case
from services.submission.actions.rules import book_of, category_of
from services.submission.domain.cases import CaseState
from services.submission.domain.drafting import Clash, Typed, as_typed
from services.submission.domain.earlier import offered
from services.submission.domain.evidence import IN_ONE
from services.submission.domain.filing import PAPER
from services.submission.domain.statement import SEALED, STATEMENT, STATEMENT_VERSION, evidence_kinds
from services.submission.pages.calls import begun_and_free, window_term
from services.submission.pages.form import read_form, sections, seen_on, with_clashes, with_offers, wrong_fields
from services.submission.reads.progress import progress
from services.submission.site import (
    case_badge,
    case_path,
    inputs,
    page_for,
    render,
    steps_of,
    term_part,
)
from services.submission.tables import Case
from services.submission.views import CallView
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.infra.form_workbooks import LARGEST as WORKBOOK_LARGEST
from shared.infra.stages import running_stages
from shared.infra.tables import Stage
from shared.kernel.calendar import Term as CountedTerm
from shared.kernel.refusals import NotAllowed
from shared.web.act import Act, AnyActor, acting, acting_form
from shared.web.form_again import form_of, path_id, refused_on
from shared.web.formats import shanghai_datetime
from shared.web.parts import Column, FieldError, Link, Row, Term

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=2000)]
_NOMINATED = tuple(Column(label=label) for label in ("编号", "事件名称", "项目", "提名时间"))


@router.get("/portal")
async def portal(request: Request, actor: AnyActor) -> Response:
    """Calls open now, my applications; for the media the nominations that are open."""
    if not actor.roles & {"enterprise", "office", "auditor", "media"}:
        raise NotAllowed
    async with request.app.state.service.database.transaction(actor) as tx:
        return await home_page(tx, request)


async def home_page(tx: Tx, request: Request) -> Response:
    """Where everybody of the portal begins; a refused form stands there as it was sent."""
    roles = tx.actor.roles
    nominates, files = "media" in roles, bool(roles & {"enterprise", "office", "auditor"})
    unread, calls = await store.count_unread(tx, tx.actor.acts_for), await reading.calls(tx) if files else []
    next_step = "在截止前提交，提交后立即给出回执" if calls else None
    cases = await store.cases_of_subjects(tx, tx.actor.acts_for)
    own_enterprises = await store.enterprises(tx, tx.actor.acts_for)
    far = await progress(tx, cases)
    return render(
        request,
        "portal/home.html",
        page_for(
            tx,
            request,
            "申报门户" if files else "媒体提名",
            unread=unread,
            expected_of_me=_waiting(cases, calls),
            next_step=next_step,
        ),
        calls=[(call, *begun_and_free(call, cases, own_enterprises)) for call in calls],
        files=files,
        nominates=nominates,
        lines=[
            (line, case_badge(line.state, line.state_text), far[line.case_id]) for line in reading.lines(list(cases))
        ],
        nominations=[_nomination(request, stage) for stage in await _open_nominations(tx, request, nominates)],
        nominated=[
            Row(cells=(one.number or "—", one.title or "—", category_of(one).name, shanghai_datetime(one.opened_at)))
            for one in (await store.nominated_by(tx, tx.actor.account_id) if nominates else ())
        ],
        nominated_columns=_NOMINATED,
        may_file="enterprise" in roles,
        errors=refused_on(request, plain=[request.url.path]),
    )


def _waiting(cases: Sequence[Case], calls: Sequence[CallView]) -> str | None:
    """What the enterprise has to do now, over all its cases; a draft waits while its window is open."""
    running = {call.stage_id for call in calls}
    mending = sum(case.state == CaseState.RECTIFYING for case in cases)
    drafts = sum(case.state == CaseState.DRAFT and case.stage_id in running for case in cases)
    said = [f"{mending} 件须在期限内整改"] if mending else []
    return "，".join([*said, *([f"{drafts} 份草稿尚未提交"] if drafts else [])]) or None


async def _open_nominations(tx: Tx, request: Request, nominates: bool) -> list[Stage]:
    """Those that are open; where one was refused, that one alone: what is wrong is said beside its own fields."""
    found = await running_stages(tx, "nomination") if nominates else []
    refused = [stage for stage in found if request.url.path.endswith(str(stage.stage_id))]
    return refused or found


def _nomination(request: Request, stage: Stage) -> dict[str, Any]:
    """The form of a nomination; the one that was refused as it was sent."""
    category, path = category_of(stage), f"/portal/nominations/{stage.stage_id}"
    again = form_of(request, path)
    typed = {fact.id: as_typed(again.chosen(fact.id, [])) for fact in category.facts}
    form = sections(category, None, {}, None, "applicant", {name: values for name, values in typed.items() if values})
    return {"stage": stage, "category": category, "sections": form, "path": path, "title": again.typed("title")}


@router.get("/portal/applications/{case_id}")
async def application(request: Request, act: Act = acting("application.read")) -> Response:
    """Where the case stands, its form and its evidence."""
    return await act.read(lambda tx: case_page(tx, request))


async def case_page(tx: Tx, request: Request, clashes: Collection[Clash] = (), status: int = 200) -> Response:
    """Where a case stands, its form and its evidence; ``clashes``: what another has changed meanwhile."""
    case = await readable_case(tx, path_id(request, "case_id"))
    path = case_path(case.case_id)
    view = await reading.case_view(tx, case)
    category, book = category_of(case), book_of(case)
    own = is_own(tx, case)
    editable = own and view.who_must_act == "enterprise"
    rectification = view.rectification if view.state == "rectifying" else None
    reopened = frozenset(item.field for item in rectification.items) if rectification else None
    marks = await store.field_marks(tx, case.case_id)
    form = with_clashes(
        sections(
            category,
            case.variant,
            case.entered,
            reopened if editable else frozenset(),
            "applicant",
            case.unsound if editable else {},
            {item.field: item.reason for item in rectification.items} if rectification else {},
        ),
        clashes,
        marks,
        tx.actor.account_id,
    )
    offers, year = await offers_for(tx, case) if editable else ({}, 0)
    form = with_offers(form, offers, year)
    page = page_for(
        tx,
        request,
        f"{view.title or view.subject['name']}·{category.name}",
        programme=book.short_title,
        year=(await store.cycle_years(tx, [case.cycle_id])).get(case.cycle_id),
        category=category.name,
        unread=await store.count_unread(tx, tx.actor.acts_for),
        expected_of_me=_expected(view.state) if editable else None,
        until=view.until,
        working_days_left=await reading.days_left_of(tx, case),
        next_step=view.next_step,
        crumbs=(Link(label="申报门户", href="/portal"),),
    )
    return render(
        request,
        "portal/case.html",
        page,
        status=status,
        view=view,
        badge=case_badge(view.state, view.state_text),
        steps=steps_of(view),
        sections=form,
        seen=seen_on(form),
        saved_at=max((mark.changed_at for mark in marks.values()), default=None),
        person=tx.actor.account_id,
        kinds=[
            *([PAPER] if case.paper else []),
            *(kind for kind in evidence_kinds(category) if reopened is None or kind.id in reopened or editable),
        ],
        paper_on=case.paper_on,
        editable=editable,
        own=own,
        rectification=rectification,
        term=await _running_term(tx, case),
        statement=STATEMENT,
        statement_version=STATEMENT_VERSION,
        sealed=any(file.kind == SEALED.id and file.state in ("kept", "held") for file in view.evidence),
        names_a_person=category.subject_kind == "person",
        ticked=frozenset(form_of(request, f"{path}/submit").sent),
        errors=_all_errors(request, path, wrong_fields(form)),
        path=path,
        in_one=IN_ONE,
        facts={fact.id: fact.label for fact in category.facts},
    )


async def offers_for(tx: Tx, case: Case) -> tuple[dict[str, Typed], int]:
    """What the enterprise filed in an earlier year that a draft may take over, and that year."""
    if case.state != CaseState.DRAFT:
        return {}, 0
    found, cycle = await store.earlier_case(tx, case), await store.cycle_of(tx, case.cycle_id)
    if found is None or cycle is None:
        return {}, 0
    earlier, years = found
    return offered(category_of(case), earlier.entered, years), cycle.year - years


async def _running_term(tx: Tx, case: Case) -> Term | None:
    """The term that runs for the applicant: of the rectification, or of the window."""
    if case.state == CaseState.RECTIFYING:
        row = await store.rectification_of(tx, case.case_id, state="open")
        if row is not None:
            term, calendar = CountedTerm.model_validate(row.term), await current_calendar(tx)
            return term_part(term, "整改期限", tx.now, calendar, row.article)
    stage = await tx.session.get(Stage, case.stage_id) if case.state == CaseState.DRAFT else None
    return await window_term(tx, stage) if stage is not None else None


def _all_errors(request: Request, path: str, wrong: dict[str, str]) -> tuple[FieldError, ...]:
    """What was refused, and what stands wrong in the form; one error a field."""
    of_the_form = [f"{path}/{name}" for name in ("figures", "submit", "resubmit", "workbook")]
    refused = refused_on(request, plain=of_the_form)
    named = {one.field for one in refused}
    return (*refused, *(FieldError(field=name, message=text) for name, text in wrong.items() if name not in named))


def _expected(state: str) -> str | None:
    return {"draft": "填写申报书、上传证明材料并提交", "rectifying": "更正所列各项并重新提交"}.get(state)


async def then_case(case_id: UUID, act: Act, do: Callable[[Tx], Awaitable[Any]]) -> Response:
    """Act and go back to the case."""
    await act(do)
    return RedirectResponse(case_path(case_id), HTTPStatus.SEE_OTHER)


@router.post("/portal/applications/{case_id}/workbook")
async def enter_workbook(
    case_id: UUID, file: UploadFile, act: Act = acting_form("application.file", page=case_page)
) -> Response:
    """Take the figures of a filled template over."""
    content = await file.read(WORKBOOK_LARGEST + 1)

    async def do(tx: Tx) -> int:
        with inputs({"file": "workbook"}):
            return (await filing.enter_workbook(tx, case_id, content)).version

    return await then_case(case_id, act, do)


@router.post("/portal/applications/{case_id}/withdraw")
async def withdraw(
    case_id: UUID, reason: Text = "", act: Act = acting_form("application.withdraw", page=case_page)
) -> Response:
    """Withdraw."""

    async def do(tx: Tx) -> int:
        return (await filing.withdraw_application(tx, case_id, reason)).version

    return await then_case(case_id, act, do)


@router.post("/portal/nominations/{stage_id}")
async def nominate(
    request: Request, stage_id: UUID, title: Text = "", act: Act = acting_form("nomination.record", page=home_page)
) -> Response:
    """Nominate an event."""
    form = await request.form()

    async def do(tx: Tx) -> str:
        stage = await reading.stage_of(tx, stage_id)
        with inputs({"name": "title"}):  # an event goes by its title
            await intake.nominate_event(tx, stage_id, title, read_form(category_of(stage), form, "applicant", None))
        return "/portal"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)
