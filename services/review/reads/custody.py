"""Keys as their custodians and the office see them: who holds which share, and whether it can still be opened."""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from services.review import store
from services.review.actions.custody import share_is_stale
from services.review.actions.keys import custodians_of, custody_of
from services.review.domain.custody import CUSTODIAN_ROLES, CUSTODY_WORDS, SHARE_MINUTES
from shared.infra.database import Tx

ROLE_WORDS = {"office": "办公室", "supervisor": "监督员", "review_chair": "审查委员会主任"}


class CustodianLine(BaseModel):
    """A custodian; ``account_id`` is what the office names."""

    account_id: UUID
    name: str
    role: str
    role_word: str
    recorded_at: datetime


class ShareHeld(BaseModel):
    """A share of a panel's key."""

    number: int
    name: str
    role: str
    role_word: str
    digest: str
    own: bool
    opened: bool
    lost_at: datetime | None
    lost_reason: str | None


class PanelCustody(BaseModel):
    """A panel's key: its digest in the ledger, its shares; before it is formed, whose shares they will be."""

    generation: int | None = None
    key_digest: str | None = None
    formed_at: datetime | None = None
    state: str | None = None
    state_words: str | None = None
    shares: list[ShareHeld] = []
    custodians: list[CustodianLine]
    missing_roles: list[str]
    available: list[CustodianLine]
    share_waits_until: datetime | None = None


class OwnCustody(BaseModel):
    """The custodian's own key, if a passphrase was set."""

    name: str | None
    public_key: str | None
    recorded_at: datetime | None


async def own_custody(tx: Tx) -> OwnCustody:
    """The acting person's custody key."""
    mine = next((one for one in await store.custody_keys(tx) if one.account_id == tx.actor.account_id), None)
    if mine is None:
        return OwnCustody(name=None, public_key=None, recorded_at=None)
    return OwnCustody(name=mine.name, public_key=mine.public_key.hex(), recorded_at=mine.recorded_at)


async def panel_custody(tx: Tx, stage_id: UUID) -> PanelCustody:
    """Key, shares and custodians of a panel."""
    panel, keys = await store.panel(tx, stage_id), await store.custody_keys(tx)
    custodians = await custodians_of(tx, panel)
    found = PanelCustody(
        custodians=[_line(one.account_id, one.name, one.role, one.recorded_at) for one in custodians],
        missing_roles=[]
        if panel.custodians
        else [ROLE_WORDS[role] for role in CUSTODIAN_ROLES if role not in {one.role for one in custodians}],
        available=[_line(one.account_id, one.name, one.role, one.recorded_at) for one in keys],
    )
    key = await store.panel_key(tx, stage_id)
    if key is None:
        return found
    waiting = await store.opened_share(tx, stage_id)
    fresh = waiting if waiting and not share_is_stale(tx, waiting) else None
    state = await custody_of(tx, key)
    shares = [
        ShareHeld(
            **share.model_dump(include={"number", "name", "role", "digest", "lost_at", "lost_reason"}),
            role_word=ROLE_WORDS[share.role],
            own=share.account_id == tx.actor.account_id,
            opened=fresh is not None and fresh.number == share.number,
        )
        for share in await store.key_shares(tx, key)
    ]
    return found.model_copy(
        update={
            "generation": key.generation,
            "key_digest": key.digest,
            "formed_at": key.formed_at,
            "state": state,
            "state_words": CUSTODY_WORDS[state],
            "shares": shares,
            "share_waits_until": fresh.opened_at + timedelta(minutes=SHARE_MINUTES) - tx.system_now + tx.now
            if fresh
            else None,
        }
    )


def _line(account_id: UUID, name: str, role: str, recorded_at: datetime) -> CustodianLine:
    word = ROLE_WORDS[role]
    return CustodianLine(account_id=account_id, name=name, role=role, role_word=word, recorded_at=recorded_at)
