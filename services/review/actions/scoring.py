"""Sheets: saved as drafts, signed once, sealed at once; then the quorum is counted and the panel sealed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.meeting import require_presence
from services.review.actions.notices import notify_custodians
from services.review.actions.own import own_case
from services.review.actions.seats import Missing, staff_up, what_is_missing
from services.review.actions.signing import SHEET, receipt_of, sign
from services.review.attesting import Attestor
from services.review.domain.panel import (
    MemberState,
    PanelState,
    moved,
    require_state,
    unsigned_pairs,
)
from services.review.domain.sheets import SheetContent, check_numbers, check_reasons, plain_judgements
from services.review.rulebooks import category_of
from services.review.sealing import Sealer
from services.review.store.own import OwnCase
from services.review.tables import CaseCopy, Draft, PanelMember
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.clocks import salt
from shared.infra.database import Tx
from shared.infra.stages import stage_place, stage_row, term_is_over, wait_for
from shared.infra.tables import Stage
from shared.kernel.canonical import canonical
from shared.kernel.refusals import Conflict
from shared.kernel.stages import StageState, require_open

DRAFT = "draft"


async def _open_case(tx: Tx, case_id: UUID) -> OwnCase:
    """As ``own_case``, with stage and panel FOR SHARE: refused outside the scoring term and after signing."""
    own = await own_case(tx, case_id, hold=True)
    require_open(StageState(own.stage.state), own.stage.opens_at, own.stage.closes_at, tx.now)
    require_state(PanelState(own.panel.state), PanelState.SCORING)
    if own.signed:
        raise Conflict("already_signed", "您已签署这一案的审查计分表，不能再修改。")
    return own


async def save_draft(
    tx: Tx, sealer: Sealer, case_id: UUID, judgements: Mapping[str, Decimal], reasons: Mapping[str, str]
) -> dict[str, Any]:
    """Keep an unfinished sheet, encrypted; gaps are allowed, wrong numbers are not."""
    own = await _open_case(tx, case_id)
    check_numbers(category_of(own.stage), own.case.dossier["variant"], judgements, complete=False)
    content = canonical({"judgements": plain_judgements(judgements), "reasons": given_reasons(reasons)})
    stage_id, expert_id = own.member.stage_id, own.member.expert_id
    sealed = sealer.seal(content, DRAFT, stage_id, case_id, expert_id)
    await store.keep_draft(
        tx, Draft(stage_id=stage_id, case_id=case_id, expert_id=expert_id, sealed=sealed, saved_at=tx.now)
    )
    return {"case_id": case_id, "saved_at": tx.now, "judged": len(judgements)}


async def sign_sheet(
    tx: Tx, attestor: Attestor, case_id: UUID, judgements: Mapping[str, Decimal], reasons: Mapping[str, str]
) -> dict[str, Any]:
    """Sign a sheet: complete, once, within the term. It is sealed at once; its digest goes to the ledger.

    Returns the receipt: digest, instant, attestation, and the ledger's newest signed checkpoint.
    """
    own = await _open_case(tx, case_id)
    stage, case, member = own.stage, own.case, own.member
    await require_presence(tx, stage, member)
    content = content_of(stage, case, member, judgements, reasons)
    row = await sign(tx, attestor, member, case_id, SHEET, content.bytes)
    await store.drop_draft(tx, case.stage_id, case_id, member.expert_id)
    await tx.audit(
        "sheet.signed", **stage_place(stage), case_id=case_id, public=content.digest, expert=member.expert_id
    )
    if not await store.anything_unsigned(tx, member.stage_id, member.expert_id):
        await tx.nudge(stage_workflow_id(case.stage_id))
    return {"case_id": case_id, "neutral_number": case.neutral_number, **await receipt_of(tx, row)}


def content_of(
    stage: Stage,
    case: CaseCopy,
    member: PanelMember,
    judgements: Mapping[str, Decimal],
    reasons: Mapping[str, str],
) -> SheetContent:
    """A complete sheet with right numbers, as it is signed."""
    check_numbers(category_of(stage), case.dossier["variant"], judgements, complete=True)
    check_reasons(category_of(stage), case.dossier["variant"], judgements, reasons)
    return SheetContent(
        stage=case.stage_id,
        case=case.case_id,
        case_number=case.number,
        expert=member.pseudonym,
        judgements=plain_judgements(judgements),
        reasons=given_reasons(reasons),
        salt=salt(),
    )


def given_reasons(reasons: Mapping[str, str]) -> dict[str, str]:
    """Reasons that say something, by item."""
    return {item: reason.strip() for item, reason in sorted(reasons.items()) if reason.strip()}


async def seal(tx: Tx, ref: StageRef) -> None:
    """End of scoring: who left sheets unsigned is overdue; with the quorum reached the panel is sealed, else the
    next alternates are called, and with none left the panel is short."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state != PanelState.SCORING:
        return
    if term_is_over(stage, tx.now):
        await _note_overdue(tx, stage)
    elif await still_expected(tx, stage):
        return
    missing: Missing = await what_is_missing(tx, stage)
    if missing.anything:
        await staff_up(tx, stage, panel, missing)
        return
    panel.state, panel.sealed_at = moved(PanelState.SCORING, PanelState.SEALED), tx.now
    tx.session.add(panel)
    await tx.expect(stage_workflow_id(stage.stage_id), None)
    await wait_for(tx, stage, None)
    await tx.audit("panel.sealed", **stage_place(stage), sheets=len(await store.sheets(tx, stage.stage_id)))
    await notify_custodians(tx, stage)


async def still_expected(tx: Tx, stage: Stage) -> int:
    """How many sheets of standing cases are still expected."""
    seats = [store.seat(member) for member in await store.members(tx, stage.stage_id)]
    cases = [case.case_id for case in await store.standing_cases(tx, stage.stage_id)]
    return len(unsigned_pairs(cases, seats, await store.progress(tx, stage.stage_id)))


async def _note_overdue(tx: Tx, stage: Stage) -> None:
    """After the term nobody signs any more: members with open sheets are overdue, silent ones lapse."""
    cases = [case.case_id for case in await store.standing_cases(tx, stage.stage_id)]
    progress = await store.progress(tx, stage.stage_id)
    for member in await store.members(tx, stage.stage_id):
        if not unsigned_pairs(cases, [store.seat(member)], progress):
            continue
        called = member.state == MemberState.CALLED
        member.state = MemberState.LAPSED if called else MemberState.OVERDUE
        tx.session.add(member)
        await tx.audit(f"member.{member.state}", **stage_place(stage), expert=member.expert_id)
    await tx.session.flush()


async def draft_of(tx: Tx, sealer: Sealer, member: PanelMember, case_id: UUID) -> tuple[bytes | None, datetime | None]:
    """The expert's own unfinished sheet, and when it was saved."""
    place = (member.stage_id, case_id, member.expert_id)
    row = await tx.session.get(Draft, place)
    return (sealer.open(row.sealed, DRAFT, *place), row.saved_at) if row else (None, None)
