"""The few routes that thousands call at once: checked as any other, without FastAPI's dependency graph.

Solving the graph and validating the answer once more cost as much processor time as accepting a filing; the route is
documented, refused and audited like all others.
"""

from collections.abc import Callable, Coroutine
from typing import Any, cast
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

_ID: TypeAdapter[UUID] = TypeAdapter(UUID)


class LeanRoute(APIRoute):
    """A route of the form ``endpoint(request, <id in the path>, body: Model, act: Act = acting(...)) -> Model``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint with its act checked, its id and body read."""
        (path,) = self.dependant.path_params
        (body,) = self.dependant.body_params
        (acting,) = self.dependant.dependencies
        endpoint, check = self.endpoint, acting.call
        wanted: TypeAdapter[Any] = TypeAdapter(cast("Any", body.field_info.annotation))

        async def handle(request: Request) -> Response:
            act = await check(request)  # type: ignore[misc]
            arguments = {
                "request": request,
                path.name: _read(("path", path.name), _ID.validate_python, request.path_params[path.name]),
                body.name: _read(("body",), wanted.validate_json, await _json_of(request)),
                str(acting.name): act,
            }
            return _answer(await endpoint(**arguments), self.status_code or 200)

        return handle


def _read(where: tuple[str, ...], validate: Callable[[Any], Any], given: object) -> Any:
    try:
        return validate(given)
    except ValidationError as wrong:
        raise RequestValidationError([{**one, "loc": (*where, *one["loc"])} for one in wrong.errors()]) from wrong


async def _json_of(request: Request) -> bytes:
    """The body, if it says that it is JSON: a form of a foreign page cannot say so."""
    is_json = request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    return await request.body() if is_json else b""


def _answer(answer: object, status: int) -> Response:
    """A first answer is a model; one given again is the JSON that was kept."""
    if isinstance(answer, BaseModel):
        return Response(answer.model_dump_json(by_alias=True), status, media_type="application/json")
    return JSONResponse(answer, status)
