"""A signed sheet is never edited: a correction is a further signed version, and counts once the office countersigned.

The office sees the digest and the reason, never the sheet.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.own import own_case
from services.review.actions.scoring import content_of
from services.review.actions.seats import require_running
from services.review.actions.signing import SHEET, receipt_of, sign
from services.review.attesting import Attestor
from services.review.domain.panel import COUNTED, PanelState, require_state
from services.review.tables import Countersignature, Sheet
from shared.infra.database import Tx
from shared.infra.stages import stage_place
from shared.infra.tickets import require_fresh
from shared.kernel.refusals import Conflict, NotFound, Refusal

CORRECTABLE = (PanelState.UNDERTAKING, PanelState.SCORING, PanelState.SHORT, PanelState.SEALED)


async def correct_sheet(
    tx: Tx,
    attestor: Attestor,
    case_id: UUID,
    judgements: Mapping[str, Decimal],
    reasons: Mapping[str, str],
    reason: str,
) -> dict[str, Any]:
    """Sign a corrected sheet, with the reason; one waits for its countersignature at a time, until the unsealing."""
    if not reason.strip():
        raise Refusal("reason_needed", "更正须说明理由。", field="reason")
    seen = await own_case(tx, case_id)
    stage = await require_running(tx, seen.case.stage_id)
    own = await own_case(tx, case_id, hold=True)
    require_state(PanelState(own.panel.state), *CORRECTABLE)
    case, member = own.case, own.member
    versions = await store.versions_of(tx, case.stage_id, case_id, member.expert_id)
    if not versions:
        raise Conflict("not_signed", "您还没有签署这一案的审查计分表，可直接修改草稿。")
    if await _waiting(tx, case.stage_id, versions):
        raise Conflict("correction_waits", "上一次更正还在等待办公室会签。")
    content = content_of(stage, case, member, judgements, reasons)
    row = await sign(
        tx, attestor, member, case_id, SHEET, content.bytes, version=versions[-1].version + 1, reason=reason
    )
    place = stage_place(stage)
    await tx.audit(
        "sheet.corrected", **place, case_id=case_id, public=row.digest, version=row.version, expert=member.expert_id
    )
    return {"case_id": case_id, "neutral_number": case.neutral_number, **await receipt_of(tx, row)}


async def _waiting(tx: Tx, stage_id: UUID, versions: list[Sheet]) -> list[Sheet]:
    answered = {one.digest for one in await store.countersignatures(tx, stage_id)}
    return [one for one in versions if one.version > 1 and one.digest not in answered]


async def open_corrections(tx: Tx, stage_id: UUID) -> list[Sheet]:
    """Corrections of sheets that count, which the office has not answered."""
    seats = {one.expert_id for one in await store.members(tx, stage_id) if one.state in COUNTED}
    standing = {case.case_id for case in await store.standing_cases(tx, stage_id)}
    waiting = await _waiting(tx, stage_id, await store.corrections(tx, stage_id))
    return [one for one in waiting if one.expert_id in seats and one.case_id in standing]


async def countersign(tx: Tx, stage_id: UUID, digest: str, *, accepted: bool, reason: str | None) -> dict[str, Any]:
    """The office lets a correction count, or declines it with a reason; it sees its digest, never the sheet."""
    require_fresh(tx)
    if not accepted and not (reason or "").strip():
        raise Refusal("reason_needed", "不同意更正须说明理由。", field="reason")
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), *CORRECTABLE)
    row = next((one for one in await open_corrections(tx, stage_id) if one.digest == digest), None)
    if row is None or tx.actor.account_id is None:
        raise NotFound("没有待会签的这份更正。")
    tx.session.add(
        Countersignature(
            digest=digest,
            stage_id=stage_id,
            account_id=tx.actor.account_id,
            accepted=accepted,
            reason=reason,
            answered_at=tx.now,
        )
    )
    what = "correction.countersigned" if accepted else "correction.declined"
    await tx.audit(what, **stage_place(stage), case_id=row.case_id, public=digest, version=row.version, reason=reason)
    return {"digest": digest, "accepted": accepted}
