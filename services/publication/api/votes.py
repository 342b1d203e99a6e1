"""Public votes: tokens and votes without sign-in, and how a vote stands."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from services.publication.actions import votes
from services.publication.actions.votes import Cast, PollView, Token
from shared.kernel.refusals import Refusal
from shared.web.public_act import PublicAct, address_pseudonym, public_act, run_public

router = APIRouter(prefix="/api/publication/polls", tags=["votes"])


class VoteBody(BaseModel):
    """A vote: the token and the numbers of the chosen candidates."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(min_length=20, max_length=100)]
    choices: Annotated[tuple[str, ...], Field(max_length=100)]


@router.get("/{stage_id}")
async def poll(stage_id: UUID, request: Request) -> PollView:
    """Candidates, the term, and the counts after its end."""
    async with request.app.state.service.database.transaction() as tx:
        return await votes.poll_view(tx, stage_id)


@router.post("/{stage_id}/tokens", status_code=201)
async def token(
    stage_id: UUID, request: Request, act: Annotated[PublicAct, Depends(public_act("vote.token"))]
) -> Token:
    """A token for one vote; a network address gets only so many in a while (429)."""
    if act.key is None:
        raise Refusal("idempotency_key", "缺少请求编号（Idempotency-Key）。", field="Idempotency-Key")
    key, secret, address = act.key, request.app.state.service.secret, address_pseudonym(request)
    # The token is not kept among first answers: it follows from the key again, and no row joins address and vote.
    return await run_public(request, lambda tx: votes.issue_token(tx, secret, stage_id, address, key))


@router.post("/{stage_id}/votes", status_code=201)
async def vote(stage_id: UUID, body: VoteBody, request: Request) -> Cast:
    """One vote a token; the same vote again returns the same receipt."""
    secret: bytes = request.app.state.service.secret
    return await run_public(request, lambda tx: votes.cast_vote(tx, secret, stage_id, body.token, body.choices))
