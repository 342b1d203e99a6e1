"""The activities of the echo workflow."""

from temporalio import activity

from shared.contracts.workflows import CaseRef, Todo
from shared.infra.service import Service
from shared.infra.telemetry import current_trace
from tests.integration.infra.echo.tables import Echo


class EchoActivities:
    """Count and finish."""

    def __init__(self, service: Service) -> None:
        self.service = service

    @activity.defn
    async def load_echo(self, ref: CaseRef) -> Todo:
        """Work once, then done."""
        async with self.service.database.transaction() as tx:
            row = await tx.session.get(Echo, ref.case_id)
            return Todo(step="done" if row is not None and row.worked else "work")

    @activity.defn
    async def work_echo(self, ref: CaseRef) -> None:
        """Count the work, with the trace in the audit row."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            row = await tx.session.get(Echo, ref.case_id)
            assert row is not None
            row.worked += 1
            tx.session.add(row)
            await tx.audit("echo.worked", case_id=ref.case_id)
            await tx.finish_work(f"application/{ref.case_id}")

    @activity.defn
    async def stuck_echo(self, ref: CaseRef) -> None:
        """Nothing to show."""
