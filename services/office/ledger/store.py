"""Reads of the ledger, and the plain writes that append to it."""

from collections.abc import Collection, Sequence

from sqlalchemy import insert
from sqlmodel import col, select

from services.office.ledger.tables import Checkpoint, LedgerEntry, LedgerHead, LedgerWaiting
from shared.contracts.facts import AuditEntry
from shared.infra.database import Tx
from shared.kernel.chain import GENESIS, ledger_link

WHOLE = ""


async def head_of(tx: Tx, source: str = WHOLE) -> LedgerHead:
    """Head of a source, or of the whole ledger; callers that append hold the ledger's lock."""
    head = await tx.session.get(LedgerHead, source)
    return head or LedgerHead(source=source, number=0, chain=GENESIS)


async def write_run(tx: Tx, source: str, run: Sequence[AuditEntry]) -> None:
    """Append a run that follows on, and move both heads."""
    whole, own = await head_of(tx), await head_of(tx, source)
    rows = []
    for entry in run:
        row = {
            "index": whole.number + 1,
            "source": source,
            "number": entry.number,
            "type": entry.type,
            "digest": entry.digest,
            "source_chain": entry.chain,
            "occurred_at": entry.occurred_at,
            "category_id": entry.category_id,
            "public": entry.public,
        }
        whole.number, whole.chain = whole.number + 1, ledger_link(whole.chain, row)
        rows.append({**row, "chain": whole.chain})
    own.number, own.chain = run[-1].number, run[-1].chain
    await tx.session.execute(insert(LedgerEntry), rows)
    tx.session.add_all([whole, own])


async def entries_of_source(tx: Tx, source: str, first: int, last: int) -> Sequence[LedgerEntry]:
    """What the ledger holds of a source, from number to number."""
    query = select(LedgerEntry).where(LedgerEntry.source == source, col(LedgerEntry.number).between(first, last))
    return (await tx.session.exec(query.order_by(col(LedgerEntry.number)))).all()


async def entries_numbered(tx: Tx, source: str, numbers: Collection[int]) -> Sequence[LedgerEntry]:
    """The entries of a source that have these numbers there."""
    query = select(LedgerEntry).where(LedgerEntry.source == source, col(LedgerEntry.number).in_(numbers))
    return (await tx.session.exec(query)).all()


async def entries_from(tx: Tx, index: int, limit: int | None) -> Sequence[LedgerEntry]:
    """Entries of the whole ledger from an index on."""
    query = select(LedgerEntry).where(LedgerEntry.index >= index).order_by(col(LedgerEntry.index)).limit(limit)
    return (await tx.session.exec(query)).all()


async def has_public(tx: Tx, digest: str) -> bool:
    """Whether an entry with this public digest stands in the ledger."""
    query = select(LedgerEntry.index).where(LedgerEntry.public == digest).limit(1)
    return (await tx.session.exec(query)).first() is not None


async def heads(tx: Tx) -> Sequence[LedgerHead]:
    """Heads of all sources."""
    query = select(LedgerHead).where(LedgerHead.source != WHOLE).order_by(LedgerHead.source)
    return (await tx.session.exec(query)).all()


async def waiting_run(tx: Tx, source: str, first: int) -> LedgerWaiting | None:
    """A run that waits and begins with this number."""
    return await tx.session.get(LedgerWaiting, (source, first))


async def gaps(tx: Tx) -> Sequence[LedgerWaiting]:
    """Runs that wait for the ones before them, oldest first."""
    return (await tx.session.exec(select(LedgerWaiting).order_by(col(LedgerWaiting.since)))).all()


async def newest_checkpoint(tx: Tx) -> Checkpoint | None:
    """The newest signed checkpoint."""
    return (await tx.session.exec(select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1))).one_or_none()
