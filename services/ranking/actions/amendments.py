"""What happens to a case after its manifest froze: struck, ranks close up; after the final list its seat is empty."""

from services.ranking.actions.seats import vacate
from services.ranking.actions.stages import strike
from services.ranking.store import FALLEN, stages_with
from shared.contracts.facts import CaseAmended, ObjectionRuled
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.manifests import note_amendment

REINSTATED = "reinstated"


async def take_in_amendment(tx: Tx, fact: CaseAmended) -> None:
    """Apply the default effect of an amendment; a correction is noted and changes no frozen manifest."""
    await note_amendment(tx, fact)
    assert fact.case_id is not None, "note_amendment has checked it"
    assert fact.category_id is not None, "note_amendment has checked it"
    if fact.kind not in (*FALLEN, REINSTATED):
        return
    cause = None if fact.kind == REINSTATED else fact.kind
    for stage in await stages_with(tx, fact.category_id, fact.case_id):
        await strike(tx, stage, {fact.case_id: cause})
        if stage.closed_at is None:
            await tx.nudge(stage_workflow_id(stage.stage_id))
    if cause is not None:
        await vacate(tx, fact.category_id, fact.case_id, cause)


async def take_in_ruling(tx: Tx, fact: ObjectionRuled) -> None:
    """An upheld objection removes the entry from its list and opens its seat."""
    if fact.upheld and fact.category_id is not None and fact.case_id is not None:
        await vacate(tx, fact.category_id, fact.case_id, "objection")
