"""The five services as they declare themselves, for tests that need no server."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from deploy.declared import parts_of, unconnected_service
from shared.infra.messaging import Interests
from shared.infra.service import Service
from shared.web import act as acts
from shared.web.process import Parts, build_app, interests_of

ROOT = Path(__file__).parents[2]
READING = {"GET", "HEAD"}


@dataclass(frozen=True)
class Route:
    """One method of one path, the act it is checked for, and the edge that checks it.

    ``act`` None: anybody signed in (``signed_in``), or anybody at all.
    """

    service: str
    method: str
    path: str
    act: str | None
    is_form: bool = False
    signed_in: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        """Whether the method may change something."""
        return self.method not in READING


@dataclass
class Declared:
    """One service: its parts, and an application that leads nowhere."""

    parts: Parts
    service: Service

    @cached_property
    def app(self) -> FastAPI:
        """The application without connections."""
        return build_app(self.parts, self.service)

    @cached_property
    def interests(self) -> Interests:
        """Everything the service takes in."""
        return interests_of(self.parts, self.service)

    @cached_property
    def routes(self) -> list[Route]:
        """Every route of the application but the documents that FastAPI adds."""
        return sorted(_routes(self.parts.name, self.app), key=str)

    @cached_property
    def workflows(self) -> dict[str, type]:
        """Workflow classes by their Temporal name."""
        return {definition_of(cls).name: cls for cls in self.parts.workflows}


def declare(name: str, folder: Path) -> Declared:
    """Service ``name`` with throw-away keys in ``folder``."""
    return Declared(parts_of(name), unconnected_service(name, folder))


def definition_of(workflow: type) -> Any:
    """What Temporal keeps of a workflow class: name, signals, input, result."""
    return getattr(workflow, "__temporal_workflow_definition")


def _routes(service: str, app: FastAPI) -> Iterator[Route]:
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        for method in context.methods or ():
            yield _route(service, method, context)


def _route(service: str, method: str, context: RouteContext) -> Route:
    """The route with the word given to ``acting`` or ``acting_form`` in its dependencies."""
    path, calls = str(context.path), list(_calls(context.dependant))
    for call in calls:
        if call.__module__ == acts.__name__ and "act" in (names := inspect.getclosurevars(call).nonlocals):
            return Route(service, method, path, str(names["act"]), call.__qualname__.startswith("acting_form"), True)
    return Route(service, method, path, None, signed_in=acts.actor_of in calls)


def page_of(context: RouteContext) -> object | None:
    """The page that a form stands on (``acting_form(…, page=…)``), if it names one."""
    found = (
        inspect.getclosurevars(call).nonlocals for call in _calls(context.dependant) if call.__module__ == acts.__name__
    )
    return next((one["page"] for one in found if one.get("page") is not None), None)


def _calls(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        if inner.call is not None:
            yield inner.call
        yield from _calls(inner)


def sources(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file under the packages, as its path from the root and its syntax tree."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), _tree(path)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls_of(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Calls of a function or method of this name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if getattr(called, "attr", None) == name or getattr(called, "id", None) == name:
                yield node


def literal(call: ast.Call, position: int) -> str | None:
    """The string written as the call's argument at this position, if one is."""
    if len(call.args) > position and isinstance(call.args[position], ast.Constant):
        value = call.args[position].value  # type: ignore[attr-defined]
        return value if isinstance(value, str) else None
    return None
