"""Reads and writes of panels and the cases that were handed over to them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.review.domain.panel import VISIBLE
from services.review.store.rows import rows_of
from services.review.tables import (
    CaseCopy,
    Panel,
    PanelMember,
)
from shared.contracts.dossiers import ApplicationDossier, Manifest
from shared.infra.database import Tx
from shared.infra.tables import Amendment
from shared.kernel.refusals import NotFound


async def panel(tx: Tx, stage_id: UUID, *, update: bool = False, share: bool = False) -> Panel:
    """The panel of a stage.

    ``update`` for everything that changes who sits on it or where it stands, ``share`` for signing. A lock is taken
    after that of the stage row, never before: two acts that lock in different order would wait for each other.
    """
    query = select(Panel).where(col(Panel.stage_id) == stage_id)
    if update or share:
        query = query.with_for_update(read=share).execution_options(populate_existing=True)
    found: Panel | None = (await tx.session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def panels(tx: Tx, state: str | None = None) -> list[Panel]:
    """All panels, or those in one state."""
    where = () if state is None else (Panel.state == state,)
    return await rows_of(tx, Panel, *where, order=(Panel.stage_id,))


async def seated_panels(tx: Tx, expert_id: UUID) -> list[UUID]:
    """The stages on whose panels an expert sits, in the order in which they are locked."""
    mine = await rows_of(tx, PanelMember, PanelMember.expert_id == expert_id, order=(PanelMember.stage_id,))
    return [one.stage_id for one in mine if one.state in VISIBLE]


async def cases(tx: Tx, stage_id: UUID) -> list[CaseCopy]:
    """All cases that were handed over, by neutral number."""
    return await rows_of(tx, CaseCopy, CaseCopy.stage_id == stage_id, order=(CaseCopy.neutral_number,))


async def standing_cases(tx: Tx, stage_id: UUID) -> list[CaseCopy]:
    """The cases still under review."""
    return [case for case in await cases(tx, stage_id) if case.standing == "standing"]


async def case_copies(tx: Tx, case_id: UUID) -> list[CaseCopy]:
    """The copies of a case on all panels."""
    return await rows_of(tx, CaseCopy, CaseCopy.case_id == case_id)


async def keep_cases(
    tx: Tx, manifest: Manifest, stage_id: UUID, dossiers: Sequence[ApplicationDossier], neutral: dict[UUID, str]
) -> None:
    """Keep the read copy of a manifest's cases, once."""
    by_case = {dossier.case_id: dossier for dossier in dossiers}
    for entry in manifest.entries:
        row = {
            "stage_id": stage_id,
            "case_id": entry.case_id,
            "number": entry.number,
            "neutral_number": neutral[entry.case_id],
            "credit_code": entry.subject.credit_code,
            "dossier_digest": entry.dossier_digest,
            "dossier": by_case[entry.case_id].model_dump(mode="json"),
            "standing": "standing",
        }
        await tx.session.execute(insert(CaseCopy).values(**row).on_conflict_do_nothing())


async def amendments_of(tx: Tx, case_ids: Sequence[UUID]) -> list[Amendment]:
    """What was heard of these cases after their manifest froze, oldest first."""
    order = (Amendment.occurred_at, Amendment.fact_id)
    return await rows_of(tx, Amendment, col(Amendment.case_id).in_(case_ids), order=order)
