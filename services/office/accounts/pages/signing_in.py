"""Signing in step by step, proving oneself again, recovery, renewing the token behind a page, signing out.

Each step is a plain form; a person who comes to the wrong step is led to the right one.
"""

import asyncio
from http import HTTPStatus
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.accounts import second_factors, sessions, signing_in
from services.office.accounts.actions import people
from services.office.accounts.cookies import (
    drop_both,
    opaque_session,
    require_own_form,
    service_of,
    set_cookie,
)
from services.office.accounts.domain.passwords import describe
from services.office.accounts.domain.sessions import Step
from services.office.accounts.links import RECOVERY, linked_row
from services.office.accounts.pages.base import Text, bare_form, see
from services.office.accounts.pages.going_on import go_on, step_path
from services.office.accounts.sessions import profile_of
from services.office.site import own_path
from shared.infra.oidc import provider_of
from shared.kernel.refusals import NoAnswer, NotSignedIn, Refusal
from shared.web.act import RENEWED_COOKIE, TOKEN_COOKIE

router = APIRouter()

JUST_NOW = 10  # seconds
PATIENCE = 5.0  # seconds


@router.get("/account/sign-in")
async def sign_in_page(request: Request, next: str = "", changed: bool = False) -> Response:  # noqa: A002
    """The form."""
    return _form(request, next, changed=changed)


@router.post("/account/sign-in")
async def sign_in(request: Request, login: Text, password: Text, next: Text = "") -> Response:  # noqa: A002
    """Sign in and go on, to the next step or to where one wanted to go."""
    require_own_form(request)
    try:
        signed_in = await signing_in.sign_in(service_of(request), login, password)
    except Refusal as refusal:
        return _form(request, next, refusal, login=login)
    return await go_on(request, signed_in, next)


@router.get("/account/code")
async def code_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """The one-time code of a sign-in."""
    return await _step_page(request, Step.CODE, next)


@router.get("/account/enrolment")
async def enrolment_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """The second factor that a first sign-in enrols."""
    return await _step_page(request, Step.ENROLMENT, next)


@router.post("/account/code")
async def give_code(request: Request, code: Text, next: Text = "") -> Response:  # noqa: A002
    """Give the code and go on."""
    require_own_form(request)
    service, opaque = service_of(request), opaque_session(request)
    try:
        signed_in = await signing_in.give_code(service, opaque, code)
    except NotSignedIn:
        return _to_sign_in(next)
    except Refusal as refusal:
        wanted = await sessions.wanted_step(service, opaque)
        return await _step_page(request, wanted or Step.CODE, next, refusal)
    return await go_on(request, signed_in, next)


@router.get("/account/new-password")
async def new_password_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """The form that replaces a password which has grown too old."""
    return await _step_page(request, Step.PASSWORD, next)


@router.post("/account/new-password")
async def give_password(request: Request, password: Text, next: Text = "") -> Response:  # noqa: A002
    """Replace the password and go on."""
    require_own_form(request)
    try:
        signed_in = await signing_in.give_password(service_of(request), opaque_session(request), password)
    except NotSignedIn:
        return _to_sign_in(next)
    except Refusal as refusal:
        return await _step_page(request, Step.PASSWORD, next, refusal)
    return await go_on(request, signed_in, next)


@router.get("/account/recovery/{link}")
async def recovery_page(link: str, request: Request) -> Response:
    """The form that a recovery link leads to; one that is dead is refused before anything is typed."""
    service = service_of(request)
    async with service.database.transaction() as tx:
        await people.open_recovery(tx, linked_row(service.secret, RECOVERY, link))
    return _recovery_form(request, link)


def _recovery_form(request: Request, link: str, refusal: Refusal | None = None) -> Response:
    rules = describe(profile_of(service_of(request)))
    return bare_form(request, "account/recovery.html", "重新设置密码", refusal, link=link, rules=rules)


@router.post("/account/recovery/{link}")
async def recover(link: str, request: Request, password: Text = "") -> Response:
    """Set the new password; the sign-in that follows enrols a new second factor."""
    require_own_form(request)
    service = service_of(request)
    try:
        async with service.database.transaction() as tx:
            recovery_id = linked_row(service.secret, RECOVERY, link)
            await people.use_recovery(tx, profile_of(service), recovery_id, password)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        return _recovery_form(request, link, refusal)
    return see("/account/sign-in?changed=true")


@router.get("/account/sign-in/link/{link}")
async def sign_in_by_link(link: str, request: Request) -> Response:
    """Rehearsal only: sign in with a one-time link."""
    return await go_on(request, await signing_in.sign_in_by_link(service_of(request), link), "")


@router.get("/account/renew")
async def renew(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """Exchange the session for a fresh token cookie and go back; without a session, sign in first."""
    target = own_path(next, "/office")
    try:
        token = await _fresh_token(request)
    except NotSignedIn:
        return _to_sign_in(target)
    response = see(target)
    set_cookie(request, response, TOKEN_COOKIE, token)
    return response


@router.post("/account/renew")
async def renew_behind_form(request: Request, next: str = "", back: str = "") -> Response:  # noqa: A002
    """As ``renew``, for a form on its way: it goes on to where it was sent, with all it holds.

    The page it goes to checks the form itself; ``back`` is where somebody begins again who has to sign in.
    """
    try:
        token = await _fresh_token(request)
    except NotSignedIn:
        return _to_sign_in(back)
    response = RedirectResponse(own_path(next, "/office"), HTTPStatus.TEMPORARY_REDIRECT)
    set_cookie(request, response, TOKEN_COOKIE, token)
    response.set_cookie(RENEWED_COOKIE, "1", max_age=JUST_NOW, httponly=True, samesite="lax")
    return response


async def _fresh_token(request: Request) -> str:
    """Nobody waits for ever where the database takes the question and gives no answer."""
    asked = sessions.fresh_token(service_of(request), opaque_session(request))
    try:
        return await asyncio.wait_for(asked, PATIENCE)
    except TimeoutError:
        told = "办公室的数据库没有应答，暂时不能核对您的登录。请稍后刷新本页；已经保存的内容都在。"
        raise NoAnswer("sessions_unknown", told) from None


@router.get("/account/prove")
async def prove_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """The form for fresh authentication before an irreversible act."""
    return await _prove_form(request, own_path(next, "/office"))


@router.post("/account/prove")
async def prove(request: Request, password: Text, code: Text = "", next: Text = "") -> Response:  # noqa: A002
    """Check password and code again and go on."""
    require_own_form(request)
    target = own_path(next, "/office")
    try:
        token = await signing_in.prove_again(service_of(request), opaque_session(request), password, code)
    except Refusal as refusal:
        return await _prove_form(request, target, refusal)
    response = see(target)
    set_cookie(request, response, TOKEN_COOKIE, token)
    return response


@router.get("/account/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session and go home; one that a provider had begun ends there too."""
    service, way = service_of(request), "/"
    try:
        if await sessions.end_session(service, opaque_session(request)):
            provider = provider_of(service.settings)
            way = (await provider.way_out() if provider else None) or way
    except NotSignedIn:
        return see(way)
    response = see(way)
    drop_both(response)
    return response


def _form(
    request: Request, target: str, refusal: Refusal | None = None, *, login: str = "", changed: bool = False
) -> Response:
    settings = service_of(request).settings
    provider = settings.oidc_name if settings.oidc_issuer else None
    known = {"next": own_path(target, ""), "login": login, "changed": changed, "provider": provider}
    return bare_form(request, "account/sign_in.html", "登录", refusal, **known)


async def _prove_form(request: Request, target: str, refusal: Refusal | None = None) -> Response:
    service = service_of(request)
    try:
        async with service.database.transaction() as tx:
            account, _ = await sessions.living_session(tx, service, opaque_session(request))
            wants_code = await second_factors.is_enrolled(tx, account)
    except NotSignedIn:
        return _to_sign_in(target)
    return bare_form(request, "account/prove.html", "再次验证身份", refusal, next=target, wants_code=wants_code)


async def _step_page(request: Request, step: Step, target: str, refusal: Refusal | None = None) -> Response:
    """The form of a step, or the way to the step that is wanted."""
    service, target = service_of(request), own_path(target, "")
    try:
        opaque = opaque_session(request)
        wanted = await sessions.wanted_step(service, opaque)
        if wanted is not step:
            return see(step_path(wanted, target) if wanted else target or "/account/renew")
        if step is Step.ENROLMENT:
            offered = await signing_in.offered_factor(service, opaque)
            picture = segno.make(offered.uri, error="m", micro=False).svg_inline(scale=4, border=4, light="#fff")
            shown = {"next": target, "secret": offered.secret, "uri": offered.uri, "qr": picture}
            return bare_form(request, "account/enrolment.html", "绑定动态口令", refusal, **shown)
    except NotSignedIn:
        return _to_sign_in(target)
    if step is Step.PASSWORD:
        rules = describe(profile_of(service))
        return bare_form(request, "account/new_password.html", "更换密码", refusal, next=target, rules=rules)
    return bare_form(request, "account/code.html", "输入动态口令", refusal, next=target)


def _to_sign_in(target: str) -> Response:
    return see(f"/account/sign-in?{urlencode({'next': own_path(target, '')})}")
