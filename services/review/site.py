"""What every page of review has: templates, who is signed in, where they may go, and how a refusal looks."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.infra.service import Service
from shared.kernel.refusals import FieldProblem, Refusal
from shared.web.act import csrf_token
from shared.web.form_again import form_of, refused_on
from shared.web.formats import local_date
from shared.web.navigation import menu, role_words
from shared.web.page import Actor as Person
from shared.web.page import PageContext
from shared.web.parts import FieldError, Link, Tone
from shared.web.refusal_page import make_refusal_renderer
from shared.web.templating import make_templates

TEMPLATES = Path(__file__).parent / "templates"
HOME = Link(label="专家审查", href="/expert")

_TONES = {
    "short": Tone.BAD,
    "sealed": Tone.WARNING,
    "settled": Tone.GOOD,
    "undertaken": Tone.GOOD,
    "called": Tone.WORKING,
    "standby": Tone.NEUTRAL,
    "refused": Tone.NEUTRAL,
    "lapsed": Tone.BAD,
    "approved": Tone.GOOD,
    "recorded": Tone.WARNING,
    "suspended": Tone.BAD,
    "recused": Tone.NEUTRAL,
    "overdue": Tone.BAD,
}


def install(app: FastAPI, service: Service) -> None:
    """Rulebooks before the first request needs them; templates; how a refusal looks to people."""
    load_shipped()
    app.state.templates = make_templates(TEMPLATES, rehearsal=service.rehearsal)
    app.state.render_refusal = make_refusal_renderer(app.state.templates, service.database)


def page_for(tx: Tx, request: Request, title: str, **answers: Any) -> PageContext:
    """The page's context for whoever is signed in; ``answers`` are further fields of ``PageContext``."""
    nav = menu(tx.actor, request.url.path)
    person = Person(name="", role=role_words(tx.actor.roles))
    return PageContext(title=title, server_time=tx.now, actor=person, nav=nav, **answers)


def render(request: Request, template: str, page: PageContext, *, status: int = 200, **context: Any) -> Response:
    """A page; forms in it find ``csrf`` and a fresh ``key``."""
    templates: Jinja2Templates = request.app.state.templates
    forms: dict[str, Any] = {"csrf": csrf_token(request), "key": str(new_id())}
    forms |= {"form_at": partial(form_of, request), "errors": refused_on(request)}
    return templates.TemplateResponse(request, f"expert/{template}", {"page": page, **forms, **context}, status)


def errors_of(refusal: Refusal | None) -> tuple[FieldError, ...]:
    """A refusal as errors beside their fields."""
    if refusal is None:
        return ()
    problems = refusal.problems or (FieldProblem(refusal.field or "form", refusal.code, refusal.message),)
    return tuple(FieldError(field=one.field, message=one.message) for one in problems)


def days_left(tx: Tx, counted: tuple[str, ...]) -> int | None:
    """Counted days from today on, today included; None without a term."""
    if not counted:
        return None
    today = local_date(tx.now)
    return sum(date.fromisoformat(day) >= today for day in counted)


def tone_of(state: str) -> Tone:
    """The kind of state a badge speaks of."""
    return _TONES.get(state, Tone.WORKING)
