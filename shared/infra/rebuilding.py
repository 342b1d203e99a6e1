"""``fangbang rebuild``: with NATS and Temporal wiped, everything running is rebuilt from PostgreSQL and goes on.

Facts are published again from the outbox (the inbox knows which were taken in), open work is started again by its
fixed ids, dossiers that S3 may have lost are written again.
"""

from pydantic import BaseModel
from sqlalchemy import update

from shared.infra.database import FACT, Tx
from shared.infra.sweeper import ensure_all
from shared.infra.tables import Dossier, Outbox


class Rebuilt(BaseModel):
    """What was put back on its way."""

    service: str
    facts: int
    workflows: int
    dossiers: int


async def rebuild(tx: Tx, *, dossiers: bool = False) -> Rebuilt:
    """Mark all facts unsent, ensure all open work and, if asked, store all dossiers again."""
    facts = await tx.session.execute(
        update(Outbox).where(Outbox.target == FACT, Outbox.sent_at.is_not(None)).values(sent_at=None, attempts=0)  # type: ignore[arg-type, union-attr]
    )
    stored = 0
    if dossiers:
        again = await tx.session.execute(update(Dossier).values(stored_at=None))
        stored = again.rowcount
        await tx.notify("dossier")
    workflows = await ensure_all(tx)
    await tx.notify(FACT)
    await tx.audit("stack.rebuilt", facts=facts.rowcount, workflows=workflows, dossiers=stored)
    return Rebuilt(service=tx.service, facts=facts.rowcount, workflows=workflows, dossiers=stored)
