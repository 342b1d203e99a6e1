"""The order of events: sealed order sheets, places added, ties decided by the chair with a reason."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.keys import form_key
from services.review.actions.notices import notify_custodians, notify_expert
from services.review.actions.parts import deposit
from services.review.actions.seats import is_ordering, require_running
from services.review.actions.signing import ORDER, receipt_of, sign
from services.review.actions.unsealing import as_dossier, counted, freeze_results, keep_dossier
from services.review.attesting import Attestor
from services.review.domain.ordering import (
    MAY_FOLLOW_ORDERING,
    OrderContent,
    check_order,
    check_tie_order,
    place_sums,
    places,
    ranked_means,
    ties,
)
from services.review.domain.panel import MemberState, PanelState, moved, require_state
from services.review.rulebooks import ordering_rules
from services.review.tables import CaseCopy, OpenedSheet, Panel, PanelMember, TieDecision
from shared.contracts.dossiers import ManifestEntry, ReviewDossier, SheetRecord
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.clocks import salt
from shared.infra.database import Tx
from shared.infra.stages import set_term, stage_for_act, stage_place, stage_row, term_is_over, wait_for
from shared.infra.tables import Stage
from shared.kernel.calendar import business_date
from shared.kernel.refusals import Conflict, NotAllowed, NotFound
from shared.web.rights import Role


async def orderers(tx: Tx, stage_id: UUID) -> tuple[list[PanelMember], set[UUID]]:
    """Members who may hand in an order now, and who has handed one in."""
    handed_in = {sheet.expert_id for sheet in await store.sheets(tx, stage_id)}
    members = [one for one in await store.members(tx, stage_id) if one.state == MemberState.UNDERTAKEN]
    return [member for member in members if member.expert_id not in handed_in], handed_in


async def start(tx: Tx, attestor: Attestor, ref: StageRef) -> None:
    """Enough have signed the undertaking: the term for the order sheets begins."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state not in (PanelState.POOLING, PanelState.SHORT):
        return
    await form_key(tx, attestor, stage, panel)
    _move(tx, panel, PanelState.SCORING)
    panel.drawn_at = panel.drawn_at or tx.now
    term = ordering_rules(stage).term
    await set_term(tx, stage, business_date(tx.now), term.length, term.unit.value)
    for member in (await orderers(tx, ref.stage_id))[0]:
        await notify_expert(tx, stage, member.expert_id, "scoring_open")


def _move(tx: Tx, panel: Panel, to: PanelState) -> None:
    panel.state = moved(PanelState(panel.state), to, MAY_FOLLOW_ORDERING)
    tx.session.add(panel)


async def hand_in(tx: Tx, attestor: Attestor, stage_id: UUID, order: Sequence[UUID]) -> dict[str, Any]:
    """Sign an order of all events, once, within the term; it is sealed at once."""
    await store.own_seat(tx, stage_id)
    stage = await stage_for_act(tx, stage_id)
    member = await store.own_seat(tx, stage_id, update=True)
    if member.state != MemberState.UNDERTAKEN or not is_ordering(stage):
        raise NotFound
    panel = await store.panel(tx, stage_id, share=True)
    require_state(PanelState(panel.state), PanelState.SCORING)
    check_order(order, [case.case_id for case in await store.standing_cases(tx, stage_id)])
    content = OrderContent(stage=stage_id, expert=member.pseudonym, order=tuple(order), salt=salt())
    # One sheet orders all cases: it is kept under the stage in place of a case.
    row = await sign(tx, attestor, member, stage_id, ORDER, content.bytes)
    await tx.audit("order.signed", **stage_place(stage), public=content.digest, expert=member.expert_id)
    await tx.nudge(stage_workflow_id(stage_id))
    return {"stage_id": stage_id, **await receipt_of(tx, row)}


async def seal(tx: Tx, ref: StageRef) -> None:
    """End of the ordering: sealed with the quorum, else the office names further members."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    waiting, _ = await orderers(tx, ref.stage_id)
    if panel.state != PanelState.SCORING or (waiting and not term_is_over(stage, tx.now)):
        return
    for member in waiting:
        member.state = MemberState.OVERDUE
        tx.session.add(member)
        await tx.audit("member.overdue", **stage_place(stage), expert=member.expert_id)
    await tx.session.flush()
    sheets = len(await counted(tx, stage))
    enough = sheets >= ordering_rules(stage).quorum
    _move(tx, panel, PanelState.SEALED if enough else PanelState.SHORT)
    panel.sealed_at = tx.now if enough else None
    await tx.expect(stage_workflow_id(stage.stage_id), None)
    await wait_for(tx, stage, None)
    await tx.audit("panel.sealed" if enough else "panel.short", **stage_place(stage), sheets=sheets)
    if enough:
        await notify_custodians(tx, stage)


async def _opened(tx: Tx, stage: Stage) -> list[tuple[OpenedSheet, OrderContent]]:
    opened = await store.opened_sheets(tx, stage.stage_id)
    return [(sheet, OrderContent.model_validate_json(sheet.content)) for sheet in opened]


async def sums_of(tx: Tx, stage: Stage) -> dict[UUID, int]:
    """Place sums of the standing cases; only after the unsealing. Another kind of stage has none."""
    if not is_ordering(stage):
        raise NotFound
    panel = await store.panel(tx, stage.stage_id)
    require_state(PanelState(panel.state), PanelState.UNSEALED, PanelState.SETTLED)
    standing = [case.case_id for case in await store.standing_cases(tx, stage.stage_id)]
    return place_sums([content.order for _, content in await _opened(tx, stage)], standing)


async def ties_open(tx: Tx, stage: Stage) -> bool:
    """Whether tied cases wait for the chair; a case struck since the decision may make it moot."""
    tied = {case for group in ties(await sums_of(tx, stage)) for case in group}
    decided = await tx.session.get(TieDecision, stage.stage_id)
    return bool(tied - {UUID(case) for case in (decided.ordered if decided else [])})


async def chair_decides(tx: Tx, stage_id: UUID, ordered: Sequence[UUID], reason: str) -> None:
    """The chair of the review committee, and nobody else, orders the tied events, with a reason."""
    if Role.REVIEW_CHAIR not in tx.actor.roles:
        raise NotAllowed
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.UNSEALED)
    check_tie_order(ordered, await sums_of(tx, stage))
    if await tx.session.get(TieDecision, stage_id) is not None:
        raise Conflict("already_decided", "并列事件的先后已经确定。")
    names = [str(case) for case in ordered]
    tx.session.add(TieDecision(stage_id=stage_id, ordered=names, reason=reason, decided_at=tx.now))
    await tx.audit("ties.decided", **stage_place(stage), ordered=names, reason=reason)
    await tx.nudge(stage_workflow_id(stage_id))


async def settle(tx: Tx, ref: StageRef) -> None:
    """Add the places, apply the chair's order to ties, hand on a mean of inverted places a case."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state == PanelState.SETTLED:
        return
    cases = await store.standing_cases(tx, ref.stage_id)
    opened = await _opened(tx, stage) if cases else []
    entries = await _results(tx, stage, cases, opened)
    attestations = {sheet.digest: sheet.attestation for sheet in await store.sheets(tx, ref.stage_id)}
    part = {
        "stage": ref.stage_id,
        "cases": [{"case": case.case_id, "number": case.number, "standing": case.standing} for case in cases],
        "orders": [
            {"digest": sheet.digest, "content": content, "attestation": attestations[sheet.digest]}
            for sheet, content in opened
        ],
    }
    await deposit(tx, stage, await tx.put_dossier(part, "bundle-part"), "auditor", "order-sheets.json")
    await freeze_results(tx, stage, panel, entries, MAY_FOLLOW_ORDERING)


async def _results(
    tx: Tx, stage: Stage, cases: Sequence[CaseCopy], opened: Sequence[tuple[OpenedSheet, OrderContent]]
) -> list[ManifestEntry]:
    standing = [case.case_id for case in cases]
    decided = await tx.session.get(TieDecision, stage.stage_id)
    tie_order = [UUID(case) for case in decided.ordered] if decided else []
    sums = place_sums([content.order for _, content in opened], standing)
    means = ranked_means(sums, len(opened), tie_order)
    return [
        await keep_dossier(tx, case, _dossier(case, means[case.case_id], _records(case, standing, opened)))
        for case in cases
    ]


def _records(
    case: CaseCopy, standing: Sequence[UUID], opened: Sequence[tuple[OpenedSheet, OrderContent]]
) -> tuple[SheetRecord, ...]:
    """The places a case got; its 'total' on a sheet is the inverted place."""
    found = []
    for sheet, content in opened:
        place = places(content.order, standing)[case.case_id]
        found.append(
            SheetRecord(
                expert=content.expert,
                sheet_digest=sheet.digest,
                judgements={"place": str(place)},
                items={},
                total=str(len(standing) + 1 - place),
            )
        )
    return tuple(sorted(found, key=lambda record: record.expert))


def _dossier(case: CaseCopy, mean: tuple[int, int], records: tuple[SheetRecord, ...]) -> ReviewDossier:
    handed_over = as_dossier(case)
    return ReviewDossier(
        case_id=case.case_id,
        number=case.number,
        application_digest=case.dossier_digest,
        subject=handed_over.subject,
        variant=handed_over.variant,
        mean_numerator=mean[0],
        mean_denominator=mean[1],
        sheets=records,
        vetoed=False,
    )
