"""Histories without a stack: ``python -m tests.replay.imagined`` runs every real workflow class on a dev server.

The activities are stand-ins: ``load`` names each step of the procedure once, the first step is refused once (stuck,
then nudged), everything else answers with the least that its type allows. For types that no rehearsal has run yet.
"""

import ast
import asyncio
import inspect
import sys
import textwrap
import types
import typing
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from deploy.declared import parts_of, unconnected_service
from deploy.stack.names import SERVICES
from shared.contracts.procedure import Procedure
from shared.contracts.workflows import Todo
from shared.infra.telemetry import current_trace
from shared.infra.temporal import TraceInterceptor, activities_of, build_worker
from tests.replay.record import record

WORDS = {"kind": "call", "gate": "draw", "queue": "publication", "workflow": "Call"}
"""What a text field holds where a workflow acts on it."""

_LEAVES: dict[Any, Callable[[], Any]] = {
    UUID: uuid4,
    int: lambda: 1,
    bool: lambda: False,
    float: lambda: 1.0,
    datetime: lambda: datetime(2026, 1, 5, 1, tzinfo=UTC),
    Any: lambda: None,
    types.NoneType: lambda: None,
}


def least(annotation: Any, name: str = "") -> Any:
    """A value of the type: one of everything that is a list, and what is optional is there."""
    if annotation is str:
        return WORDS.get(name, "x")
    if annotation in _LEAVES:
        return _LEAVES[annotation]()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        return annotation(**{key: least(one.annotation, key) for key, one in fields.items()})
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation))
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return least(next(one for one in inner if one is not types.NoneType), name)
    if origin in (tuple, list, frozenset, set):
        return [least(inner[0], name)]
    return {} if origin is dict else inner[0]


def steps_of(workflow: type) -> list[str]:
    """The steps a procedure gives to ``follow``, in order; none for a workflow that follows no list."""
    for cls in workflow.__mro__[: -len(Procedure.__mro__)]:
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(cls)))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "follow":
                return [word.arg for word in node.keywords if word.arg]
    return []


@dataclass
class Imagination:
    """What every workflow has been told so far."""

    steps: dict[str, list[str]]
    told: dict[str, list[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def load(self) -> Todo:
        """Each step once, a short wait after each, then done."""
        info = activity.info()
        workflow_id, kind = str(info.workflow_id), str(info.workflow_type)
        left = self.told.setdefault(
            workflow_id, [word for step in self.steps[kind] for word in ("wait", step)] + ["done"]
        )
        word = left.pop(0) if len(left) > 1 else left[0]
        return Todo(step=word, wait_seconds=0.05 if word == "wait" else None)

    def refuse_first(self) -> None:
        """The first step of every workflow is refused once."""
        workflow_id = str(activity.info().workflow_id)
        if workflow_id not in self.refused:
            self.refused.add(workflow_id)
            raise ApplicationError("refused once", type="refused", non_retryable=True)

    def stand_in(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """An activity of the same name and types."""
        hints = typing.get_type_hints(real)
        result = hints.pop("return")
        name = getattr(real, "__temporal_activity_definition").name
        stuck = "stuck" in name or "stuck" in real.__name__
        (given,) = hints.values()

        async def stand_in(_given: Any) -> Any:
            if result is Todo:
                return self.load()
            if not stuck and activity.info().workflow_type != "ConfirmStanding":
                self.refuse_first()
            return least(result)

        stand_in.__annotations__ = {"_given": given, "return": result}
        return activity.defn(stand_in, name=name)


async def play(client: Client, folder: Path) -> Sequence[str]:
    """Run every workflow type once, with workers for all services; returns the types."""
    parts = [parts_of(name) for name in SERVICES]
    classes = {_definition(cls).name: cls for each in parts for cls in each.workflows}
    imagination = Imagination({name: steps_of(cls) for name, cls in classes.items()})
    async with AsyncExitStack() as stack:
        for each in parts:
            assert each.activities is not None
            holder = each.activities(unconnected_service(each.name, folder))
            real = activities_of(*(holder if isinstance(holder, tuple) else (holder,)))
            fakes = [imagination.stand_in(one) for one in real]
            await stack.enter_async_context(build_worker(client, each.name, each.workflows, fakes))
        await asyncio.gather(
            *(_run_one(client, _definition(cls), each.name) for each in parts for cls in each.workflows)
        )
    return sorted(classes)


async def _run_one(client: Client, definition: Any, queue: str) -> None:
    given = [least(kind) for kind in definition.arg_types]
    running = await client.start_workflow(
        definition.name, *given, id=f"imagined/{definition.name}", task_queue=queue, result_type=definition.ret_type
    )
    result = asyncio.create_task(running.result())
    while not result.done():
        await asyncio.wait([result], timeout=1)
        if "look_again" in definition.signals:
            await _nudge(running)
    await result


async def _nudge(running: WorkflowHandle[Any, Any]) -> None:
    try:
        await running.signal("look_again")
    except RPCError as trouble:
        if trouble.status is not RPCStatusCode.NOT_FOUND:  # it has just ended
            raise


def _definition(workflow: type) -> Any:
    return getattr(workflow, "__temporal_workflow_definition")


async def _main(types: set[str] | None) -> None:
    server = Path(sys.prefix) / "bin" / "temporal"
    with TemporaryDirectory() as folder:
        async with await WorkflowEnvironment.start_local(
            data_converter=pydantic_data_converter, dev_server_existing_path=str(server)
        ) as env:
            config = env.client.config()
            config["interceptors"] = [*config["interceptors"], TraceInterceptor()]
            client = Client(**config)
            current_trace.set("imagined")
            await asyncio.wait_for(play(client, Path(folder)), 300)
            print(*await record(client, types, 1, label="imagined"), sep="\n")


if __name__ == "__main__":
    asyncio.run(_main(set(sys.argv[1:]) or None))
