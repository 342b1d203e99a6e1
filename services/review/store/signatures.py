"""Reads and writes of signed sheets, their versions, drafts, and what was opened."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.review.store.rows import rows_of
from services.review.tables import (
    CaseCopy,
    Countersignature,
    Draft,
    OpenedSheet,
    PanelKey,
    Recusal,
    Result,
    Sheet,
)
from shared.infra.database import Tx


def signed_under_the_current_key(stage_id: UUID) -> tuple[object, ...]:
    """First versions of what was signed; sheets whose key is lost are no longer among them."""
    newest = select(func.max(PanelKey.generation)).where(col(PanelKey.stage_id) == stage_id).scalar_subquery()
    return (Sheet.stage_id == stage_id, Sheet.generation == newest, Sheet.version == 1)


async def sheets(tx: Tx, stage_id: UUID) -> list[Sheet]:
    """The signed sheets of a panel, sealed: of each its newest version that counts."""
    current = signed_under_the_current_key(stage_id)[:2]
    accepted = {one.digest for one in await countersignatures(tx, stage_id) if one.accepted}
    newest: dict[tuple[UUID, UUID], Sheet] = {}
    for sheet in await rows_of(tx, Sheet, *current, order=(Sheet.case_id, Sheet.expert_id, Sheet.version)):
        if sheet.version == 1 or sheet.digest in accepted:
            newest[sheet.case_id, sheet.expert_id] = sheet
    return list(newest.values())


async def countersignatures(tx: Tx, stage_id: UUID) -> list[Countersignature]:
    """The office's answers to corrections."""
    return await rows_of(tx, Countersignature, Countersignature.stage_id == stage_id)


async def anything_unsigned(tx: Tx, stage_id: UUID, expert_id: UUID) -> bool:
    """Whether a standing case still waits for this expert's sheet."""
    signed = select(Sheet.case_id).where(*signed_under_the_current_key(stage_id), Sheet.expert_id == expert_id)  # type: ignore[call-overload]
    recused = select(Recusal.case_id).where(  # type: ignore[call-overload]
        col(Recusal.stage_id) == stage_id, col(Recusal.expert_id) == expert_id, col(Recusal.case_id).is_not(None)
    )
    waiting = select(CaseCopy.case_id).where(  # type: ignore[call-overload]
        CaseCopy.stage_id == stage_id,
        CaseCopy.standing == "standing",
        col(CaseCopy.case_id).not_in(signed),
        col(CaseCopy.case_id).not_in(recused),
    )
    return (await tx.session.execute(waiting.limit(1))).first() is not None


async def versions_of(tx: Tx, stage_id: UUID, case_id: UUID, expert_id: UUID) -> list[Sheet]:
    """All versions of a sheet under the current key, oldest first."""
    mine = (Sheet.case_id == case_id, Sheet.expert_id == expert_id)
    current = signed_under_the_current_key(stage_id)[:2]
    return await rows_of(tx, Sheet, *current, *mine, order=(Sheet.version,))


async def corrections(tx: Tx, stage_id: UUID) -> list[Sheet]:
    """All corrections under the current key."""
    current = signed_under_the_current_key(stage_id)[:2]
    return await rows_of(tx, Sheet, *current, Sheet.version > 1, order=(Sheet.signed_at, Sheet.digest))


async def keep_opened(tx: Tx, opened: Sequence[OpenedSheet]) -> None:
    """Keep what the counted sheets say, all at once."""
    if opened:
        await tx.session.execute(insert(OpenedSheet), [one.model_dump() for one in opened])


async def opened_sheets(tx: Tx, stage_id: UUID) -> list[OpenedSheet]:
    """What the counted sheets say, once unsealed."""
    order = (OpenedSheet.case_id, OpenedSheet.expert_id)
    return await rows_of(tx, OpenedSheet, OpenedSheet.stage_id == stage_id, order=order)


async def own_sheet(tx: Tx, stage_id: UUID, case_id: UUID, expert_id: UUID) -> Sheet | None:
    """What an expert signed for a case, in its first version."""
    mine = (Sheet.case_id == case_id, Sheet.expert_id == expert_id)
    found = await rows_of(tx, Sheet, *signed_under_the_current_key(stage_id), *mine)
    return found[0] if found else None


async def keep_sheet(tx: Tx, row: Sheet) -> bool:
    """Keep a signed sheet; False when this expert has signed for this case before."""
    values = row.model_dump()
    written = await tx.session.execute(
        insert(Sheet).values(**values).on_conflict_do_nothing().returning(Sheet.digest)  # type: ignore[call-overload]
    )
    return written.one_or_none() is not None


async def own_sheets(tx: Tx, stage_id: UUID, expert_id: UUID) -> list[Sheet]:
    """What an expert signed on a panel."""
    return await rows_of(tx, Sheet, *signed_under_the_current_key(stage_id), Sheet.expert_id == expert_id)


async def keep_draft(tx: Tx, row: Draft) -> None:
    """Keep or replace an unsigned sheet."""
    statement = insert(Draft).values(**row.model_dump())
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["stage_id", "case_id", "expert_id"],
            set_={"sealed": statement.excluded.sealed, "saved_at": statement.excluded.saved_at},
        )
    )


async def drop_draft(tx: Tx, stage_id: UUID, case_id: UUID, expert_id: UUID) -> None:
    """Remove an unsigned sheet once it is signed."""
    await tx.session.execute(
        delete(Draft).where(Draft.stage_id == stage_id, Draft.case_id == case_id, Draft.expert_id == expert_id)  # type: ignore[arg-type]
    )


async def drafted_cases(tx: Tx, stage_id: UUID, expert_id: UUID) -> set[UUID]:
    """The cases for which an expert has an unfinished sheet."""
    found = await rows_of(tx, Draft, Draft.stage_id == stage_id, Draft.expert_id == expert_id)
    return {draft.case_id for draft in found}


async def results(tx: Tx, stage_id: UUID) -> list[Result]:
    """What the cases came to."""
    return await rows_of(tx, Result, Result.stage_id == stage_id)
