"""What a program sends: a field that nobody asked for is refused by every writing endpoint, never passed over."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.contract.declared import Declared


def bodies(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every JSON body of an OpenAPI document, and the objects within it."""
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {}).get("application/json")
            if content is not None:
                for place, schema in objects(document, content["schema"], ()):
                    yield f"{method.upper()} {path} {'.'.join(place)}", schema


def objects(
    document: Mapping[str, Any], schema: Mapping[str, Any], place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """The models within a schema; a map of any names (figures) is none."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "properties" in schema:
        yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from objects(document, inner, (*place, name))
    for inner in (*schema.get("anyOf", ()), *schema.get("prefixItems", ()), schema.get("items")):
        if isinstance(inner, Mapping):
            yield from objects(document, inner, place)


def test_no_body_takes_a_field_that_nobody_asked_for(declared: Mapping[str, Declared]) -> None:
    found = {
        f"{name}: {body}": one for name, service in declared.items() for body, one in bodies(service.app.openapi())
    }

    open_ones = {body for body, schema in found.items() if schema.get("additionalProperties") is not False}

    assert open_ones == set()
    assert len(found) > 100
