"""Accounts as JSON: created, read, ended and recovered by the security administrator."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, SecretStr

from services.office.accounts import actions, store
from services.office.accounts.api.base import Body, Reason
from services.office.accounts.cookies import link_url, service_of
from services.office.accounts.domain.passwords import check_password
from services.office.accounts.links import RECOVERY
from services.office.accounts.passwords import hash_password
from services.office.accounts.sessions import profile_of
from services.office.accounts.tables import Account
from shared.infra.database import Tx
from shared.kernel.ids import derived_id
from shared.web.act import Act, acting
from shared.web.rights import Role

router = APIRouter()


class NewAccount(Body):
    """An account to create. Enterprises by credit code, departments by name; an expert acts for its own login."""

    login: str
    password: SecretStr = Field(max_length=200)
    display_name: str = Field(min_length=1, max_length=100)
    roles: list[Role]
    enterprises: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    acts_for: tuple[UUID, ...] = ()


class AccountAnswer(BaseModel):
    """An account as the security administrator sees it."""

    account_id: UUID
    login: str
    display_name: str
    roles: list[str]
    acts_for: list[str]
    revoked_at: datetime | None


class RecoveryAnswer(BaseModel):
    """The one-use link by which somebody sets a new password."""

    url: str


def answer_of(account: Account) -> AccountAnswer:
    """An account without its password hash."""
    return AccountAnswer.model_validate(account, from_attributes=True)


@router.post("/accounts", status_code=HTTPStatus.CREATED)
async def create_account(body: NewAccount, request: Request, act: Act = acting("account.create")) -> AccountAnswer:
    """Create an account (security administrator)."""
    password = body.password.get_secret_value()
    check_password(profile_of(service_of(request)), password, (body.login, body.display_name))
    kept = await hash_password(password)
    acts_for = [
        *body.acts_for,
        *(derived_id("enterprise", code) for code in body.enterprises),
        *(derived_id("department", name) for name in body.departments),
    ]

    async def create(tx: Tx) -> AccountAnswer:
        return answer_of(await actions.create_account(tx, body.login, kept, body.display_name, body.roles, acts_for))

    return await act(create)


@router.get("/accounts")
async def accounts(act: Act = acting("account.read")) -> list[AccountAnswer]:
    """All accounts."""

    async def read(tx: Tx) -> list[AccountAnswer]:
        return [answer_of(account) for account in await store.all_accounts(tx)]

    return await act.read(read)


@router.post("/accounts/{account_id}/revoke")
async def revoke_account(account_id: UUID, body: Reason, act: Act = acting("account.revoke")) -> AccountAnswer:
    """End an account; every service refuses it as soon as it hears."""

    async def revoke(tx: Tx) -> AccountAnswer:
        return answer_of(await actions.revoke_account(tx, account_id, body.reason))

    return await act(revoke)


@router.post("/accounts/{account_id}/recover")
async def recover_account(
    account_id: UUID, body: Reason, request: Request, act: Act = acting("account.recover")
) -> RecoveryAnswer:
    """Let somebody who lost password or phone begin anew; answers the one-use link to hand over."""

    async def recover(tx: Tx) -> dict[str, UUID]:
        return {"recovery_id": (await actions.recover_account(tx, account_id, body.reason)).recovery_id}

    recovery_id = UUID(str((await act(recover))["recovery_id"]))
    return RecoveryAnswer(url=link_url(service_of(request), RECOVERY, recovery_id))
