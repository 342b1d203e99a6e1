"""Reads of custodians' keys, panels' keys and their shares."""

from uuid import UUID

from sqlmodel import col

from services.review.store.rows import rows_of
from services.review.tables import CustodyKey, KeyShare, OpenedShare, PanelKey
from shared.infra.database import Tx


async def custody_keys(tx: Tx) -> list[CustodyKey]:
    """The custodians' keys in use, newest first."""
    return await rows_of(
        tx,
        CustodyKey,
        col(CustodyKey.replaced_at).is_(None),
        order=(col(CustodyKey.recorded_at).desc(), col(CustodyKey.key_id).desc()),
    )


async def panel_key(tx: Tx, stage_id: UUID) -> PanelKey | None:
    """The key to which sheets of this panel are sealed now, once it was formed."""
    found = await rows_of(tx, PanelKey, PanelKey.stage_id == stage_id, order=(col(PanelKey.generation).desc(),))
    return found[0] if found else None


async def key_shares(tx: Tx, key: PanelKey) -> list[KeyShare]:
    """The shares of a panel's key, by number."""
    mine = (KeyShare.stage_id == key.stage_id, KeyShare.generation == key.generation)
    return await rows_of(tx, KeyShare, *mine, order=(KeyShare.number,))


async def opened_share(tx: Tx, stage_id: UUID, *, update: bool = False) -> OpenedShare | None:
    """The opened share that waits for a second one."""
    return await tx.session.get(OpenedShare, stage_id, with_for_update=update or None, populate_existing=update)
