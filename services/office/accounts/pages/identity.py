"""Signing in at a provider (OpenID Connect), and linking one's account to it."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.accounts import oidc
from services.office.accounts.cookies import service_of, set_cookie
from services.office.accounts.pages.base import bare_form, see
from services.office.accounts.pages.going_on import go_on
from services.office.site import own_path
from shared.infra.database import Tx
from shared.infra.oidc import NotProved
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting_form

router = APIRouter()

STATE_COOKIE = "fb_identity"
PATH = "/account/oidc"


@router.get("/account/oidc")
async def begin(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """Go to the provider; one that is down leads back to the form with password."""
    service = service_of(request)
    oidc.require_provider(service)
    try:
        way, state = await oidc.begin(service, own_path(next, ""))
    except Refusal as refusal:
        return _form(request, refusal, next)
    return _to_provider(request, way, state)


@router.get("/account/oidc/callback")
async def callback(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
    """Come back from the provider; whatever does not fit leads to the form with a sentence."""
    service, brought = service_of(request), request.cookies.get(STATE_COOKIE, "")
    try:
        if error or not code or not brought:
            raise NotProved
        done = await oidc.finish(service, state, brought, code)
    except Refusal as refusal:
        response = _form(request, refusal, "")
    else:
        response = await go_on(request, done.signed_in, done.target) if done.signed_in else see(done.target)
    response.delete_cookie(STATE_COOKIE, path=PATH)
    return response


@router.post("/account/oidc/link")
async def link(request: Request, act: Act = acting_form("account.own")) -> Response:
    """Go to the provider to link one's account."""
    service = service_of(request)

    async def check(tx: Tx) -> str:
        return str(await oidc.begin_link(tx, service))

    await act(check)
    account_id = act.actor.account_id
    if account_id is None:
        raise NotProved
    return _to_provider(request, *await oidc.begin_linking(service, account_id))


@router.post("/account/oidc/unlink")
async def unlink(act: Act = acting_form("account.own")) -> Response:
    """Take one's link away."""

    async def do(tx: Tx) -> str:
        if tx.actor.account_id is not None:
            await oidc.drop_link(tx, tx.actor.account_id)
        return "/account"

    return see(await act(do))


def _to_provider(request: Request, way: str, state: str) -> Response:
    response = RedirectResponse(way, 303)
    set_cookie(request, response, STATE_COOKIE, state, path=PATH)
    return response


def _form(request: Request, refusal: Refusal, target: str) -> Response:
    known = {"next": own_path(target, ""), "changed": False, "provider": service_of(request).settings.oidc_name}
    return bare_form(request, "account/sign_in.html", "登录", refusal, **known)
