"""议程, places in the committee, empty seats."""

from http import HTTPStatus
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.ranking import reading
from services.ranking.actions import members, seats
from services.ranking.pages.base import done, page_for, read_form, render
from services.ranking.store import members_of
from services.ranking.views import agenda_of
from shared.infra.database import Tx
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.rights import may

router = APIRouter(prefix="/committee", include_in_schema=False)


@router.get("")
async def agenda(request: Request, act: Act = acting("consultation.read")) -> Response:
    """议程: what is to be decided, what was; a department goes to its consultations."""
    if not may(act.actor, "ranking.read"):
        return RedirectResponse("/committee/consultations", HTTPStatus.SEE_OTHER)
    return await act.read(lambda tx: _page(tx, request))


async def _page(tx: Tx, request: Request) -> Response:
    if await must_take_place(tx):
        page = page_for(tx, request, "登记席位", expected_of_me="登记您在指导委员会的席位")
        return render(request, "place.html", page)
    found = agenda_of(await reading.stages_shown(tx), await reading.seats_listed(tx))
    page = page_for(tx, request, "研究决定", expected_of_me=found.expected_of(tx.actor.roles))
    rights = {"may_fill": may(tx.actor, "seat.fill"), "may_manage": may(tx.actor, "committee.manage")}
    places = members.members_shown(await members_of(tx))
    return render(request, "agenda.html", page, agenda=found, places=places, me=str(tx.actor.account_id), **rights)


@router.post("/seats/{category_id}/{step}")
async def seat(
    category_id: UUID,
    step: Literal["fill", "confirm", "withdraw"],
    request: Request,
    act: Act = acting_form("seat.fill", page=_page),
) -> Response:
    """Propose or confirm who fills an empty seat, or take a proposal back."""
    if step == "withdraw":
        return await done(act, lambda tx: seats.withdraw_proposal(tx, category_id), "/committee")
    if step == "confirm":
        return await done(act, lambda tx: seats.confirm_filling(tx, category_id), "/committee")
    form = await request.form()
    given = read_form(seats.Filling, {"case": text_of(form, "case"), "reason": text_of(form, "reason") or None})
    return await done(act, lambda tx: seats.propose(tx, category_id, given), "/committee")


async def must_take_place(tx: Tx) -> bool:
    """Whether a member of the committee has not said yet which seat is theirs."""
    return bool(tx.actor.roles & members.COMMITTEE) and await members.own_place(tx) is None


@router.post("/members")
async def take_place(request: Request, act: Act = acting_form("committee.join", page=_page)) -> Response:
    """Say which seat is one's own."""
    given = read_form(members.Place, {"seat": text_of(await request.form(), "seat")})
    return await done(act, lambda tx: members.take_place(tx, given), "/committee")


@router.post("/members/release")
async def release_place(request: Request, act: Act = acting_form("committee.manage", page=_page)) -> Response:
    """Take a place back that was registered wrongly."""
    form = await request.form()
    given = read_form(members.PlaceGivenUp, {name: text_of(form, name) for name in ("seat", "reason")})
    return await done(act, lambda tx: members.release_place(tx, given), "/committee")
