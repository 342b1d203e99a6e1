"""One request, one transaction: who asks, may they, has this key been answered before, then the action.

``Idempotency-Key`` is required on every writing endpoint; a repeat returns the first answer.
"""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

from fastapi import Depends, Request
from pydantic_core import to_jsonable_python
from starlette.responses import Response

from shared.infra.contention import again_if_met
from shared.infra.database import Actor, Tx
from shared.infra.tables import Idempotency
from shared.infra.telemetry import current_trace
from shared.infra.tickets import Ticket, require_not_revoked
from shared.kernel.canonical import digest_bytes, plain
from shared.kernel.refusals import Conflict, NotAllowed, NotSignedIn, Refusal
from shared.web.arrival import received_at
from shared.web.rights import require

TOKEN_COOKIE = "fb_token"  # noqa: S105 - a cookie's name
SESSION_COOKIE = "fb_session"
RENEWED_COOKIE = "fb_renewed"
READING = frozenset({"GET", "HEAD"})
FILING_ACTS = frozenset(
    {"call.read", "application.file", "application.withdraw", "evidence.upload", "application.read"}
)

_NOT_COMPARED = frozenset({"csrf", "key", "passphrase", "passphrase_again"})
"""Fields of a form that do not tell one request from another; of a passphrase not even a digest may be kept."""

HIDDEN_FIELDS = frozenset({"csrf", "key", "ticket"})
"""Fields of every form that nobody types."""

Answer = TypeVar("Answer")

FormPage = Callable[[Tx, Request], Awaitable[Response]]
"""Draws the page that a form stands on."""


def actor_of(request: Request, *, filing: bool = False) -> Actor:
    """Who asks: bearer token for programs, cookie for pages."""
    header = request.headers.get("authorization", "")
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else request.cookies.get(TOKEN_COOKIE)
    if not token:
        raise NotSignedIn
    actor: Actor = request.app.state.service.verifier.actor(token, filing=filing)
    return actor


def csrf_token(request: Request) -> str:
    """The anti-forgery value of this session, for hidden form fields."""
    actor: Actor = getattr(request.state, "actor", None) or actor_of(request)
    session = str(actor.session)
    key: bytes = request.app.state.service.secret
    return hmac.new(key, session.encode(), sha256).hexdigest()


@dataclass
class Act:
    """A checked request for one act; call it with what to do in the transaction."""

    request: Request
    act: str
    actor: Actor
    key: str | None
    body_digest: str

    async def __call__(self, do: Callable[[Tx], Awaitable[Answer]]) -> Answer:
        """Run the action once for this key; the answer of the first time is returned again."""
        if self.key is None:
            raise _key_missing()
        return await again_if_met(lambda: self._once(do))

    async def _once(self, do: Callable[[Tx], Awaitable[Answer]]) -> Answer:
        service = self.request.app.state.service
        async with service.database.transaction(self.actor, trace=current_trace.get()) as tx:
            tx.came_at = received_at(tx.now)
            await require_not_revoked(tx)
            await tx.lock(self.actor.account_id, self.key)
            known = await tx.session.get(Idempotency, (self.actor.account_id, self.key))
            if known is not None:
                return cast("Answer", self.first_answer(known))
            answer = await do(tx)
            await tx.remember(self.remembered(answer))
            return answer

    @property
    def account(self) -> UUID:
        """Whose request it is."""
        if self.actor.account_id is None:
            raise NotSignedIn
        return self.actor.account_id

    def remembered(self, answer: object) -> dict[str, Any]:
        """What lets a repeat of this request have the same answer."""
        return {
            "actor_id": self.account,
            "key": self.key,
            "act": self.act,
            "request_digest": self.body_digest,
            "answer": plain(answer) if isinstance(answer, dict) else to_jsonable_python(answer),
        }

    def first_answer(self, known: Idempotency) -> Any:
        """What was answered to this request before; another request under its key is refused."""
        if known.act == self.act and known.request_digest == self.body_digest:
            return known.answer
        if "idempotency-key" in self.request.headers:
            raise Conflict("idempotency_key_reused", "这个请求编号已用于另一个请求。", field="Idempotency-Key")
        # A form sent a second time with other words in it, from a page that the browser had kept.
        raise Conflict("idempotency_key_reused", "这一页已经提交过一次。请回到原页，看过现在的情况再提交。")

    async def read(self, do: Callable[[Tx], Awaitable[Answer]]) -> Answer:
        """Run a read in a transaction of its own."""
        async with self.transaction() as tx:
            return await do(tx)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """A transaction to read in for as long as the answer is being sent."""
        async with self.request.app.state.service.database.transaction(self.actor, trace=current_trace.get()) as tx:
            tx.came_at = received_at(tx.now)
            await require_not_revoked(tx)
            yield tx

    @property
    def ticket(self) -> Ticket | None:
        """The two-person ticket that came with the request (header ``X-Ticket`` or form field ``ticket``)."""
        token = self.request.headers.get("x-ticket") or getattr(self.request.state, "ticket", None)
        return self.request.app.state.service.verifier.ticket(token) if token else None


def _key_missing() -> Refusal:
    return Refusal("idempotency_key", "缺少请求编号（Idempotency-Key）。", field="Idempotency-Key")


def acting(act: str, *, secret: bool = False) -> Any:
    """Dependency of an API endpoint: ``act: Act = acting("application.file")``.

    A writing request without a key is refused before anything else of it is looked at. ``secret``: the body holds
    a passphrase, of which not even a digest may be kept; a repeat is known by its key and path alone.
    """

    async def depend(request: Request) -> Act:
        actor = request.state.actor = actor_of(request, filing=act in FILING_ACTS)
        require(actor, act)
        key = request.headers.get("idempotency-key") or None
        if key is None and request.method not in READING:
            raise _key_missing()
        body = b"" if secret else await request.body()
        digest = digest_bytes(request.method.encode() + request.scope["path"].encode() + body)
        return Act(request, act, actor, key, digest)

    return Depends(depend)


def acting_form(act: str, *, page: FormPage | None = None) -> Any:
    """Dependency of a page's form: as ``acting``, with the CSRF value, key and ticket from hidden fields.

    ``page``: what the form stands on, where it comes back when it is refused (``shared.web.form_again``).
    """

    async def depend(request: Request) -> Act:
        actor = request.state.actor = actor_of(request, filing=act in FILING_ACTS)
        require(actor, act)
        form = await request.form()
        if not hmac.compare_digest(str(form.get("csrf", "")).encode(), csrf_token(request).encode()):
            raise NotAllowed("页面已过期，请刷新后重试。")
        key = str(form.get("key") or "") or None
        if key is None:
            raise _key_missing()
        request.state.ticket = form.get("ticket") or None
        fields = sorted((name, str(value)) for name, value in form.multi_items() if name not in _NOT_COMPARED)
        digest = digest_bytes((request.url.path + repr(fields)).encode())
        found = Act(request, act, actor, key, digest)
        request.state.stands_on = (found, page) if page is not None else None
        return found

    return Depends(depend)


AnyActor = Annotated[Actor, Depends(actor_of)]
