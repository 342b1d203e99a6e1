"""A lean route answers as FastAPI's own would."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel

from shared.kernel.refusals import NotAllowed
from shared.web.answers import install_answers
from shared.web.lean import LeanRoute


class Wish(BaseModel):
    """What is wished for."""

    word: str
    often: int = 1


class Granted(BaseModel):
    """What came of it."""

    about: UUID
    words: str


def app_with(route_class: type | None) -> FastAPI:
    async def act(request: Request) -> str:
        if request.headers.get("authorization") != "let me":
            raise NotAllowed
        return "act"

    async def grant(request: Request, about: UUID, body: Wish, act: str = Depends(act)) -> Granted:
        assert request.state is not None
        return Granted(about=about, words=f"{act} {body.word * body.often}")

    app = FastAPI()
    router = APIRouter(prefix="/api", **({"route_class": route_class} if route_class else {}))
    router.post("/wishes/{about}/grant")(grant)
    app.include_router(router)
    install_answers(app, "test")
    return app


def ask(app: FastAPI, about: str, content: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    async def post() -> tuple[int, Any]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
            answer = await client.post(f"/api/wishes/{about}/grant", content=content, headers=headers)
            body = answer.json()
            body.pop("id", None)  # differs with every request
            return answer.status_code, (answer.headers["content-type"], body)

    return asyncio.run(post())


ALLOWED = {"authorization": "let me", "content-type": "application/json"}
ID = "6f4f64a8-56ac-4f4f-8d53-4f3c8ee9d6b1"


@pytest.mark.parametrize(
    ("about", "content", "headers", "status"),
    [
        (ID, b'{"word": "a", "often": 3}', ALLOWED, 200),
        (ID, b'{"word": "a"}', {**ALLOWED, "content-type": "application/json; charset=utf-8"}, 200),
        (ID, b'{"word": "a"}', {"content-type": "application/json"}, 403),
        ("not-an-id", b'{"word": "a"}', ALLOWED, 422),
        (ID, b'{"often": 3}', ALLOWED, 422),
        (ID, b'{"word": "a", "often": "many"}', ALLOWED, 422),
    ],
)
def test_a_lean_route_answers_as_an_ordinary_one(
    about: str, content: bytes, headers: Mapping[str, str], status: int
) -> None:
    ours, theirs = (ask(app_with(one), about, content, headers) for one in (LeanRoute, None))

    assert ours == theirs
    assert ours[0] == status


@pytest.mark.parametrize(
    ("content", "kind"), [(b"{", "application/json"), (b'{"word": "a"}', "text/plain"), (b"", "application/json")]
)
def test_what_is_not_json_is_refused(content: bytes, kind: str) -> None:
    status, (_kind, body) = ask(app_with(LeanRoute), ID, content, {**ALLOWED, "content-type": kind})

    assert (status, body["code"]) == (422, "invalid_request")


def test_a_lean_route_is_documented_as_an_ordinary_one() -> None:
    ours, theirs = (app_with(one).openapi() for one in (LeanRoute, None))

    assert ours == theirs
