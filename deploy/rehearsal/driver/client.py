"""One person at the public origin: signs in, asks, acts; every act carries a fixed key, so a retry changes nothing.

An outage (a part was killed) only delays: connection errors and 5xx are tried again with the same key until
`PATIENCE` seconds have passed. A refusal rises at once as `Refused`.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import httpx
from pyotp import TOTP

PATIENCE: Final = 120.0
_TOKEN_SECONDS: Final = 200.0
_FRESH_SECONDS: Final = 480.0  # an irreversible act wants a proof of the last ten minutes
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_Outage = (httpx.TransportError, httpx.RemoteProtocolError)


class Refused(Exception):
    """The service refused: its code, its sentence and where."""

    def __init__(self, status: int, problem: Mapping[str, Any], where: str) -> None:
        self.status = status
        self.code = str(problem.get("code", status))
        self.problem = dict(problem)
        detail = "; ".join(f"{one['field']}: {one['message']}" for one in problem.get("problems", ()))
        super().__init__(f"{where}: {status} {self.code} {problem.get('title', '')} {detail}".strip())


class OutOfPatience(Exception):
    """A part did not answer for two minutes."""


@dataclass
class Traffic:
    """What the driver did over HTTP, for the timings at the end."""

    requests: int = 0
    retries: int = 0
    slowest: float = 0.0
    slowest_where: str = ""
    retried: dict[str, int] = field(default_factory=dict)

    def note(self, where: str, seconds: float) -> None:
        """Count one answered request."""
        self.requests += 1
        if seconds > self.slowest:
            self.slowest, self.slowest_where = seconds, where

    def note_retry(self, why: str) -> None:
        """Count one request that must be repeated."""
        self.retries += 1
        self.retried[why] = self.retried.get(why, 0) + 1


def act_key(*words: object) -> str:
    """The fixed idempotency key of one act: the same words always give the same key."""
    return str(uuid5(NAMESPACE_URL, "/".join(str(word) for word in words)))


@cache
def _tls() -> ssl.SSLContext:
    """One context for all clients; making one takes longer than most requests."""
    return ssl.create_default_context()


async def send(client: httpx.AsyncClient, traffic: Traffic, method: str, path: str, **request: Any) -> httpx.Response:
    """Send until somebody answers other than with an outage.

    Raises:
        OutOfPatience: nobody did within `PATIENCE` seconds.
    """
    deadline, pause = time.monotonic() + PATIENCE, 0.05
    while True:
        began = time.monotonic()
        try:
            response = await client.request(method, path, **request)
            if response.status_code not in _AGAIN:
                traffic.note(f"{method} {path}", time.monotonic() - began)
                return response
            why = f"{response.status_code}"
            last = f"{response.status_code} {response.text[:300]}"
        except _Outage as trouble:
            why, last = type(trouble).__name__, repr(trouble)
        traffic.note_retry(why)
        if time.monotonic() > deadline:
            raise OutOfPatience(f"{method} {path}: {last}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.7, 1.0)


def answer_of(response: httpx.Response, where: str) -> Any:
    """The JSON of an answer.

    Raises:
        Refused: it is a refusal.
    """
    if response.is_error:
        try:
            problem = response.json()
        except ValueError:
            problem = {"title": response.text[:300]}
        raise Refused(response.status_code, problem, where)
    return response.json() if response.content else None


class CodeDevice:
    """The phone that shows a person's one-time codes; like its owner it shows no code twice."""

    def __init__(self, secret: str) -> None:
        self._totp = TOTP(secret)
        self._shown = 0

    async def code(self) -> str:
        """The code of the current half minute; waits for the next one when that was given already."""
        while (step := self._step()) <= self._shown:
            await asyncio.sleep(0.2)
        self._shown = step
        return self._totp.generate_otp(step)

    def _step(self) -> int:
        return int(time.time()) // int(self._totp.interval)


class Person:
    """Somebody with an account; opens a session at the first request and renews the token in time.

    `secret` is the seeded one of the person's one-time codes; anybody else who needs codes enrols at the first sign-in.
    """

    def __init__(self, origin: str, login: str, password: str, traffic: Traffic, secret: str | None = None) -> None:
        self.login = login
        self._password = password
        self._device = CodeDevice(secret) if secret else None
        self._proved_at = 0.0
        self._traffic = traffic
        self._client = httpx.AsyncClient(base_url=origin, timeout=20.0, verify=_tls(), trust_env=False)
        self._session: str | None = None
        self._token = ""
        self._token_at = 0.0
        self._signing_in = asyncio.Lock()

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        """What stands at a path."""
        return answer_of(await self._send("GET", path, params=query or None), f"GET {path}")

    async def download(self, path: str, **query: Any) -> bytes:
        """The bytes at a path, or at the address it redirects to."""
        response = await self._send("GET", path, params=query or None, follow_redirects=True)
        if response.is_error:
            answer_of(response, f"GET {path}")
        return response.content

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str,
        ticket: str | None = None,
        method: str = "POST",
    ) -> Any:
        """Act: `key` names the act for good; `ticket` is the two-person agreement where one is needed."""
        headers = {"Idempotency-Key": key} | ({"X-Ticket": ticket} if ticket else {})
        response = await self._send(method, path, json=dict(body or {}), headers=headers)
        return answer_of(response, f"{method} {path} ({self.login})")

    async def put(self, path: str, body: Mapping[str, Any], *, key: str) -> Any:
        """Act by PUT."""
        return await self.post(path, body, key=key, method="PUT")

    async def be_fresh(self) -> None:
        """Give password and code once more before an irreversible act, unless they were given minutes ago."""
        await self._signed_in()
        if time.monotonic() - self._proved_at < _FRESH_SECONDS:
            return
        headers = {"Authorization": f"Session {self._session}"}
        self._take(await self._prove("/api/office/reauthenticate", {}, headers))
        self._proved_at = time.monotonic()

    async def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers: dict[str, str] = dict(request.pop("headers", {}))
        for attempt in (1, 2):
            await self._signed_in()
            headers["Authorization"] = f"Bearer {self._token}"
            response = await send(self._client, self._traffic, method, path, headers=headers, **request)
            if response.status_code != httpx.codes.UNAUTHORIZED or attempt == 2:
                break
            self._token_at = 0.0
        return response

    async def _signed_in(self) -> None:
        if self._session is not None and time.monotonic() - self._token_at < _TOKEN_SECONDS:
            return
        async with self._signing_in:
            if self._session is None:
                await self._sign_in()
            elif time.monotonic() - self._token_at >= _TOKEN_SECONDS:
                self._take(await self._step("/api/office/token", None))

    async def _sign_in(self) -> None:
        answer = await self._prove("/api/office/sign-in", {"login": self.login})
        self._session = answer["session"]
        if answer["wants"] == "enrolment":
            offered = await self._step("/api/office/sign-in/enrolment", None)
            self._device = CodeDevice(offered["secret"])
            answer = await self._step("/api/office/sign-in/code", {"code": await self._device.code()})
            self._session = answer["session"]
        self._take(answer)
        self._proved_at = time.monotonic()

    async def _prove(self, path: str, more: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Any:
        """Give the password, and a code where there is a device; a code that was taken but not answered is used up,
        then the next one is given."""
        for attempt in (1, 2):
            code = {"code": await self._device.code()} if self._device is not None else {}
            try:
                return await self._post_openly(path, {"password": self._password, **more, **code}, headers)
            except Refused as refused:
                if refused.code != "wrong_code" or attempt == 2:
                    raise
        raise AssertionError("two attempts end above")

    async def _step(self, path: str, body: Mapping[str, str] | None) -> Any:
        return await self._post_openly(path, body, {"Authorization": f"Session {self._session}"})

    async def _post_openly(
        self, path: str, body: Mapping[str, str] | None, headers: Mapping[str, str] | None = None
    ) -> Any:
        response = await send(self._client, self._traffic, "POST", path, json=body, headers=headers)
        return answer_of(response, f"POST {path} ({self.login})")

    def _take(self, answer: Mapping[str, Any]) -> None:
        self._token, self._token_at = answer["token"], time.monotonic()
