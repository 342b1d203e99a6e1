"""The investigation record: findings and corrections by the office, questions to departments and their answers."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import store
from services.submission.actions import investigations
from services.submission.actions.investigations import KINDS, Finding, items_of, open_case, own_request
from services.submission.actions.rules import book_of, category_of
from services.submission.domain.evidence import IN_ONE
from services.submission.pages.form import FieldView, sections
from services.submission.pages.screening import case_page, then_case
from services.submission.site import page_for, render
from services.submission.tables import Case, InvestigationRequest
from services.submission.uploads.findings import keep_with_finding
from shared.infra.database import Tx
from shared.infra.files import EVIDENCE, Files
from shared.infra.service import Service
from shared.kernel.refusals import NotFound
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.formats import shanghai_datetime
from shared.web.parts import Badge, Column, Link, Row, Tone

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=4000)]
_ASKED = tuple(Column(label=label) for label in ("案号", "参评对象", "事项", "询问内容", "发出时间", "状态"))


@router.post("/screening/cases/{case_id}/findings")
@router.post("/screening/cases/{case_id}/findings/{replaces}")
async def record_finding(
    request: Request,
    case_id: UUID,
    kind: Text,
    source: Text,
    found_on: Text,
    finding: Text,
    item: Text = "",
    raises_veto: Text = "",
    raises_zero_condition: Text = "",
    replaces: UUID | None = None,
    file: UploadFile | None = None,
    act: Act = acting_form("investigation.record", page=case_page),
) -> Response:
    """Record a finding, or correct an earlier one; a file may come with it."""
    found = Finding(kind, source, found_on, finding, item or None, raises_veto or None, raises_zero_condition or None)
    kept = await _kept(request, act, case_id, file)

    async def do(tx: Tx) -> str:
        if replaces is not None:
            return str(
                (await investigations.correct_investigation(tx, case_id, replaces, found, kept)).investigation_id
            )
        return str((await investigations.record_investigation(tx, case_id, found, kept)).investigation_id)

    return await then_case(case_id, act, do, "#findings")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


async def _kept(request: Request, act: Act, case_id: UUID, file: UploadFile | None) -> dict[str, Any] | None:
    """The file of a finding, checked and locked in once the case is seen to be open."""
    if file is None or not file.filename:
        return None
    await act.read(lambda tx: open_case(tx, case_id))
    service: Service = request.app.state.service
    content = await file.read(IN_ONE + 1)
    return await keep_with_finding(service.files, service.scanner, case_id, file.filename, content)


@router.get("/screening/cases/{case_id}/findings/{investigation_id}/file")
async def finding_file(
    request: Request, case_id: UUID, investigation_id: UUID, act: Act = acting("screening.decide")
) -> Response:
    """To the file of a finding, by an address that works for ten minutes."""

    async def do(tx: Tx) -> dict[str, Any]:
        records = await store.investigations_of(tx, case_id)
        found = next((one.file for one in records if one.investigation_id == investigation_id), None)
        if found is None:
            raise NotFound
        return found

    file = await act.read(do)
    files: Files = request.app.state.service.files
    key = f"{case_id}/{file['evidence_id']}"
    version = await files.locked_version(key, file["version_id"], file["sha256"])
    if version is None:
        raise NotFound("文件库里没有这个文件，请告知办公室。")
    link = files.download_link(EVIDENCE, key, version, name=file["name"])
    return RedirectResponse(link, HTTPStatus.SEE_OTHER)


@router.post("/screening/cases/{case_id}/questions")
async def ask(
    case_id: UUID,
    question: Text,
    department: Text = "",
    item: Text = "",
    act: Act = acting_form("investigation.record", page=case_page),
) -> Response:
    """Ask a department."""

    async def do(tx: Tx) -> str:
        to = _uuid(department) if department else UUID(int=0)
        return str((await investigations.ask_department(tx, case_id, to, item or None, question)).request_id)

    return await then_case(case_id, act, do, "#findings")


# -- for departments ---------------------------------------------------------------------------------------------------


@router.get("/portal/investigations")
async def questions(request: Request, act: Act = acting("investigation.answer")) -> Response:
    """What my departments are asked."""

    async def do(tx: Tx) -> Response:
        asked = await store.requests_to(tx, tx.actor.acts_for)
        waiting = sum(one.answered_at is None for one, _ in asked)
        page = page_for(tx, request, "协助调查", expected_of_me=f"{waiting} 件待回复" if waiting else None)
        rows = [_row(one, case) for one, case in asked]
        return render(request, "portal/questions.html", page, columns=_ASKED, rows=rows)

    return await act.read(do)


def _row(asked: InvestigationRequest, case: Case) -> Row:
    state = Badge(text="已回复", tone=Tone.GOOD) if asked.answered_at else Badge(text="待回复", tone=Tone.WARNING)
    item = items_of(case).get(asked.item or "", "—")
    path = f"/portal/investigations/{asked.request_id}"
    cells = (case.number or "—", str(case.subject["name"]), item, asked.question, shanghai_datetime(asked.asked_at))
    return Row(cells=(*cells, state), href=path)


@router.get("/portal/investigations/{request_id}")
async def question(request: Request, act: Act = acting("investigation.answer")) -> Response:
    """One question: what is asked, and what the case claims on that item alone."""
    return await act.read(lambda tx: _question(tx, request))


async def _question(tx: Tx, request: Request) -> Response:
    request_id = path_id(request, "request_id")
    asked = await own_request(tx, request_id)
    case = await store.case_of(tx, asked.case_id)
    category = category_of(case)
    answers = [one for one in await store.investigations_of(tx, case.case_id) if one.request_id == request_id]
    page = page_for(
        tx,
        request,
        f"协助调查：{case.subject['name']}",
        programme=book_of(case).short_title,
        category=category.name,
        expected_of_me=None if asked.answered_at else "核实后写明结果",
        crumbs=(Link(label="协助调查", href="/portal/investigations"),),
    )
    return render(
        request,
        "portal/question.html",
        page,
        asked=asked,
        item=items_of(case).get(asked.item or ""),
        number=case.number,
        claimed=_claimed(case, asked.item),
        answers=answers,
        words=KINDS,
        kinds=list(KINDS.items()),
    )


def _claimed(case: Case, item: str | None) -> list[FieldView]:
    """What the case says on one item: the figures that its rule reads, and no others."""
    category = category_of(case)
    if item is None or category.scorecard is None:
        return []
    wanted = {fact.id for fact in category.facts if item in fact.used_by}
    for group in category.scorecard.groups:
        for one in group.items:
            if one.id == item:
                wanted |= set(one.rule.fact_ids())
    shown = sections(category, case.variant, case.entered, frozenset(), "applicant")
    return [field for section in shown for field in section.fields if field.name in wanted]


@router.post("/portal/investigations/{request_id}")
async def answer(
    request: Request,
    request_id: UUID,
    found_on: Text,
    finding: Text,
    kind: Text = "organisation",
    file: UploadFile | None = None,
    act: Act = acting_form("investigation.answer", page=_question),
) -> Response:
    """Answer."""
    asked = await act.read(lambda tx: own_request(tx, request_id))
    kept = await _kept(request, act, asked.case_id, file)

    async def do(tx: Tx) -> str:
        return str(
            (await investigations.answer_request(tx, request_id, kind, found_on, finding, kept)).investigation_id
        )

    await act(do)
    return RedirectResponse("/portal/investigations", HTTPStatus.SEE_OTHER)
