"""API tokens of one's own, as JSON."""

import secrets
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.office.accounts.actions import api_tokens
from services.office.accounts.api.base import Body
from services.office.accounts.domain.api_tokens import PREFIX
from services.office.accounts.sessions import token_hash
from services.office.accounts.store import api_tokens as kept_tokens
from services.office.accounts.tables import ApiToken
from shared.infra.database import Tx
from shared.kernel.refusals import NotSignedIn
from shared.web.act import Act, acting

router = APIRouter(prefix="/me/tokens")


class TokenBody(Body):
    """A token to make: what it is for, the acts it may do, and for how many days."""

    name: str = Field(min_length=1, max_length=100)
    scopes: tuple[str, ...]
    days: int = 30


class ApiTokenAnswer(BaseModel):
    """A token of one's own; ``secret`` stands in the first answer only, a repeat has none."""

    token_id: UUID
    name: str
    scopes: list[str]
    expires_at: datetime
    used_at: datetime | None
    secret: str | None = None


def token_answer(token: ApiToken) -> ApiTokenAnswer:
    """A token without its secret."""
    return ApiTokenAnswer.model_validate(token, from_attributes=True)


@router.post("", status_code=HTTPStatus.CREATED)
async def make(body: TokenBody, act: Act = acting("account.own")) -> ApiTokenAnswer:
    """Make a token, freshly authenticated; exchange it at ``/api/office/token`` as bearer."""
    secret, made = PREFIX + secrets.token_urlsafe(32), []

    async def do(tx: Tx) -> ApiTokenAnswer:
        made.append(await api_tokens.make_token(tx, token_hash(secret), body.name, body.scopes, body.days))
        return token_answer(made[0])

    answer = ApiTokenAnswer.model_validate(await act(do))
    return answer.model_copy(update={"secret": secret}) if made else answer


@router.get("")
async def listed(act: Act = acting("account.own")) -> list[ApiTokenAnswer]:
    """One's tokens that were not taken back."""

    async def read(tx: Tx) -> list[ApiTokenAnswer]:
        if tx.actor.account_id is None:
            raise NotSignedIn
        return [token_answer(one) for one in await kept_tokens(tx, tx.actor.account_id)]

    return await act.read(read)


@router.post("/{token_id}/revoke")
async def revoke(token_id: UUID, act: Act = acting("account.own")) -> ApiTokenAnswer:
    """Take a token back."""

    async def do(tx: Tx) -> ApiTokenAnswer:
        return token_answer(await api_tokens.revoke_token(tx, token_id))

    return await act(do)
