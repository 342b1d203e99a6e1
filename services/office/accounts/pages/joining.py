"""Coming in: an enterprise registers and follows its registration; an invitation is accepted by its link."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.office.accounts.actions import invitations, registrations
from services.office.accounts.cookies import link_url, require_own_form, service_of
from services.office.accounts.domain.passwords import describe
from services.office.accounts.domain.registration import Registrant
from services.office.accounts.links import INVITATION, REGISTRATION, linked_row
from services.office.accounts.pages.base import Text, bare_form, see
from services.office.accounts.reads import OwnRegistration, own_registration
from services.office.accounts.sessions import profile_of
from services.office.accounts.store import invitation_row
from shared.infra.database import Tx
from shared.kernel.refusals import NotSignedIn, Refusal
from shared.web.act import Act, acting_form, actor_of, csrf_token
from shared.web.navigation import role_words
from shared.web.public_act import PublicAct, public_form
from shared.web.rights import may

router = APIRouter()


@router.get("/account/register")
async def register_page(request: Request) -> Response:
    """The form of registration."""
    return bare_form(request, "account/register.html", "企业注册", given={})


@router.post("/account/register")
async def register(
    request: Request,
    act: Annotated[PublicAct, Depends(public_form("registration.ask"))],
    credit_code: Text = "",
    name: Text = "",
    contact: Text = "",
    mobile: Text = "",
    email: Text = "",
    industry: Text = "",
    district: Text = "",
    ownership: Text = "",
) -> Response:
    """Ask to be let in; what was typed stays when something is wrong."""
    require_own_form(request)
    registrant = Registrant(credit_code, name, contact, mobile, email, industry, district, ownership)

    async def ask(tx: Tx) -> OwnRegistration:
        row = await registrations.register(tx, registrant)
        return OwnRegistration.model_validate(row, from_attributes=True)

    try:
        asked = OwnRegistration.model_validate(await act(ask))
    except Refusal as refusal:
        return bare_form(request, "account/register.html", "企业注册", refusal, given=vars(registrant))
    return see(link_url(service_of(request), REGISTRATION, asked.registration_id))


@router.get("/account/registration/{link}")
async def follow(link: str, request: Request) -> Response:
    """How a registration stands."""
    service = service_of(request)
    async with service.database.transaction() as tx:
        found = await own_registration(tx, service, linked_row(service.secret, REGISTRATION, link))
    return bare_form(request, "account/registration.html", "注册申请", registration=found)


@router.get("/account/invitation/{link}")
async def invitation_page(link: str, request: Request) -> Response:
    """What an invitation is for, and the form that accepts it."""
    return await _invitation_page(request, link)


@router.post("/account/invitation/{link}")
async def accept(link: str, request: Request, password: Text = "", login: Text = "") -> Response:
    """Become an account; the sign-in that follows enrols a second factor where one is needed."""
    require_own_form(request)
    service = service_of(request)
    try:
        async with service.database.transaction() as tx:
            invitation_id = linked_row(service.secret, INVITATION, link)
            await invitations.accept_invitation(tx, profile_of(service), invitation_id, login, password)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        return await _invitation_page(request, link, refusal, login=login)
    return see("/account/sign-in?changed=true")


@router.post("/account/invitation/{link}/join")
async def join(link: str, request: Request, act: Act = acting_form("enterprise.people")) -> Response:
    """Add the invitation's enterprise to one's own account."""
    invitation_id = linked_row(service_of(request).secret, INVITATION, link)

    async def do(tx: Tx) -> str:
        await invitations.join(tx, invitation_id)
        return "/account/renew?next=/account/enterprises"

    return see(await act(do))


async def _invitation_page(request: Request, link: str, refusal: Refusal | None = None, **given: Any) -> Response:
    service = service_of(request)
    async with service.database.transaction() as tx:
        row = await invitation_row(tx, linked_row(service.secret, INVITATION, link))
    joining = _may_join(request, row.roles)
    shown = {
        "link": link,
        "invitation": row,
        "roles": role_words(row.roles),
        "rules": describe(profile_of(service)),
        "joining": joining,
        "own_csrf": csrf_token(request) if joining else "",
        "login": "",
        **given,
    }
    return bare_form(request, "account/invitation.html", "接受邀请", refusal, **shown)


def _may_join(request: Request, roles: list[str]) -> bool:
    """Whether somebody signed in could add this enterprise to the account they have."""
    try:
        actor = actor_of(request)
    except NotSignedIn:
        return False
    return roles == ["enterprise"] and may(actor, "enterprise.people")
