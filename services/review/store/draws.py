"""Reads and writes of draw attempts, their parties, and what the ledger has of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.review.domain.parties import Stand
from services.review.domain.pool import Candidate
from services.review.store.rows import rows_of
from services.review.tables import (
    DrawAttempt,
    DrawParty,
    DrawStandIn,
    LedgerMark,
    Panel,
    Pseudonym,
)
from shared.infra.database import Tx
from shared.infra.tables import Audit
from shared.kernel.refusals import NotFound


async def attempts(tx: Tx, stage_id: UUID) -> list[DrawAttempt]:
    """All draw attempts of a panel, oldest first."""
    return await rows_of(tx, DrawAttempt, DrawAttempt.stage_id == stage_id, order=(DrawAttempt.attempt,))


async def current_attempt(tx: Tx, stage: Panel) -> DrawAttempt:
    """The attempt the panel stands at."""
    found = await tx.session.get(DrawAttempt, (stage.stage_id, stage.attempt))
    if found is None:
        raise NotFound("尚未固定抽取名单。")
    return found


async def parties(tx: Tx, attempt: DrawAttempt) -> list[DrawParty]:
    """The parties of an attempt in the list's order."""
    where = (DrawParty.stage_id == attempt.stage_id, DrawParty.attempt == attempt.attempt)
    return await rows_of(tx, DrawParty, *where, order=(DrawParty.place,))


def stand(row: DrawParty) -> Stand:
    """How a party stands."""
    return Stand(party=row.party, committed=row.commitment is not None, revealed=row.secret is not None)


async def stand_ins(tx: Tx, stage_id: UUID) -> dict[str, str]:
    """Who stands in for whom in the draws of a panel."""
    return {one.party: one.by for one in await rows_of(tx, DrawStandIn, DrawStandIn.stage_id == stage_id)}


async def keep_pseudonyms(tx: Tx, stage_id: UUID, people: Sequence[Candidate]) -> None:
    """Remember who the pseudonyms of a frozen list are."""
    for one in people:
        row = {"stage_id": stage_id, "pseudonym": one.pseudonym, "expert_id": one.expert_id}
        await tx.session.execute(insert(Pseudonym).values(**row).on_conflict_do_nothing())


async def experts_behind(tx: Tx, stage_id: UUID) -> dict[str, UUID]:
    """Pseudonym → expert of a panel."""
    return {one.pseudonym: one.expert_id for one in await rows_of(tx, Pseudonym, Pseudonym.stage_id == stage_id)}


async def raise_ledger_mark(tx: Tx, number: int) -> None:
    """Remember up to which audit number the ledger stands; never goes back."""
    statement = insert(LedgerMark).values(id=1, number=number)
    newest = func.greatest(LedgerMark.number, statement.excluded.number)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"number": newest}))


async def all_in_ledger(tx: Tx, stage_id: UUID, values: Sequence[str]) -> bool:
    """Whether audit rows of this stage with all these public values stand in the ledger."""
    mark = await tx.session.get(LedgerMark, 1)
    if mark is None:
        return False
    rows = await rows_of(tx, Audit, col(Audit.stage_id) == stage_id, col(Audit.public).in_(values))
    return set(values) <= {row.public for row in rows if row.number is not None and row.number <= mark.number}
