"""Parts of the category's bundle that review lays aside for publication."""

from shared.contracts.facts import PartDeposited
from shared.infra.database import Tx
from shared.infra.tables import Stage


async def deposit(tx: Tx, stage: Stage, digest: str, audience: str, name: str) -> None:
    """State that the dossier under ``digest`` is a part; ``audience`` is public or auditor."""
    await tx.emit(
        PartDeposited(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            audience=audience,
            name=name,
            digest=digest,
        )
    )
