"""What the OpenAPI document of every service says alike: how refusals look, and that writing needs a key."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

_WRITING = ("post", "put", "patch", "delete")
_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Names this request; a repeat under the same key has the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


class ProblemField(BaseModel):
    """One thing wrong with one field."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """A refusal (RFC 9457): stable code, Chinese sentence, field and article at fault, id to quote."""

    type: str
    title: str
    status: int
    code: str
    field: str | None
    article: str | None
    id: str
    problems: list[ProblemField] = []


def refusals() -> dict[int | str, dict[str, Any]]:
    """The answers any endpoint may give instead of its own."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    words = {"4XX": "Refused: what is wrong and what to do.", "422": "Refused: a rule or a field.", "503": "A fault."}
    return {status: {"description": word, "content": content} for status, word in words.items()}


def describe(app: FastAPI) -> None:
    """Have the document name the shape of refusals and the key that every writing endpoint needs."""
    made = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        written = made()
        written.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _schema()
        for operations in written["paths"].values():
            for method, operation in operations.items():
                if method in _WRITING:
                    operation.setdefault("parameters", []).append(_KEY)
        return written

    app.openapi = document  # type: ignore[method-assign]


def _schema() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    field = schema.pop("$defs")["ProblemField"]
    schema["properties"]["problems"]["items"] = field
    return schema
