"""What a careless change would make of a workflow that runs."""

from typing import Any

from temporalio import workflow


@workflow.defn(name="CategoryLifecycle")
class ChangedLifecycle:
    """Sleeps where the real one asks its activity."""

    @workflow.run
    async def run(self, _ref: dict[str, Any]) -> None:
        await workflow.sleep(5)
