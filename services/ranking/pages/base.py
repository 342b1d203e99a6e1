"""What all pages of ranking have alike: templates, the page's context, reading a form."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import InvalidOperation
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.kernel.refusals import Refusal
from shared.web.act import Act, csrf_token
from shared.web.form_again import form_of, refused_on
from shared.web.form_fields import text_of
from shared.web.navigation import menu, role_words
from shared.web.page import Actor as Person
from shared.web.page import PageContext
from shared.web.parts import Link
from shared.web.refusal_page import make_refusal_renderer
from shared.web.templating import make_templates

TEMPLATES = Path(__file__).parents[1] / "templates"
Shape = TypeVar("Shape", bound=BaseModel)

HOME = Link(label="研究决定", href="/committee")


def install(app: FastAPI, service: Service) -> None:
    """Templates, and how a refusal looks to people."""
    app.state.templates = make_templates(TEMPLATES, rehearsal=service.rehearsal)
    app.state.render_refusal = make_refusal_renderer(app.state.templates, service.database)


def page_for(tx: Tx, request: Request, title: str, **answers: Any) -> PageContext:
    """The page's context for whoever is signed in."""
    nav = menu(tx.actor, request.url.path)
    role = role_words(tx.actor.roles)
    return PageContext(title=title, server_time=tx.now, actor=Person(name="", role=role), nav=nav, **answers)


def render(request: Request, template: str, page: PageContext, **context: Any) -> Response:
    """A page; forms in it find ``csrf`` and a fresh ``key``."""
    templates: Jinja2Templates = request.app.state.templates
    forms: dict[str, Any] = {"csrf": csrf_token(request), "key": str(new_id())}
    forms |= {"form_at": partial(form_of, request), "errors": refused_on(request)}
    return templates.TemplateResponse(request, f"committee/{template}", {"page": page, **forms, **context})


async def done(act: Act, do: Callable[[Tx], Awaitable[Any]], target: str) -> Response:
    """Act, then show the page it was done on."""
    await act(do)
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def read_form(shape: type[Shape], values: Mapping[str, Any]) -> Shape:
    """A form's values as the action wants them; what does not fit is refused with its field."""
    try:
        return shape.model_validate(values)
    except (ValidationError, InvalidOperation) as trouble:
        field = ".".join(map(str, trouble.errors()[0]["loc"])) if isinstance(trouble, ValidationError) else "points"
        raise Refusal("invalid_form", f"填写的内容不符合要求：{field}。", field=field) from trouble


async def file_of(form: FormData, name: str) -> bytes:
    """The bytes of a file field; nothing where none was chosen."""
    found = form.get(name)
    return await found.read() if isinstance(found, UploadFile) else b""


def lines_of(form: FormData, name: str) -> list[str]:
    """The lines of a field that say something."""
    return [line.strip() for line in text_of(form, name).splitlines() if line.strip()]


def chosen_of(form: FormData, beginning: str) -> list[tuple[str, str]]:
    """What was chosen in the fields that begin so, by the rest of their name; fields left open are left out."""
    return [
        (name.removeprefix(beginning), str(value))
        for name, value in form.multi_items()
        if name.startswith(beginning) and value
    ]
