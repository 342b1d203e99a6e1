"""Tokens and tickets: Ed25519, verified offline by every service; office alone signs.

A token says who somebody is for five minutes (30 on filing routes); a ticket says that two persons agreed to one act
on one digest, and works once.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from pydantic import BaseModel, ConfigDict
from sqlalchemy.dialects.postgresql import insert

from shared.infra.clocks import SystemClock
from shared.infra.database import Actor, Tx
from shared.infra.tables import Person, UsedTicket
from shared.kernel.refusals import Conflict, NotAllowed, NotSignedIn, Refusal

TOKEN_MINUTES = 5
FILING_TOKEN_MINUTES = 30
TICKET_MINUTES = 30
FRESH_MINUTES = 10
FRESH_AUTHENTICATION = "fresh_authentication"


class Ticket(BaseModel):
    """Two persons' agreement to one act on one digest."""

    model_config = ConfigDict(frozen=True)

    ticket_id: UUID
    act: str
    digest: str
    asked_by: UUID
    confirmed_by: UUID


class Verifier:
    """Checks tokens and tickets with office's public key; needs neither office nor network."""

    def __init__(self, public_key: Path) -> None:
        self._key = load_pem_public_key(public_key.read_bytes())

    def actor(self, token: str, *, filing: bool = False) -> Actor:
        """Who a token names; refuses a forged or expired one."""
        claims = self._claims(token, "token", 0 if not filing else FILING_TOKEN_MINUTES - TOKEN_MINUTES)
        return Actor(
            account_id=UUID(claims["sub"]),
            roles=frozenset(claims["roles"]),
            acts_for=frozenset(UUID(one) for one in claims["acts_for"]),
            session=UUID(claims["sid"]),
            auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
            scopes=frozenset(claims["scopes"]) if "scopes" in claims else None,
        )

    def ticket(self, token: str) -> Ticket:
        """The ticket a token carries; refuses a forged or expired one."""
        claims = self._claims(token, "ticket", 0)
        return Ticket.model_validate(claims["ticket"])

    def signed(self, content: bytes, signature: str) -> bool:
        """Whether office signed these bytes: a detached Ed25519 signature in hex."""
        try:
            self._key.verify(bytes.fromhex(signature), content)  # type: ignore[union-attr, call-arg]
        except (InvalidSignature, ValueError):
            return False
        return True

    def _claims(self, token: str, kind: str, leeway_minutes: int) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,  # type: ignore[arg-type]
                algorithms=["EdDSA"],
                audience=f"fangbang-{kind}",
                leeway=timedelta(minutes=leeway_minutes),
                options={"require": ["exp", "iat", "aud"]},
            )
        except jwt.InvalidTokenError as trouble:
            raise NotSignedIn("登录已过期或凭证无效，请重新登录。") from trouble
        return claims


class Signer:
    """Signs tokens and tickets; only office has the private key."""

    def __init__(self, private_key: Path) -> None:
        self._key = load_pem_private_key(private_key.read_bytes(), None)

    def token(self, actor: Actor) -> str:
        """A five-minute token without a name in it."""
        now = SystemClock().now()
        return self._sign(
            "token",
            TOKEN_MINUTES,
            {
                "sub": str(actor.account_id),
                "roles": sorted(actor.roles),
                "acts_for": sorted(str(one) for one in actor.acts_for),
                "sid": str(actor.session),
                "auth_time": int((actor.auth_time or now).timestamp()),
                **({"scopes": sorted(actor.scopes)} if actor.scopes is not None else {}),
            },
        )

    def ticket(self, ticket: Ticket) -> str:
        """A one-use ticket for 30 minutes."""
        return self._sign("ticket", TICKET_MINUTES, {"ticket": ticket.model_dump(mode="json")})

    def bytes_signature(self, content: bytes) -> str:
        """Detached Ed25519 signature over bytes, hex; for checkpoints."""
        return bytes(self._key.sign(content)).hex()  # type: ignore[union-attr, call-arg]

    def _sign(self, kind: str, minutes: int, claims: dict[str, Any]) -> str:
        now = SystemClock().now()
        body = {**claims, "aud": f"fangbang-{kind}", "iat": now, "exp": now + timedelta(minutes=minutes)}
        return jwt.encode(body, self._key, algorithm="EdDSA")  # type: ignore[arg-type]


def require_fresh(tx: Tx) -> None:
    """Refuse an irreversible act without a proof (password, and code where there is one) in the last ten minutes."""
    auth_time = tx.actor.auth_time
    if auth_time is None or tx.system_now - auth_time > timedelta(minutes=FRESH_MINUTES):
        raise Refusal(FRESH_AUTHENTICATION, "此操作须再次验证身份（密码及动态口令），验证后请重新提交。")


async def use_ticket(tx: Tx, ticket: Ticket | None, act: str, digest: str) -> Ticket:
    """Use a two-person ticket for this act on this digest; works once, only for one of its two persons, and only
    with fresh authentication."""
    require_fresh(tx)
    if ticket is None:
        raise Refusal("second_person", "此操作需要双人复核：请先提交复核申请，由第二人确认后办理。")
    if ticket.act != act or ticket.digest != digest:
        raise Refusal("ticket_mismatch", "复核单与本次操作不一致，请重新申请复核。")
    if ticket.asked_by == ticket.confirmed_by or tx.actor.account_id not in (ticket.asked_by, ticket.confirmed_by):
        raise NotAllowed("复核单不是由您申请或确认的。")
    written = await tx.session.execute(
        insert(UsedTicket)
        .values(**ticket.model_dump(), used_at=tx.system_now)
        .on_conflict_do_nothing(index_elements=["ticket_id"])
        .returning(UsedTicket.ticket_id)  # type: ignore[call-overload]
    )
    if written.one_or_none() is None:
        raise Conflict("ticket_used", "这张复核单已经用过。")
    await tx.audit("ticket.used", act=act, ticket=ticket.ticket_id, second=ticket.confirmed_by, public=digest)
    return ticket


async def require_not_revoked(tx: Tx) -> None:
    """Refuse an account that this service knows to be revoked since its token was signed."""
    if tx.actor.account_id is not None and await tx.session.get(Person, tx.actor.account_id) is not None:
        raise NotSignedIn("该账号已停用。")


async def note_revoked(tx: Tx, account_id: UUID) -> None:
    """Keep that an account may no longer act."""
    statement = insert(Person).values(account_id=account_id, revoked_at=tx.system_now)
    await tx.session.execute(statement.on_conflict_do_nothing(index_elements=["account_id"]))
