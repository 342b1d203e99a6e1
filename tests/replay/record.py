"""Records histories from a running stack: ``python -m tests.replay.record --data DIR [--types A,B] [--each 2]``.

Of every workflow type it keeps the shortest and the longest finished history (running ones where none has finished),
without what names the machine. Old recordings stay: a history that once ran must replay as long as the type lives.
"""

import argparse
import asyncio
import json
import re
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter

from deploy.stack import Stack
from deploy.stack.names import SERVICES

HISTORIES = Path(__file__).parent / "histories"
LONGEST = 1500
"""Events; longer ones teach nothing that a shorter one does not."""

NAMES_THE_MACHINE = {"identity": "worker", "stackTrace": "", "binaryChecksum": ""}
PROCESS = re.compile(r"\d+@\S+")
"""How the SDK names a process: its id, the host."""


def nameless(value: Any) -> Any:
    """A history without hosts, process ids and stack traces."""
    if isinstance(value, dict):
        return {key: NAMES_THE_MACHINE.get(key, nameless(inner)) for key, inner in value.items()}
    if isinstance(value, list):
        return [nameless(inner) for inner in value]
    return PROCESS.sub("worker", value) if isinstance(value, str) else value


def save(workflow: str, history: WorkflowHistory, label: str | None = None) -> Path:
    """Write a history under its type and the label, or else its length and the end of its run id."""
    events = nameless(history.to_json_dict())
    path = HISTORIES / f"{workflow}-{label or f'{len(history.events)}-{history.run_id[-6:]}'}.json"
    path.write_text(json.dumps({"workflow_id": history.workflow_id, **events}, ensure_ascii=False) + "\n", "utf-8")
    return path


def chosen(found: list[WorkflowExecution], each: int) -> list[WorkflowExecution]:
    """The longest and the shortest of those that finished, or of those that run."""
    finished = [one for one in found if one.status is WorkflowExecutionStatus.COMPLETED]
    fitting = [one for one in finished or found if one.history_length <= LONGEST]
    ordered = sorted(fitting, key=lambda one: (one.history_length, one.id))
    return [*ordered[::-1][:1], *ordered[: each - 1]][:each] if len(ordered) > 1 else ordered


async def record(client: Client, types: set[str] | None, each: int, *, label: str | None = None) -> list[Path]:
    """Save histories of every type found on the server; returns their paths."""
    by_type: dict[str, list[WorkflowExecution]] = {}
    async for execution in client.list_workflows():
        by_type.setdefault(execution.workflow_type, []).append(execution)
    paths = []
    for name, found in sorted(by_type.items()):
        if types is None or name in types:
            for one in chosen(found, each):
                handle = client.get_workflow_handle(one.id, run_id=one.run_id)
                paths.append(save(name, await handle.fetch_history(), label))
    return paths


async def _record_from(stack: Stack, types: set[str] | None, each: int) -> None:
    address = stack.settings_for(SERVICES[0])["FANGBANG_TEMPORAL_ADDRESS"]
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    print(*await record(client, types, each), sep="\n")


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="data directory of the running stack")
    parser.add_argument("--types", help="only these workflow types, separated by commas")
    parser.add_argument("--each", type=int, default=2, help="histories per type")
    given = parser.parse_args()
    types = set(given.types.split(",")) if given.types else None
    asyncio.run(_record_from(Stack(given.data), types, given.each))


if __name__ == "__main__":
    main()
