"""The other services as office hears them: facts on the real stream; and office as a program uses it."""

from __future__ import annotations

import asyncio
import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import nats
from pyotp import TOTP

from deploy.stack import Stack
from services.office.accounts.domain.second_factor import seeded_secret
from services.office.accounts.seeding import enrolled_logins
from shared.contracts.facts import Envelope, Fact, subject_of
from shared.infra.clocks import SystemClock, new_id
from shared.kernel.canonical import plain
from tests.integration.servers import TLS, key

DIGEST = "a" * 64
PASSWORD = "harbour lantern 46 kites"


def publish(stack: Stack, service: str, *facts: Fact) -> None:
    """State facts as ``service``, in order."""

    async def send() -> None:
        connection = await nats.connect(stack.settings_for(service)["FANGBANG_NATS_URL"])
        for fact in facts:
            envelope = Envelope(
                id=new_id(), subject=subject_of(fact), occurred_at=SystemClock().now(), fact=plain(fact)
            )
            await connection.jetstream().publish(envelope.subject, envelope.model_dump_json().encode(), timeout=5)
        await connection.close()

    with ThreadPoolExecutor(1) as beside:  # a test may have a loop of its own running
        beside.submit(lambda: asyncio.run(send())).result()


class Office:
    """Office through its public API, as seeded persons."""

    def __init__(self, origin: str, stack: Stack, database: str) -> None:
        self.client = httpx.Client(base_url=origin, timeout=20, verify=TLS)
        self.password = stack.keys.seed_password
        self._code_key = stack.keys.seed_code_key
        self._enrolled = frozenset(enrolled_logins())
        self._database = database
        self._tokens: dict[str, str] = {}
        self._signed_at: dict[str, float] = {}

    def change(self, statement: str, *values: object) -> str:
        """Change office's database by hand, for what a test cannot wait for; returns what PostgreSQL says."""

        async def run() -> str:
            connection = await asyncpg.connect(self._database)
            try:
                return str(await connection.execute(statement, *values))
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as beside:  # a test may have a loop of its own running
            return beside.submit(lambda: asyncio.run(run())).result()

    def half_minute_passed(self, login: str) -> None:
        """Let the half minute pass of the code that this person gave last."""
        statement = (
            "UPDATE second_factor SET last_step = 0 FROM account"
            " WHERE account.account_id = second_factor.account_id AND login = $1"
        )
        self.change(statement, login)

    def code(self, login: str) -> str:
        """The code that a seeded person's phone shows now."""
        return TOTP(seeded_secret(self._code_key, login)).now()

    def sign_in(self, login: str, password: str | None = None, code: str | None = None) -> httpx.Response:
        """Try to sign in."""
        body = {"login": login, "password": password or self.password, **({"code": code} if code else {})}
        return self.client.post("/api/office/sign-in", json=body)

    def member(self, role: str, **more: object) -> dict[str, str]:
        """Somebody new with this role, invited and accepted: the account, and the password it took."""
        login = f"{role}-{uuid4().hex[:8]}"
        fixed = {"login": login} if role == "expert" else {}
        body = {"display_name": f"演练{role}", "roles": [role], **fixed, **more}
        invited = self.post("security1", "/api/office/invitations", body).raise_for_status().json()
        return {**self.accept(invited["url"], login).raise_for_status().json(), "password": PASSWORD}

    def accept(self, url: str, login: str, password: str | None = None) -> httpx.Response:
        """Try to become an account by an invitation's link."""
        body = {"link": url.rsplit("/", 1)[1], "login": login, "password": password or PASSWORD}
        return self.client.post("/api/office/invitations/accept", json=body)

    def sign_in_as(self, login: str, password: str) -> None:
        """Sign in somebody who is not seeded."""
        self._keep(login, self.sign_in(login, password).raise_for_status().json())

    def session(self, login: str) -> dict[str, str]:
        """A session of a seeded person, opened in a half minute of its own."""
        self.half_minute_passed(login)
        code = self.code(login) if login in self._enrolled else None
        answer: dict[str, str] = self.sign_in(login, code=code).raise_for_status().json()
        return answer

    def token(self, login: str) -> str:
        """A token of this person."""
        if self._signed_at.get(login, -math.inf) < time.monotonic() - 200:
            self._keep(login, self.session(login))
        return self._tokens[login]

    def _keep(self, login: str, signed_in: dict[str, str]) -> None:
        self._tokens[login], self._signed_at[login] = signed_in["token"], time.monotonic()

    def get(self, login: str, path: str, **options: Any) -> httpx.Response:
        """Read as this person."""
        return self.client.get(path, headers={"Authorization": f"Bearer {self.token(login)}"}, **options)

    def post(
        self,
        login: str,
        path: str,
        body: object = None,
        *,
        ticket: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Act as this person, under a fresh key unless one is given."""
        sent = {"Authorization": f"Bearer {self.token(login)}", **(headers or key())}
        if ticket is not None:
            sent["X-Ticket"] = ticket
        return self.client.post(path, json=body, headers=sent)

    def rulebook(self, rulebook_id: str) -> dict[str, Any]:
        """A shipped rulebook as office names it."""
        books = self.get("office1", "/api/office/rulebooks").raise_for_status().json()
        found: dict[str, Any] = next(book for book in books if book["rulebook_id"] == rulebook_id)
        return found

    def open_cycle(self, title: str, rulebook_id: str, *categories: str) -> dict[str, Any]:
        """Open a cycle and accept the unconfirmed readings."""
        body = {
            "rulebook_id": rulebook_id,
            "rulebook_digest": self.rulebook(rulebook_id)["digest"],
            "year": 2026,
            "title": f"{title} {uuid4().hex[:6]}",
            "categories": categories,
            "accept_unconfirmed_reason": "演练",
        }
        found: dict[str, Any] = self.post("office1", "/api/office/cycles", body).raise_for_status().json()
        return found

    def cycle(self, cycle_id: str | UUID) -> dict[str, Any]:
        """A cycle as it stands."""
        found: dict[str, Any] = self.get("office1", f"/api/office/cycles/{cycle_id}").raise_for_status().json()
        return found

    def stages(self, cycle_id: str | UUID, category: int = 0) -> dict[str, dict[str, Any]]:
        """The stages of a category by kind, those of supplements as ``kind/n``."""
        stages = self.cycle(cycle_id)["categories"][category]["stages"]
        return {s["kind"] + (f"/{s['supplement']}" if s["supplement"] else ""): s for s in stages}

    def ticket(self, act: str, digest: str, subject: str, first: str = "office1", second: str = "office2") -> str:
        """Two persons' agreement."""
        body = {"act": act, "digest": digest, "subject": subject}
        asked = self.post(first, "/api/office/tickets", body).raise_for_status().json()
        confirmed = self.post(second, f"/api/office/tickets/{asked['ticket_id']}/confirm").raise_for_status().json()
        return str(confirmed["ticket"])
