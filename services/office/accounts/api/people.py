"""Accounts as JSON: read, given other roles, ended and recovered by the security administrator."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.office.accounts import store
from services.office.accounts.actions import people
from services.office.accounts.api.base import Reason
from services.office.accounts.cookies import link_url, service_of
from services.office.accounts.links import RECOVERY
from services.office.accounts.tables import Account
from shared.infra.database import Tx
from shared.web.act import Act, acting
from shared.web.rights import Role

router = APIRouter()


class RolesBody(Reason):
    """Other roles for an account, and why."""

    roles: list[Role]


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
        return answer_of(await people.revoke_account(tx, account_id, body.reason))

    return await act(revoke)


@router.post("/accounts/{account_id}/roles")
async def change_roles(account_id: UUID, body: RolesBody, act: Act = acting("account.change")) -> AccountAnswer:
    """Give an account other roles; its sessions end."""

    async def change(tx: Tx) -> AccountAnswer:
        return answer_of(await people.change_roles(tx, account_id, body.roles, body.reason))

    return await act(change)


@router.post("/accounts/{account_id}/recover")
async def recover_account(
    account_id: UUID, body: Reason, request: Request, act: Act = acting("account.recover")
) -> RecoveryAnswer:
    """Let somebody who lost password or phone begin anew; answers the one-use link to hand over."""

    async def recover(tx: Tx) -> dict[str, UUID]:
        return {"recovery_id": (await people.recover_account(tx, account_id, body.reason)).recovery_id}

    recovery_id = UUID(str((await act(recover))["recovery_id"]))
    return RecoveryAnswer(url=link_url(service_of(request), RECOVERY, recovery_id))
