"""What all endpoints of review share: exact numbers, shapes of common answers, the sealer."""

import json
from collections.abc import Awaitable, Callable, Coroutine
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.review.attesting import Attestor, ServiceAttestor
from services.review.sealing import Sealer
from shared.infra.database import Tx
from shared.web.act import Act


class _ExactRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = json.loads(await self.body(), parse_float=Decimal)
        return self._json


class ExactRoute(APIRoute):
    """A route whose JSON numbers arrive as exact decimals."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, reading the body exactly."""
        handle = super().get_route_handler()

        async def exactly(request: Request) -> Response:
            return await handle(_ExactRequest(request.scope, request.receive))

        return exactly


Shape = TypeVar("Shape", bound=BaseModel)


def _number(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("not an exact number")
    return value


Points = Annotated[Decimal, BeforeValidator(_number), Field(allow_inf_nan=False, max_digits=20)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class Body(BaseModel):
    """Base of request bodies: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Question(BaseModel):
    """The act and digest for which a two-person ticket is asked."""

    act: str
    digest: str


class Done(BaseModel):
    """The act was done."""

    done: bool = True


def sealer_of(request: Request) -> Sealer:
    """The sealer under this service's key."""
    return Sealer(request.app.state.service.secret)


def attestor_of(request: Request) -> Attestor:
    """Who attests what is signed."""
    return ServiceAttestor(request.app.state.service.secret)


async def answer_as(shape: type[Shape], act: Act, do: Callable[[Tx], Awaitable[dict[str, Any]]]) -> Shape:
    """The act's answer in its shape; a repeated request is answered from what was kept."""
    return shape.model_validate(await act(do))


async def and_done(act: Act, do: Callable[[Tx], Coroutine[Any, Any, None]]) -> Done:
    """The act without an answer of its own."""

    async def and_say_so(tx: Tx) -> dict[str, Any]:
        await do(tx)
        return {"done": True}

    return await answer_as(Done, act, and_say_so)
