"""What every page of office has: templates, who is signed in, where they may go, and how a refusal looks."""

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from services.office.accounts.reads import tickets_for_me
from services.office.accounts.store import account_row
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.kernel.refusals import FieldProblem, Refusal
from shared.web.act import csrf_token
from shared.web.form_again import form_of, refused_on
from shared.web.navigation import TICKETS, menu, role_words
from shared.web.page import Actor as Person
from shared.web.page import PageContext
from shared.web.parts import FieldError
from shared.web.refusal_page import make_refusal_renderer
from shared.web.rights import may
from shared.web.templating import make_templates

TEMPLATES = Path(__file__).parent / "templates"

HOMES = (
    ("enterprise", "/portal"),
    ("expert", "/expert"),
    ("department", "/committee/consultations"),
    ("co_chair", "/committee"),
    ("guidance", "/committee"),
    ("review_chair", "/expert/panels"),
    ("media", "/portal"),
    ("security", "/office/accounts"),
    ("auditor", "/office/audit"),
    ("operator", "/office/operations"),
)


def install(app: FastAPI, service: Service) -> None:
    """Templates, and how a refusal looks to people."""
    app.state.templates = make_templates(TEMPLATES, rehearsal=service.rehearsal)
    app.state.render_refusal = make_refusal_renderer(app.state.templates, service.database)


async def page_for(tx: Tx, request: Request, title: str, **answers: Any) -> PageContext:
    """The page's context for whoever is signed in; ``answers`` are further fields of ``PageContext``."""
    actor = tx.actor
    account = await account_row(tx, actor.account_id) if actor.account_id else None
    waiting = await tickets_for_me(tx) if may(actor, "ticket.confirm") else 0
    nav = menu(actor, request.url.path, {TICKETS: waiting})
    person = Person(name=account.display_name, role=role_words(account.roles)) if account else None
    return PageContext(title=title, server_time=tx.now, actor=person, nav=nav, **answers)


def home_of(roles: list[str]) -> str:
    """Where somebody with these roles begins."""
    return next((href for role, href in HOMES if role in roles), "/office")


def render(request: Request, template: str, page: PageContext, *, status: int = 200, **context: Any) -> Response:
    """A page; forms in it find ``csrf`` and a fresh ``key``, and by ``form_at(action)`` what came back refused."""
    templates: Jinja2Templates = request.app.state.templates
    forms: dict[str, Any] = {"csrf": csrf_token(request) if page.actor else "", "key": str(new_id())}
    forms |= {"form_at": partial(form_of, request), "refused": refused_on(request)}
    return templates.TemplateResponse(request, template, {"page": page, **forms, **context}, status_code=status)


def errors_of(refusal: Refusal) -> tuple[FieldError, ...]:
    """A refusal as errors beside their fields; one without a field stands at the first."""
    problems = refusal.problems or (FieldProblem(refusal.field or "form", refusal.code, refusal.message),)
    return tuple(FieldError(field=one.field, message=one.message) for one in problems)


def own_path(target: str | None, otherwise: str) -> str:
    """A path of this site to go on to; anything that leads elsewhere is not followed."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target
