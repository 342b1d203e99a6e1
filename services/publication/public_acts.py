"""Acts of people who are not signed in: one transaction, idempotent by key, under the pseudonym of their address."""

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256

from fastapi import Request

from shared.infra.database import Actor
from shared.kernel.canonical import digest_bytes
from shared.kernel.ids import derived_id
from shared.web.act import Act

PublicAct = Act


def address_pseudonym(request: Request) -> str:
    """A pseudonym of the caller's network address under the service's key; the address itself is not kept."""
    forwarded = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
    address = forwarded or (request.client.host if request.client else "")
    key: bytes = request.app.state.service.secret
    return hmac.new(key, address.encode(), sha256).hexdigest()[:32]


def public_act(act: str) -> Callable[[Request], Awaitable[PublicAct]]:
    """Dependency of a public writing endpoint: anybody, but with an ``Idempotency-Key``."""

    async def depend(request: Request) -> PublicAct:
        digest = digest_bytes(request.method.encode() + request.url.path.encode() + await request.body())
        actor = Actor(account_id=derived_id("public", address_pseudonym(request)))
        return Act(request, act, actor, request.headers.get("idempotency-key"), digest)

    return depend
