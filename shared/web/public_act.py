"""Acts of people who are not signed in: one transaction, idempotent by key, under the pseudonym of their address."""

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TypeVar

from fastapi import Request

from shared.infra.contention import again_if_met
from shared.infra.database import Actor, Tx
from shared.infra.telemetry import current_trace
from shared.kernel.canonical import digest_bytes
from shared.kernel.ids import derived_id
from shared.web.act import Act

PublicAct = Act
Answer = TypeVar("Answer")


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


def public_form(act: str) -> Callable[[Request], Awaitable[PublicAct]]:
    """As ``public_act`` for a page's form: the key is a hidden field."""

    async def depend(request: Request) -> PublicAct:
        form = await request.form()
        fields = sorted((name, str(value)) for name, value in form.multi_items() if name != "key")
        actor = Actor(account_id=derived_id("public", address_pseudonym(request)))
        digest = digest_bytes((request.url.path + repr(fields)).encode())
        return Act(request, act, actor, str(form.get("key") or "") or None, digest)

    return depend


async def run_public(request: Request, do: Callable[[Tx], Awaitable[Answer]]) -> Answer:
    """Run an action of somebody unknown, whose repeat is recognised by its own token."""

    async def once() -> Answer:
        async with request.app.state.service.database.transaction(trace=current_trace.get()) as tx:
            return await do(tx)

    return await again_if_met(once)
