"""Registration of enterprises as JSON: asked by anybody, confirmed or declined by the office."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from services.office.accounts import store
from services.office.accounts.actions import registrations
from services.office.accounts.api.base import Body, Reason
from services.office.accounts.cookies import link_url, service_of
from services.office.accounts.domain.registration import Registrant
from services.office.accounts.links import REGISTRATION, linked_row
from services.office.accounts.reads import OwnRegistration, own_registration
from services.office.accounts.tables import Registration
from shared.infra.database import Tx
from shared.web.act import Act, acting
from shared.web.public_act import PublicAct, public_act

router = APIRouter(prefix="/registrations")

Line = Annotated[str, Field(max_length=500)]


class RegistrationBody(Body):
    """An enterprise, and the person who registers it."""

    credit_code: Line
    name: Line
    contact: Line
    mobile: Line
    email: Line
    industry: Line | None = None
    district: Line | None = None
    ownership: Line | None = None


class RegistrationAnswer(RegistrationBody):
    """A registration as the office sees it."""

    registration_id: UUID
    state: str
    asked_at: datetime
    reason: str | None


def registration_answer(row: Registration) -> RegistrationAnswer:
    """A registration whole."""
    fields = {name: getattr(row, name) for name in RegistrationAnswer.model_fields}
    return RegistrationAnswer.model_validate(fields)


@router.post("", status_code=HTTPStatus.CREATED)
async def register(
    body: RegistrationBody, request: Request, act: Annotated[PublicAct, Depends(public_act("registration.ask"))]
) -> OwnRegistration:
    """Ask to be let in; ``url`` is where the contact follows it."""

    async def ask(tx: Tx) -> OwnRegistration:
        row = await registrations.register(tx, Registrant(**body.model_dump()))
        return OwnRegistration.model_validate(row, from_attributes=True)

    found = OwnRegistration.model_validate(await act(ask))
    found.url = link_url(service_of(request), REGISTRATION, found.registration_id)
    return found


@router.get("/own")
async def follow(link: Annotated[str, Query(max_length=200)], request: Request) -> OwnRegistration:
    """How a registration stands, for whoever holds its link."""
    service = service_of(request)
    async with service.database.transaction() as tx:
        return await own_registration(tx, service, linked_row(service.secret, REGISTRATION, link))


@router.get("")
async def waiting(act: Act = acting("registration.decide")) -> list[RegistrationAnswer]:
    """Registrations that wait for the office."""

    async def read(tx: Tx) -> list[RegistrationAnswer]:
        return [registration_answer(row) for row in await store.waiting_registrations(tx)]

    return await act.read(read)


@router.post("/{registration_id}/confirm")
async def confirm(registration_id: UUID, act: Act = acting("registration.decide")) -> RegistrationAnswer:
    """Let the enterprise in."""

    async def do(tx: Tx) -> RegistrationAnswer:
        return registration_answer(await registrations.confirm_registration(tx, registration_id))

    return await act(do)


@router.post("/{registration_id}/decline")
async def decline(registration_id: UUID, body: Reason, act: Act = acting("registration.decide")) -> RegistrationAnswer:
    """Turn the registration down, with a reason."""

    async def do(tx: Tx) -> RegistrationAnswer:
        return registration_answer(await registrations.decline_registration(tx, registration_id, body.reason))

    return await act(do)
