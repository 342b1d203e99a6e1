"""指导委员会, 征询部门 and 绩效评价 pages: plain forms over the same actions as the API."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import InvalidOperation
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ranking import reading
from services.ranking.actions import consultation, decisions, evaluation, seats
from services.ranking.views import agenda_of, consultation_view, evaluation_view, stage_view
from shared.infra.clocks import new_id
from shared.infra.database import Actor, Tx
from shared.infra.service import Service
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form, csrf_token
from shared.web.page import Actor as Person
from shared.web.page import NavItem, PageContext
from shared.web.parts import Link
from shared.web.refusal_page import make_refusal_renderer
from shared.web.rights import may
from shared.web.templating import make_templates

router = APIRouter(prefix="/committee", include_in_schema=False)
TEMPLATES = Path(__file__).parent / "templates"
Shape = TypeVar("Shape", bound=BaseModel)

_ROLES = (
    ("co_chair", "指导委员会主任"),
    ("guidance", "指导委员会"),
    ("office", "办公室"),
    ("department", "征询部门"),
    ("auditor", "审计员"),
)
_NAV = (
    ("研究决定", "/committee", "ranking.read"),
    ("意见征询", "/committee/consultations", "consultation.read"),
    ("总览", "/office", "cycle.read"),
)
HOME = Link(label="研究决定", href="/committee")


def install(app: FastAPI, service: Service) -> None:
    """Templates, and how a refusal looks to people."""
    app.state.templates = make_templates(TEMPLATES, rehearsal=service.rehearsal)
    app.state.render_refusal = make_refusal_renderer(app.state.templates, service.database, ways_on=(HOME,))


def page_for(tx: Tx, request: Request, title: str, **answers: Any) -> PageContext:
    """The page's context for whoever is signed in."""
    allowed = [(label, href) for label, href, act in _NAV if may(tx.actor, act)]
    nav = tuple(NavItem(label=label, href=href, current=request.url.path == href) for label, href in allowed)
    role = role_word(tx.actor)
    return PageContext(title=title, server_time=tx.now, actor=Person(name="", role=role), nav=nav, **answers)


def role_word(actor: Actor) -> str:
    """What somebody is here."""
    return "、".join(word for role, word in _ROLES if role in actor.roles)


def render(request: Request, template: str, page: PageContext, **context: Any) -> Response:
    """A page; forms in it find ``csrf`` and a fresh ``key``."""
    templates: Jinja2Templates = request.app.state.templates
    hidden = {"csrf": csrf_token(request), "key": str(new_id())}
    return templates.TemplateResponse(request, f"committee/{template}", {"page": page, **hidden, **context})


@router.get("")
async def agenda(request: Request, act: Act = acting("consultation.read")) -> Response:
    """议程: what is to be decided, what was; a department goes to its consultations."""
    if not may(act.actor, "ranking.read"):
        return RedirectResponse("/committee/consultations", HTTPStatus.SEE_OTHER)

    async def read(tx: Tx) -> Response:
        found = agenda_of(await reading.stages_shown(tx), await reading.seats_listed(tx))
        page = page_for(tx, request, "研究决定", expected_of_me=found.expected_of(tx.actor.roles))
        return render(request, "agenda.html", page, agenda=found, may_fill=may(tx.actor, "seat.fill"))

    return await act.read(read)


@router.get("/stages/{stage_id}")
async def stage(stage_id: UUID, request: Request, act: Act = acting("ranking.read")) -> Response:
    """The ranking with its quota line, the meeting, decisions, confirmations."""

    async def read(tx: Tx) -> Response:
        shown = await reading.stage_shown(tx, stage_id)
        if shown["kind"] != "decision":
            target = "evaluations" if shown["kind"] == "evaluation" else "consultations"
            return RedirectResponse(f"/committee/{target}/{stage_id}", HTTPStatus.SEE_OTHER)
        view = stage_view(shown)
        expected = view.expected_of(tx.actor)
        page = page_for(tx, request, view.title, **view.place, expected_of_me=expected, crumbs=(HOME,))
        rights = {name: may(tx.actor, act_name) for name, act_name in _STAGE_RIGHTS.items()}
        return render(request, "stage.html", page, view=view, shown=shown, **rights)

    return await act.read(read)


_STAGE_RIGHTS = {"may_record": "decision.record", "may_confirm": "decision.confirm", "may_report": "report.read"}


@router.get("/stages/{stage_id}/cases/{case_id}")
async def case(stage_id: UUID, case_id: UUID, request: Request, act: Act = acting("ranking.read")) -> Response:
    """How a case came to its score."""

    async def read(tx: Tx) -> Response:
        said = await reading.case_explained(tx, stage_id, case_id)
        back = Link(label="排序", href=f"/committee/stages/{stage_id}")
        page = page_for(tx, request, f"{said['number']} {said['name']}", crumbs=(HOME, back))
        return render(request, "case.html", page, said=said)

    return await act.read(read)


@router.post("/stages/{stage_id}/meeting")
async def hold_meeting(stage_id: UUID, request: Request, act: Act = acting_form("decision.record")) -> Response:
    """Record the meeting."""
    form = await request.form()
    seats_present = [line.split(maxsplit=1) for line in _lines(form, "attendance")]
    attendance = [{"role": parts[0], "seat": parts[-1]} for parts in seats_present]
    body = {"held_on": _text(form, "held_on"), "place": _text(form, "place"), "attendance": attendance}
    held = read_form(decisions.MeetingHeld, body)
    return await _done(act, lambda tx: decisions.record_meeting(tx, stage_id, held), f"/committee/stages/{stage_id}")


@router.post("/stages/{stage_id}/decisions")
async def decide(stage_id: UUID, request: Request, act: Act = acting_form("decision.record")) -> Response:
    """Record what the committee decided."""
    form = await request.form()
    entries = [
        {"case": name.removeprefix("decision."), "decision": value, "reason": _text(form, f"reason.{name[9:]}") or None}
        for name, value in form.multi_items()
        if name.startswith("decision.") and value
    ]
    given = read_form(decisions.Choices, {"entries": entries, "reason": _text(form, "reason") or None})
    return await _done(act, lambda tx: decisions.record_choices(tx, stage_id, given), f"/committee/stages/{stage_id}")


@router.post("/stages/{stage_id}/confirm")
async def confirm(stage_id: UUID, request: Request, act: Act = acting_form("decision.confirm")) -> Response:
    """A co-chair confirms what the page showed."""
    digest = _text(await request.form(), "digest")
    return await _done(act, lambda tx: decisions.confirm_choices(tx, stage_id, digest), f"/committee/stages/{stage_id}")


@router.get("/evaluations/{stage_id}")
async def evaluations(stage_id: UUID, request: Request, act: Act = acting("ranking.read")) -> Response:
    """Scores by rule, open items first."""

    async def read(tx: Tx) -> Response:
        shown = await reading.stage_shown(tx, stage_id)
        view = evaluation_view(shown, await evaluation.evaluation_results(tx, stage_id))
        page = page_for(tx, request, "绩效评分", **view.place, expected_of_me=view.expected, crumbs=(HOME,))
        may_decide = may(tx.actor, "evaluation.decide") and not shown["completed"]
        return render(request, "evaluation.html", page, view=view, shown=shown, may_decide=may_decide)

    return await act.read(read)


@router.post("/evaluations/{stage_id}/{case_id}/{kind}")
async def give_points(
    stage_id: UUID,
    case_id: UUID,
    kind: Literal["override", "judgement"],
    request: Request,
    act: Act = acting_form("evaluation.decide"),
) -> Response:
    """Points by hand."""
    form = await request.form()
    body = {name: _text(form, name) for name in ("item", "points", "reason")}
    given = read_form(evaluation.PointsByHand, body)
    target = f"/committee/evaluations/{stage_id}"
    return await _done(act, lambda tx: evaluation.decide_item(tx, stage_id, case_id, kind, given), target)


@router.post("/evaluations/{stage_id}/complete")
async def complete(stage_id: UUID, act: Act = acting_form("evaluation.decide")) -> Response:
    """End the scoring."""
    target = f"/committee/evaluations/{stage_id}"
    return await _done(act, lambda tx: evaluation.complete_evaluation(tx, stage_id), target)


@router.get("/consultations")
async def consultations(request: Request, act: Act = acting("consultation.read")) -> Response:
    """Consultations of this department, or all of them for those who watch."""

    async def read(tx: Tx) -> Response:
        views = [consultation_view(shown, tx.now) for shown in await reading.consultations_shown(tx)]
        waiting = next((view for view in views if view.running), None)
        answers = {"until": waiting.closes_at, "next_step": "期满未回复视为无意见"} if waiting else {}
        expected = "请就名单逐一答复" if waiting and may(tx.actor, "consultation.reply") else None
        page = page_for(tx, request, "意见征询", expected_of_me=expected, **answers)
        rights = {"may_reply": may(tx.actor, "consultation.reply"), "may_rule": may(tx.actor, "decision.confirm")}
        return render(request, "consultations.html", page, views=views, **rights)

    return await act.read(read)


@router.get("/consultations/{stage_id}")
async def one_consultation(stage_id: UUID) -> Response:
    """The consultation within its page."""
    return RedirectResponse(f"/committee/consultations#stage-{stage_id}", HTTPStatus.SEE_OTHER)


@router.post("/consultations/{stage_id}/replies")
async def reply(stage_id: UUID, request: Request, act: Act = acting_form("consultation.reply")) -> Response:
    """A department's answers."""
    form = await request.form()
    entries = [
        {"case": name.removeprefix("reply."), "reply": value, "text": _text(form, f"text.{name[6:]}") or None}
        for name, value in form.multi_items()
        if name.startswith("reply.") and value
    ]
    given = read_form(consultation.Replies, {"entries": entries})
    return await _done(act, lambda tx: consultation.reply(tx, stage_id, given), "/committee/consultations")


@router.post("/consultations/{stage_id}/concerns/{case_id}")
async def rule(stage_id: UUID, case_id: UUID, request: Request, act: Act = acting_form("decision.confirm")) -> Response:
    """A co-chair's ruling on a concern."""
    form = await request.form()
    given = read_form(consultation.RulingGiven, {name: _text(form, name) for name in ("ruling", "reason")})
    target = "/committee/consultations"
    return await _done(act, lambda tx: consultation.rule_concern(tx, stage_id, case_id, given), target)


@router.post("/seats/{category_id}/{step}")
async def seat(
    category_id: UUID, step: Literal["fill", "confirm"], request: Request, act: Act = acting_form("seat.fill")
) -> Response:
    """Propose or confirm who fills an empty seat."""
    if step == "confirm":
        return await _done(act, lambda tx: seats.confirm_filling(tx, category_id), "/committee")
    form = await request.form()
    given = read_form(seats.Filling, {"case": _text(form, "case"), "reason": _text(form, "reason") or None})
    return await _done(act, lambda tx: seats.propose(tx, category_id, given), "/committee")


async def _done(act: Act, do: Callable[[Tx], Awaitable[Any]], target: str) -> Response:
    await act(do)
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def read_form(shape: type[Shape], values: Mapping[str, Any]) -> Shape:
    """A form's values as the action wants them; what does not fit is refused with its field."""
    try:
        return shape.model_validate(values)
    except (ValidationError, InvalidOperation) as trouble:
        field = ".".join(map(str, trouble.errors()[0]["loc"])) if isinstance(trouble, ValidationError) else "points"
        raise Refusal("invalid_form", f"填写的内容不符合要求：{field}。", field=field) from trouble


def _text(form: FormData, name: str) -> str:
    return str(form.get(name) or "").strip()


def _lines(form: FormData, name: str) -> list[str]:
    return [line.strip() for line in _text(form, name).splitlines() if line.strip()]
