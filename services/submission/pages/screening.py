"""初审台: running stages, the queue, the case with form, evidence, findings and history, the decision at the bottom."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import reading, store
from services.submission.actions import screening, stages
from services.submission.actions.rules import book_of, category_of, stage_article
from services.submission.actions.screening import Finding, Verdict
from services.submission.domain.filing import RectificationItem
from services.submission.domain.statement import evidence_kinds
from services.submission.pages.form import sections
from services.submission.site import case_badge, errors_of, page_for, render, steps_of
from shared.infra.database import Tx
from shared.infra.stages import running_stages
from shared.kernel.refusals import Refusal
from shared.rulebook import Category
from shared.web.act import Act, acting, acting_form
from shared.web.formats import short_term_end
from shared.web.parts import Badge, Column, Link, Row, Tone

router = APIRouter(include_in_schema=False)

FINDING_KINDS = {
    "material": "材料核查",
    "on_site": "现场核查",
    "audit": "审计",
    "organisation": "组织调查",
    "social": "社会调查",
}
_STAGE_WORDS = {"screening": "初审", "intake": "采集", "nomination": "提名"}
_SEVERITIES = {
    "error": Badge(text="错误", tone=Tone.BAD),
    "warning": Badge(text="疑点", tone=Tone.WARNING),
    "info": Badge(text="提示"),
}
_QUEUE = (
    Column(label="案号"),
    Column(label="参评对象"),
    Column(label="类别"),
    Column(label="状态"),
    Column(label="整改截止"),
)

Text = Annotated[str, Form(max_length=4000)]


@router.get("/screening")
async def desk(request: Request, act: Act = acting("screening.decide")) -> Response:
    """The stages that the office works on, with what is left to do in each."""

    async def do(tx: Tx) -> Response:
        rows = []
        for kind in ("screening", "intake", "nomination"):
            for stage in await running_stages(tx, kind):
                counts = await store.count_states(tx, stage.category_id)
                rows.append((stage, book_of(stage).short_title, category_of(stage).name, counts))
        page = page_for(tx, request, "初审台", expected_of_me="逐案作出初审结论" if rows else None)
        return render(request, "screening/desk.html", page, rows=rows)

    return await act.read(do)


@router.get("/screening/{stage_id}")
async def queue(request: Request, stage_id: UUID, act: Act = acting("screening.decide")) -> Response:
    """The queue of a stage."""
    return await act.read(lambda tx: _queue_page(tx, request, stage_id))


async def _queue_page(tx: Tx, request: Request, stage_id: UUID, refusal: Refusal | None = None) -> Response:
    stage = await reading.stage_of(tx, stage_id)
    view = await reading.queue_view(tx, stage_id)
    category = category_of(stage)
    names = {variant.id: variant.name for variant in category.variants}
    rows = [
        Row(
            cells=(
                line.number or "—",
                str(line.subject["name"]),
                names.get(line.variant or "", "—"),
                case_badge(line.state, line.state_text),
                short_term_end(line.rectification_closes_at) if line.rectification_closes_at else "—",
            ),
            href=f"/screening/cases/{line.case_id}",
        )
        for line in view.cases
    ]
    undecided = view.counts.get("accepted", 0) + view.counts.get("rectifying", 0)
    page = page_for(
        tx,
        request,
        f"{category.name}·{_STAGE_WORDS[stage.kind]}",
        programme=book_of(stage).short_title,
        category=category.name,
        expected_of_me=f"还有{undecided}案没有结论" if undecided else "全部已有结论，可以结束本阶段",
        next_step="结束后冻结移交清单，交下一阶段",
        crumbs=(Link(label="初审台", href="/screening"),),
    )
    ending = await store.closing_of(tx, stage_id)
    return render(
        request,
        "screening/queue.html",
        page,
        status=refusal.status if refusal else 200,
        stage=stage,
        columns=_QUEUE,
        rows=rows,
        ending=ending,
        errors=errors_of(refusal),
    )


@router.post("/screening/{stage_id}/close")
async def end_stage(request: Request, stage_id: UUID, act: Act = acting_form("screening.close")) -> Response:
    """End the stage."""

    async def do(tx: Tx) -> str:
        return str((await stages.end_stage(tx, stage_id)).stage_id)

    try:
        await act(do)
    except Refusal as refusal:
        refused = refusal
        return await act.read(lambda tx: _queue_page(tx, request, stage_id, refused))
    return RedirectResponse(f"/screening/{stage_id}", HTTPStatus.SEE_OTHER)


@router.get("/screening/cases/{case_id}")
async def case(request: Request, case_id: UUID, act: Act = acting("screening.decide")) -> Response:
    """One case with the decision at the bottom."""
    return await act.read(lambda tx: _case_page(tx, request, case_id))


async def _case_page(tx: Tx, request: Request, case_id: UUID, refusal: Refusal | None = None) -> Response:
    found = await store.case_of(tx, case_id)
    view, category = await reading.desk_view(tx, found), category_of(found)
    stage = await store.running_stage_of(tx, found.category_id, "screening")
    crumbs = [Link(label="初审台", href="/screening")]
    if stage is not None:
        crumbs.append(Link(label=category.name, href=f"/screening/{stage.stage_id}"))
    page = page_for(
        tx,
        request,
        f"{view.number or '未编号'} {view.subject['name']}",
        programme=book_of(found).short_title,
        category=category.name,
        expected_of_me="核对材料并作出结论" if view.state == "accepted" and stage else None,
        until=view.until,
        next_step=view.next_step,
        crumbs=tuple(crumbs),
    )
    return render(
        request,
        "screening/case.html",
        page,
        status=refusal.status if refusal else 200,
        view=view,
        badge=case_badge(view.state, view.state_text),
        steps=steps_of(view),
        sections=sections(category, found.variant, found.entered, frozenset(), "applicant"),
        kinds={kind.id: kind.label for kind in evidence_kinds(category)},
        facts={fact.id: fact.label for fact in category.facts},
        items=_items(category),
        articles=[(one.number, f"{one.number} {one.label}") for one in book_of(found).articles],
        article=stage_article(found, "screening") if stage else "",
        finding_kinds=list(FINDING_KINDS.items()),
        finding_words={**FINDING_KINDS, "inconsistency": "前后不一致"},
        severities=_SEVERITIES,
        may_decide=view.state == "accepted" and stage is not None,
        may_rectify=view.rectification is None,
        errors=errors_of(refusal),
        badges={"open": Badge(text="进行中"), "fulfilled": Badge(text="已整改"), "lapsed": Badge(text="逾期")},
    )


def _items(category: Category) -> list[tuple[str, str]]:
    """What may be sent back: the applicant's facts and the kinds of evidence."""
    facts = [(fact.id, fact.label) for fact in category.facts if fact.filled_by == "applicant"]
    return [*facts, *((kind.id, kind.label) for kind in evidence_kinds(category))]


@router.post("/screening/cases/{case_id}/decision")
async def decide(
    request: Request,
    case_id: UUID,
    decision: Text,
    article: Text,
    expected_version: Annotated[int, Form()],
    reason: Text = "",
    act: Act = acting_form("screening.decide"),
) -> Response:
    """Decide; a refusal comes back on the case's page."""
    form = await request.form()
    items = tuple(RectificationItem(str(field), str(form.get(f"reason-{field}", ""))) for field in form.getlist("item"))

    async def do(tx: Tx) -> str:
        if decision not in ("pass", "rectify", "reject"):
            raise Refusal("invalid_request", "请选择结论。", field="decision")
        verdict = Verdict(decision, article, reason, expected_version, items)
        return (await screening.decide_case(tx, case_id, verdict)).state

    return await _then_case(request, case_id, act, do)


@router.post("/screening/cases/{case_id}/findings")
async def record_finding(
    request: Request,
    case_id: UUID,
    kind: Text,
    source: Text,
    found_on: Text,
    finding: Text,
    act: Act = acting_form("investigation.record"),
) -> Response:
    """Record a finding."""

    async def do(tx: Tx) -> str:
        if kind not in FINDING_KINDS:
            raise Refusal("invalid_request", "请选择调查方式。", field="kind")
        found = await screening.record_investigation(tx, case_id, Finding(kind, source, found_on, finding))
        return str(found.investigation_id)

    return await _then_case(request, case_id, act, do)


@router.post("/screening/cases/{case_id}/inconsistencies")
async def waive(
    request: Request, case_id: UUID, digest: Text, reason: Text = "", act: Act = acting_form("inconsistency.waive")
) -> Response:
    """Let an inconsistency stand."""

    async def do(tx: Tx) -> str:
        return (await screening.waive_inconsistency(tx, case_id, digest, reason)).digest

    return await _then_case(request, case_id, act, do)


async def _then_case(request: Request, case_id: UUID, act: Act, do: Callable[[Tx], Awaitable[str]]) -> Response:
    """Act and go back to the case; a refusal comes back on its page, beside the fields."""
    try:
        await act(do)
    except Refusal as refusal:
        refused = refusal
        return await act.read(lambda tx: _case_page(tx, request, case_id, refused))
    return RedirectResponse(f"/screening/cases/{case_id}", HTTPStatus.SEE_OTHER)
