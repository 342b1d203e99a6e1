"""How a session travels (cookie for browsers, ``Authorization: Session …`` for programs), and one-use links."""

from uuid import UUID

from fastapi import Request, Response

from services.office.accounts.links import link_token
from services.office.accounts.sessions import SignedIn
from shared.infra.service import Service
from shared.kernel.refusals import NotAllowed, NotSignedIn
from shared.web.act import SESSION_COOKIE, TOKEN_COOKIE


def service_of(request: Request) -> Service:
    """The service behind a request."""
    service: Service = request.app.state.service
    return service


def opaque_session(request: Request) -> str:
    """The session of a request: cookie for browsers, ``Authorization: Session …`` for programs."""
    header = request.headers.get("authorization", "")
    opaque = header.removeprefix("Session ") if header.startswith("Session ") else request.cookies.get(SESSION_COOKIE)
    if not opaque:
        raise NotSignedIn
    return opaque


def set_cookie(request: Request, response: Response, name: str, value: str, *, path: str = "/") -> None:
    """Set a session or token cookie: HttpOnly, Lax, Secure wherever the origin is."""
    secure = service_of(request).settings.public_origin.startswith("https:")
    response.set_cookie(name, value, httponly=True, samesite="lax", secure=secure, path=path)


def set_both(request: Request, response: Response, signed_in: SignedIn) -> None:
    """Set the session of a sign-in, and its token once there is one."""
    set_cookie(request, response, SESSION_COOKIE, signed_in.session)
    if signed_in.token is None:
        response.delete_cookie(TOKEN_COOKIE)
    else:
        set_cookie(request, response, TOKEN_COOKIE, signed_in.token)


def link_url(service: Service, purpose: str, row_id: UUID) -> str:
    """The address of a one-use link."""
    return f"{service.settings.public_origin}/account/{purpose}/{link_token(service.secret, purpose, row_id)}"


def drop_both(response: Response) -> None:
    """Forget session and token."""
    for name in (SESSION_COOKIE, TOKEN_COOKIE):
        response.delete_cookie(name)


def require_own_form(request: Request) -> None:
    """Refuse a sign-in form that another site has sent; before sign-in there is no session to bind a form to."""
    origin = request.headers.get("origin")
    own = service_of(request).settings.public_origin
    if origin is not None and origin not in (own, str(request.base_url).rstrip("/")):
        raise NotAllowed("登录请求来自其他网站，已拒绝。", "foreign_form")
