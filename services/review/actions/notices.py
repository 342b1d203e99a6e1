"""Whom a stage of review has told through office: experts, custodians, parties of a draw. No name is in a notice."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.review import store
from services.review.domain.custody import CUSTODIAN_ROLES
from services.review.domain.parties import Phase, absent
from services.review.rulebooks import title_of
from services.review.tables import DrawAttempt, DrawParty, Panel
from shared.contracts.facts import NoticeDue
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tables import Stage

ASKED_OF_PARTIES = {Phase.COMMITTING: "commitment_due", Phase.REVEALING: "reveal_due"}


async def notify_expert(tx: Tx, stage: Stage, expert_id: UUID, template: str) -> None:
    """Have office tell an expert something about this stage."""
    await _notify(tx, stage, template, "/expert", stage.closes_at, recipient_kind="expert", recipient_id=expert_id)


async def notify_custodians(tx: Tx, stage: Stage, *, but: UUID | None = None, until: datetime | None = None) -> None:
    """Ask the custodians whose shares still open, less the one who gave it, to give their share; two are needed."""
    key = await store.panel_key(tx, stage.stage_id)
    for share in await store.key_shares(tx, key) if key else ():
        if share.lost_at is None and share.account_id != but:
            link = f"/expert/panels/{stage.stage_id}/custody"
            kind = {"recipient_kind": "account", "recipient_id": share.account_id}
            await _notify(tx, stage, "share_wanted", link, until, **kind)


async def notify_missing_custodians(tx: Tx, stage: Stage, panel: Panel) -> None:
    """Ask each role of whose custodians nobody has set a passphrase for one: without three of them nobody signs."""
    held = set(CUSTODIAN_ROLES) if panel.custodians else {key.role for key in await store.custody_keys(tx)}
    for role in CUSTODIAN_ROLES:
        if role not in held:
            kind = {"recipient_kind": "role", "recipient_role": role}
            await _notify(tx, stage, "custody_key_wanted", "/expert/custody", stage.closes_at, **kind)


async def notify_parties(tx: Tx, stage: Stage, attempt: DrawAttempt) -> None:
    """Ask the parties of a draw for what this phase wants of them, until the end of its term."""
    rows = await store.parties(tx, attempt)
    waiting = absent(Phase(attempt.phase), [store.stand(row) for row in rows])
    for row in rows:
        if row.party in waiting:
            link, template = f"/expert/panels/{stage.stage_id}/draw", ASKED_OF_PARTIES[Phase(attempt.phase)]
            await _notify(tx, stage, template, link, stage.closes_at, **_recipient(row))


def _recipient(row: DrawParty) -> dict[str, Any]:
    """Whoever committed must reveal in person; before that anybody of the role or enterprise may answer."""
    if row.committed_by is not None:
        return {"recipient_kind": "account", "recipient_id": row.committed_by}
    if row.enterprise_id is not None:
        return {"recipient_kind": "enterprise", "recipient_id": row.enterprise_id}
    return {"recipient_kind": "role", "recipient_role": row.party}


async def _notify(tx: Tx, stage: Stage, template: str, link: str, until: datetime | None, **recipient: Any) -> None:
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            notice_id=new_id(),
            template=template,
            stage_title=title_of(stage),
            until=until,
            link=link,
            **recipient,
        )
    )
