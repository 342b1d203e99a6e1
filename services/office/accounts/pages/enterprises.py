"""企业注册 for the office, and 我的企业: the people of an enterprise, for themselves."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.office.accounts import store
from services.office.accounts.actions import invitations, registrations
from services.office.accounts.cookies import link_url, service_of
from services.office.accounts.links import INVITATION
from services.office.accounts.pages.base import Required, see
from services.office.accounts.tables import Registration
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.kernel.ids import derived_id
from shared.web.act import Act, acting, acting_form

router = APIRouter()


@router.get("/office/registrations")
async def waiting(request: Request, act: Act = acting("registration.decide")) -> Response:
    """Registrations that wait for the office."""
    return await act.read(lambda tx: _waiting_page(tx, request))


async def _waiting_page(tx: Tx, request: Request) -> Response:
    rows = await store.waiting_registrations(tx)
    expected = "核对企业与联系人，确认或退回" if rows else None
    page = await page_for(tx, request, "企业注册", expected_of_me=expected)
    cards = [await _card(tx, row) for row in rows]
    return render(request, "office/registrations.html", page, cards=cards)


@router.post("/office/registrations/{registration_id}/confirm")
async def confirm(registration_id: UUID, act: Act = acting_form("registration.decide", page=_waiting_page)) -> Response:
    """Let the enterprise in."""

    async def do(tx: Tx) -> str:
        await registrations.confirm_registration(tx, registration_id)
        return "/office/registrations"

    return see(await act(do))


@router.post("/office/registrations/{registration_id}/decline")
async def decline(
    registration_id: UUID, reason: Required, act: Act = acting_form("registration.decide", page=_waiting_page)
) -> Response:
    """Turn the registration down."""

    async def do(tx: Tx) -> str:
        await registrations.decline_registration(tx, registration_id, reason)
        return "/office/registrations"

    return see(await act(do))


@router.get("/account/enterprises")
async def own_enterprises(request: Request, act: Act = acting("enterprise.people")) -> Response:
    """The enterprises one acts for and their people."""
    return await act.read(lambda tx: _own_page(tx, request))


async def _own_page(tx: Tx, request: Request, url: str | None = None) -> Response:
    names = {derived_id("enterprise", code): name for code, name in (await store.enterprise_names(tx)).items()}
    enterprises = [
        {"id": one, "name": names.get(one, "（由办公室登记的企业）"), "people": await store.people_of(tx, one)}
        for one in sorted(tx.actor.acts_for)
    ]
    page = await page_for(tx, request, "我的企业")
    return render(request, "account/enterprises.html", page, enterprises=enterprises, url=url)


@router.post("/account/enterprises/{enterprise_id}/people")
async def invite_colleague(
    enterprise_id: UUID,
    display_name: Required,
    request: Request,
    act: Act = acting_form("enterprise.people", page=_own_page),
) -> Response:
    """Invite a colleague and show the link to hand over."""

    async def do(tx: Tx) -> dict[str, UUID]:
        return {"invitation_id": (await invitations.invite_colleague(tx, enterprise_id, display_name)).invitation_id}

    invitation_id = UUID(str((await act(do))["invitation_id"]))
    url = link_url(service_of(request), INVITATION, invitation_id)
    return await act.read(lambda tx: _own_page(tx, request, url))


async def _card(tx: Tx, row: Registration) -> dict[str, object]:
    """A registration beside the people who act for that code already."""
    known = await store.people_of(tx, derived_id("enterprise", row.credit_code))
    return {"row": row, "known": [account.display_name for account in known]}
