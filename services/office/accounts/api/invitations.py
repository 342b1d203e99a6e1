"""Invitations as JSON: made by the security administrator or by people of an enterprise, accepted by their link."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, SecretStr

from services.office.accounts import store
from services.office.accounts.actions import invitations
from services.office.accounts.actions.invitations import Invited
from services.office.accounts.api.base import Body
from services.office.accounts.api.people import AccountAnswer, answer_of
from services.office.accounts.cookies import link_url, service_of
from services.office.accounts.links import INVITATION, linked_row
from services.office.accounts.sessions import profile_of
from services.office.accounts.tables import Invitation
from shared.infra.database import Tx
from shared.kernel.credit_code import check_credit_code
from shared.kernel.ids import derived_id
from shared.web.act import Act, acting
from shared.web.rights import Role

router = APIRouter()


class InvitationBody(Body):
    """Whom to invite. Enterprises by credit code, departments by name; an expert by the login of the pool."""

    display_name: str = Field(min_length=1, max_length=100)
    roles: list[Role]
    login: str | None = None
    email: str | None = None
    mobile: str | None = None
    enterprises: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    def invited(self) -> Invited:
        """With the ids that follow from codes and names."""
        enterprises = [derived_id("enterprise", check_credit_code(code)) for code in self.enterprises]
        acts_for = [*enterprises, *(derived_id("department", name) for name in self.departments)]
        return Invited(self.display_name, self.roles, acts_for, self.login, self.email, self.mobile)


class ColleagueBody(Body):
    """Another person of one's enterprise."""

    display_name: str = Field(min_length=1, max_length=100)


class InvitationAnswer(BaseModel):
    """An invitation as whoever made it sees it; ``url`` is the one-use link to hand over."""

    invitation_id: UUID
    display_name: str
    login: str | None
    roles: list[str]
    expires_at: datetime
    url: str = ""


class AcceptBody(Body):
    """The opaque part of the link, and the login and password of the new account."""

    link: str = Field(max_length=200)
    login: str = Field(max_length=200)
    password: SecretStr = Field(max_length=200)


class LinkBody(Body):
    """The opaque part of a link."""

    link: str = Field(max_length=200)


def invitation_answer(invitation: Invitation) -> InvitationAnswer:
    """An invitation without its link."""
    return InvitationAnswer.model_validate(invitation, from_attributes=True)


@router.post("/invitations", status_code=HTTPStatus.CREATED)
async def invite(body: InvitationBody, request: Request, act: Act = acting("account.create")) -> InvitationAnswer:
    """Invite somebody; the answer's link works once, for a week."""
    answer = await act(lambda tx: _invited(tx, body.invited()))
    return with_url(request, answer)


@router.get("/invitations")
async def listed(act: Act = acting("account.create")) -> list[InvitationAnswer]:
    """Invitations that may still be used."""

    async def read(tx: Tx) -> list[InvitationAnswer]:
        return [invitation_answer(one) for one in await store.open_invitations(tx)]

    return await act.read(read)


@router.post("/invitations/{invitation_id}/withdraw")
async def withdraw(invitation_id: UUID, act: Act = acting("account.create")) -> InvitationAnswer:
    """Take an invitation back."""

    async def do(tx: Tx) -> InvitationAnswer:
        return invitation_answer(await invitations.withdraw_invitation(tx, invitation_id))

    return await act(do)


@router.post("/invitations/accept", status_code=HTTPStatus.CREATED)
async def accept(body: AcceptBody, request: Request) -> AccountAnswer:
    """Become an account by an invitation's link; needs no key, for the link works once."""
    service = service_of(request)
    async with service.database.transaction() as tx:
        invitation_id = linked_row(service.secret, INVITATION, body.link)
        password = body.password.get_secret_value()
        return answer_of(
            await invitations.accept_invitation(tx, profile_of(service), invitation_id, body.login, password)
        )


@router.post("/invitations/join")
async def join(body: LinkBody, request: Request, act: Act = acting("enterprise.people")) -> AccountAnswer:
    """Add the invitation's enterprise to one's own account."""
    invitation_id = linked_row(service_of(request).secret, INVITATION, body.link)

    async def do(tx: Tx) -> AccountAnswer:
        return answer_of(await invitations.join(tx, invitation_id))

    return await act(do)


@router.post("/enterprises/{enterprise_id}/people", status_code=HTTPStatus.CREATED)
async def invite_colleague(
    enterprise_id: UUID, body: ColleagueBody, request: Request, act: Act = acting("enterprise.people")
) -> InvitationAnswer:
    """Invite another person of an enterprise one acts for."""

    async def do(tx: Tx) -> InvitationAnswer:
        return invitation_answer(await invitations.invite_colleague(tx, enterprise_id, body.display_name))

    return with_url(request, await act(do))


def with_url(request: Request, answer: InvitationAnswer | dict[str, object]) -> InvitationAnswer:
    """The answer, also one kept from the first time, with its link: the database keeps none."""
    found = InvitationAnswer.model_validate(answer)
    found.url = link_url(service_of(request), INVITATION, found.invitation_id)
    return found


async def _invited(tx: Tx, invited: Invited) -> InvitationAnswer:
    return invitation_answer(await invitations.invite(tx, invited))
