"""The echo workflow."""

from temporalio import workflow

from shared.contracts.procedure import Procedure
from shared.contracts.workflows import CaseRef

with workflow.unsafe.imports_passed_through():
    from tests.integration.infra.echo.activities import EchoActivities


@workflow.defn
class EchoLifecycle(Procedure):
    """Work once."""

    @workflow.run
    async def run(self, ref: CaseRef) -> None:
        """Follow the to-do list."""
        await self.follow(EchoActivities.load_echo, EchoActivities.stuck_echo, ref, work=self._work)

    async def _work(self, ref: CaseRef) -> None:
        await self.ask(EchoActivities.work_echo, ref)
