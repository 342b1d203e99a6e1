"""Workflows that are under way go on with the code as it is now."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from services.office.cycles.workflows import CategoryLifecycle, CycleLifecycle
from shared.infra.temporal import PASSED_THROUGH
from tests.replay.office.record import FOLDER

HISTORIES = sorted(FOLDER.glob("*.json"))


def test_there_is_a_history_of_each_workflow() -> None:
    assert [path.stem for path in HISTORIES] == ["category", "cycle"]


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_history_still_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=[CycleLifecycle, CategoryLifecycle],
        data_converter=pydantic_data_converter,
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
        ),
    )

    result = await replayer.replay_workflow(
        WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8")), raise_on_replay_failure=False
    )

    assert result.replay_failure is None, (
        f"{path.stem} under way would break: terminate that workflow type and run `fangbang rebuild` when this is"
        f" deployed, then record anew with `python -m tests.replay.office.record` ({result.replay_failure})"
    )
