"""Appending to the ledger, signing its checkpoints, depositing it as a part of a bundle."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from services.office.ledger import domain, store
from services.office.ledger.domain import BrokenChain, Place
from services.office.ledger.tables import Checkpoint, LedgerEntry, LedgerWaiting
from shared.contracts.facts import AuditEntry, CheckpointSigned, LedgerAppended, PartDeposited
from shared.infra.database import Tx
from shared.infra.tables import Stack
from shared.infra.tickets import Signer
from shared.kernel.canonical import instant, plain

_RUN = TypeAdapter(list[AuditEntry])


class NotInLedgerYet(Exception):
    """What a bundle must prove is not in the ledger yet; asked again later."""


async def append_run(tx: Tx, source: str, run: Sequence[AuditEntry]) -> None:
    """Append a source's run and every one that waited for it; a run that comes too early waits, a gap until then.

    Raises:
        BrokenChain: the run contradicts what the ledger holds.
    """
    await tx.lock("ledger")
    head = await store.head_of(tx, source)
    place = domain.place_of(run, head.number)
    if place is Place.KNOWN:
        return await _require_same(tx, source, run)
    if place is Place.LATER:
        waiting = LedgerWaiting(source=source, first=run[0].number, entries=plain(list(run)), since=tx.system_now)
        await tx.session.merge(waiting)
        return None
    domain.check_chain(run, head.chain)
    await store.write_run(tx, source, run)
    await tx.session.flush()
    return await _append_waiting(tx, source, run[-1])


async def _append_waiting(tx: Tx, source: str, last: AuditEntry) -> None:
    while (waiting := await store.waiting_run(tx, source, last.number + 1)) is not None:
        run = _RUN.validate_python(waiting.entries)
        domain.check_chain(run, last.chain)
        await store.write_run(tx, source, run)
        await tx.session.delete(waiting)
        await tx.session.flush()
        last = run[-1]
    await tx.emit(LedgerAppended(of_service=source, source_number=last.number))


async def _require_same(tx: Tx, source: str, run: Sequence[AuditEntry]) -> None:
    """The same run twice is no change; another one under the same numbers is a forged or forked source."""
    held = await store.entries_of_source(tx, source, run[0].number, run[-1].number)
    if [row.source_chain for row in held] != [entry.chain for entry in run]:
        raise BrokenChain(f"{source} says something else of entries {run[0].number} to {run[-1].number}")


async def sign_if_grown(tx: Tx, signer: Signer) -> Checkpoint:
    """The checkpoint of the ledger as it is; signed and stated once for each size."""
    await tx.lock("ledger")
    head, newest = await store.head_of(tx), await store.newest_checkpoint(tx)
    if newest is not None and newest.size == head.number:
        return newest
    body = domain.checkpoint_body(await origin(tx), head.number, head.chain, tx.now)
    text = domain.checkpoint_text(body, signer.bytes_signature(body.encode()))
    checkpoint = Checkpoint(size=head.number, head=head.chain, text=text, signed_at=tx.now)
    tx.session.add(checkpoint)
    await tx.emit(CheckpointSigned(checkpoint=text))
    return checkpoint


async def origin(tx: Tx) -> str:
    """Which ledger this is: that of the stack born then, marked when it is a rehearsal's."""
    stack = await tx.session.get_one(Stack, 1)
    return f"fangbang.ledger/{'演练/' if tx.rehearsal else ''}{instant(stack.born_at)}"


async def deposit_ledger(
    tx: Tx, signer: Signer, public_key: str, cycle_id: UUID | None, category_id: UUID, list_digest: str
) -> None:
    """Put the whole ledger with a checkpoint of exactly that size into a category's public bundle."""
    if not await store.has_public(tx, list_digest):
        raise NotInLedgerYet(list_digest)
    checkpoint = await sign_if_grown(tx, signer)
    entries = await store.entries_from(tx, 1, None)
    part = {
        "format": "fangbang.ledger/1",
        "public_key": public_key,
        "checkpoint": checkpoint.text,
        "entries": [entry_json(entry) for entry in entries],
    }
    digest = await tx.put_dossier(part, "bundle-part")
    await tx.emit(
        PartDeposited(
            source=tx.service,
            cycle_id=cycle_id,
            category_id=category_id,
            audience="public",
            name="ledger.json",
            digest=digest,
        )
    )


def entry_json(entry: LedgerEntry) -> dict[str, Any]:
    """A ledger entry as it is handed out: all that both chains need to be recomputed."""
    shown: dict[str, Any] = plain(entry.model_dump())
    return shown
