"""The audit sequencer: numbers audit rows without gaps after commit and chains them.

Only the relay's leader runs it, so that no hash-chain head is updated inside a request's transaction.
"""

from sqlalchemy import select

from shared.contracts.facts import AuditEntry, AuditSequenced
from shared.infra.database import Tx
from shared.infra.tables import Audit
from shared.infra.telemetry import AUDIT_NUMBERED
from shared.kernel.canonical import digest
from shared.kernel.chain import GENESIS, link

RUN = 200


def entry_digest(row: Audit) -> str:
    """Salted digest of a whole audit row; the salt stays in the row."""
    return digest(
        {
            "occurred_at": row.occurred_at,
            "actor": row.actor_id,
            "action": row.action,
            "cycle": row.cycle_id,
            "category": row.category_id,
            "case": row.case_id,
            "stage": row.stage_id,
            "details": row.details,
            "public": row.public,
            "salt": row.salt,
        }
    )


async def number_audit_rows(tx: Tx) -> int:
    """Number and chain the next run of audit rows and state them as a fact; returns how many.

    Held for one transaction at a time: a leader that has lost its connection may still be at work beside the next one.
    """
    await tx.lock("audit numbers")
    found = await tx.session.execute(
        select(Audit).where(Audit.number.is_(None)).order_by(Audit.id).limit(RUN)  # type: ignore[union-attr, arg-type]
    )
    rows = list(found.scalars())
    if not rows:
        return 0
    number, chain = await last_link(tx)
    entries = []
    for row in rows:
        number += 1
        entry = entry_digest(row)
        chain = link(chain, number, row.action, entry)
        row.number, row.chain = number, chain
        tx.session.add(row)
        entries.append(
            AuditEntry(
                number=number,
                type=row.action,
                digest=entry,
                chain=chain,
                occurred_at=row.occurred_at,
                category_id=row.category_id,
                public=row.public,
            )
        )
    await tx.emit(AuditSequenced(source=tx.service, entries=tuple(entries)))
    AUDIT_NUMBERED.labels(tx.service).inc(len(rows))
    return len(rows)


async def last_link(tx: Tx) -> tuple[int, str]:
    """Number and chain value of the last numbered row; (0, genesis) before the first."""
    found = await tx.session.execute(
        select(Audit.number, Audit.chain).where(Audit.number.is_not(None)).order_by(Audit.number.desc()).limit(1)  # type: ignore[call-overload, union-attr]
    )
    last = found.one_or_none()
    return (int(last.number), str(last.chain)) if last else (0, GENESIS)
