"""A fault is logged and answered once; the server in front of the application never sees it."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from shared.web.answers import ToldFaults, install_answers


def app_with_a_fault() -> FastAPI:
    app = FastAPI()
    install_answers(app, "office")

    @app.get("/api/office/broken")
    async def broken() -> None:
        raise RuntimeError("a fault")

    return app


def ask(app: object) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
            return await client.get("/api/office/broken")

    return asyncio.run(asked())


def test_a_fault_that_was_answered_does_not_reach_the_server_which_would_close_the_connection() -> None:
    answer = ask(ToldFaults(app_with_a_fault()))

    assert (answer.status_code, answer.json()["code"]) == (503, "fault")


def test_a_fault_that_nobody_was_told_of_is_raised() -> None:
    async def broken(*_asgi: object) -> None:
        raise RuntimeError("before any answer")

    with pytest.raises(RuntimeError):
        ask(ToldFaults(broken))
