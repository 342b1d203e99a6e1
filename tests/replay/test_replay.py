"""Every recorded history replays with today's workflow classes.

A change that a replay refuses would break what runs: bring it in behind ``workflow.patched``, or terminate that type
and ``fangbang rebuild``, say so in the changelog, and record that type anew (``python -m tests.replay.imagined TYPE``
for the imagined histories, ``python -m tests.replay.record --data DIR --types TYPE`` for those of a stack).
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from deploy.declared import parts_of
from deploy.stack.names import SERVICES
from shared.infra.temporal import TraceInterceptor, workflow_runner
from tests.replay.changed import ChangedLifecycle
from tests.replay.record import HISTORIES, nameless

RECORDED = sorted(HISTORIES.glob("*.json"))


def workflow_type(path: Path) -> str:
    """The type whose history a file holds."""
    return path.name.split("-", 1)[0]


@pytest.fixture(scope="module")
def workflows() -> Mapping[str, type]:
    """The real classes of all services, by type."""
    classes = [cls for name in SERVICES for cls in parts_of(name).workflows]
    return {getattr(cls, "__temporal_workflow_definition").name: cls for cls in classes}


def read(path: Path) -> WorkflowHistory:
    """A recorded history."""
    recorded = json.loads(path.read_text("utf-8"))
    return WorkflowHistory.from_json(recorded.pop("workflow_id"), recorded)


def replayer(*classes: type) -> Replayer:
    """Replays as the services' workers run."""
    return Replayer(
        workflows=classes,
        data_converter=pydantic_data_converter,
        interceptors=[TraceInterceptor()],
        workflow_runner=workflow_runner(),
    )


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path, workflows: Mapping[str, type]) -> None:
    assert workflow_type(path) in workflows, f"{path.name} is of a type that nobody runs any more: remove it"

    await replayer(workflows[workflow_type(path)]).replay_workflow(read(path))


def test_every_workflow_type_has_a_recorded_history(workflows: Mapping[str, type]) -> None:
    missing = set(workflows) - {workflow_type(path) for path in RECORDED}

    assert missing == set(), "record them with `python -m tests.replay.record --data DIR` from a stack that ran them"


def test_recordings_name_no_machine() -> None:
    for path in RECORDED:
        recorded = json.loads(path.read_text("utf-8"))
        assert nameless(recorded) == recorded, path.name


async def test_a_changed_workflow_is_refused() -> None:
    path = next(path for path in RECORDED if workflow_type(path) == "CategoryLifecycle")

    with pytest.raises(NondeterminismError):
        await replayer(ChangedLifecycle).replay_workflow(read(path))
