"""What the pages of accounts have in common: short text fields, a form before sign-in, going on."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints
from starlette.responses import Response

from services.office.accounts.cookies import service_of
from services.office.site import errors_of, render
from shared.kernel.refusals import Refusal
from shared.web.page import PageContext

Text = Annotated[str, Form(max_length=500)]
Required = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), Form()]
"""A text that somebody must write; blanks are none."""


def bare_form(request: Request, template: str, title: str, refusal: Refusal | None = None, **context: Any) -> Response:
    """A form for somebody who is not (or not fully) signed in; a refusal stands beside its field."""
    page = PageContext(title=title, server_time=service_of(request).database.now())
    errors = errors_of(refusal) if refusal else ()
    return render(request, template, page, status=refusal.status if refusal else 200, errors=errors, **context)


def see(path: str) -> RedirectResponse:
    """Go on to another page of ours."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
