"""JSON bodies with exact numbers: ``12.50`` arrives as Decimal from its text, never as a float."""

import json
from decimal import Decimal
from typing import Any, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from shared.kernel.refusals import Refusal

Body = TypeVar("Body", bound=BaseModel)


def exact_body(model: type[Body]) -> Any:
    """Dependency: the body parsed exactly and validated by ``model``."""

    async def read(request: Request) -> Body:
        try:
            value = json.loads(await request.body(), parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError) as trouble:
            raise Refusal("invalid_json", "请求内容不是有效的 JSON。") from trouble
        try:
            return model.model_validate(value)
        except ValidationError as trouble:
            errors = [{**one, "loc": ("body", *one["loc"])} for one in trouble.errors()]
            raise RequestValidationError(errors) from trouble

    return Depends(read)


def _no_number(word: str) -> Decimal:
    raise ValueError(f"{word} is not a number")


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI entry of a body that is read by ``exact_body``."""
    schema = model.model_json_schema()
    content = {"application/json": {"schema": _with_inner(schema, schema.pop("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _with_inner(schema: Any, inner: dict[str, Any]) -> Any:
    """The schema with the models it is made of written out in place: ``$defs`` mean nothing inside OpenAPI."""
    if isinstance(schema, list):
        return [_with_inner(one, inner) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _with_inner(inner[schema["$ref"].rsplit("/", 1)[1]], inner)
    return {key: _with_inner(value, inner) for key, value in schema.items()}
