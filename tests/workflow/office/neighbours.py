"""The stage workflows of the other services, as office sees them."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue


@workflow.defn(dynamic=True)
class AnyStage:
    """A stage of another service: it runs and waits."""

    @workflow.run
    async def run(self, _arguments: Sequence[RawValue]) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal(dynamic=True)
    async def any_signal(self, _name: str, _arguments: Sequence[RawValue]) -> None:
        return
