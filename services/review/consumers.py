"""Facts that matter to review: amendments of cases, and how far the ledger has come."""

from services.review import store
from services.review.actions import handover
from services.review.domain.panel import PanelState
from shared.contracts.facts import CaseAmended, LedgerAppended
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.messaging import Interests
from shared.infra.service import Service


def consumers(service: Service) -> Interests:
    """Everything review takes in besides what all services do."""
    interests = Interests(service.name)

    @interests.on("cases", CaseAmended, source="submission")
    async def case_amended(tx: Tx, fact: CaseAmended) -> None:
        await handover.amend(tx, fact)

    @interests.on("ledger", LedgerAppended, source="office")
    async def ledger_appended(tx: Tx, fact: LedgerAppended) -> None:
        if fact.of_service != tx.service:
            return
        await store.raise_ledger_mark(tx, fact.source_number)
        for panel in await store.panels(tx, PanelState.FROZEN):
            await tx.nudge(stage_workflow_id(panel.stage_id))

    return interests
