"""API tokens: made by a person for some of their acts, shown once, taken back."""

from collections.abc import Collection
from uuid import UUID

from services.office.accounts.actions.who import person_of
from services.office.accounts.domain.api_tokens import check_scopes, expiry, require_few
from services.office.accounts.store import api_tokens
from services.office.accounts.tables import ApiToken
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tickets import require_fresh
from shared.kernel.refusals import NotFound
from shared.web.rights import POLICY, may


async def make_token(tx: Tx, token_hash: str, name: str, scopes: Collection[str], days: int) -> ApiToken:
    """Keep a token by its hash, freshly authenticated; whoever made its secret shows it once."""
    require_fresh(tx)
    check_scopes(scopes, {act for act in POLICY if may(tx.actor, act)})
    await tx.lock("api tokens", person_of(tx))
    require_few(len(await api_tokens(tx, person_of(tx))))
    token = ApiToken(
        token_id=new_id(),
        account_id=person_of(tx),
        name=name,
        token_hash=token_hash,
        scopes=sorted(set(scopes)),
        made_at=tx.system_now,
        expires_at=expiry(tx.system_now, days),
    )
    tx.session.add(token)
    await tx.audit("api_token.made", token=token.token_id, scopes=token.scopes, expires_at=token.expires_at)
    return token


async def revoke_token(tx: Tx, token_id: UUID) -> ApiToken:
    """Take one of one's own tokens back; what was exchanged for it ends within five minutes."""
    token = await tx.session.get(ApiToken, token_id, with_for_update=True)
    if token is None or token.account_id != tx.actor.account_id:
        raise NotFound("没有这个令牌。")
    if token.revoked_at is None:
        token.revoked_at = tx.system_now
        tx.session.add(token)
        await tx.audit("api_token.revoked", token=token_id)
    return token


async def revoke_tokens(tx: Tx, account_id: UUID) -> None:
    """Take all tokens of an account back."""
    for token in await api_tokens(tx, account_id):
        token.revoked_at = tx.system_now
        tx.session.add(token)
