"""Void attempts: a party was silent, or two persons give a list up; they stay in ledger and later transcripts."""

from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.seats import require_running
from services.review.domain.panel import PanelState, moved, require_state
from services.review.domain.parties import ANSWERING, PARTY_NAMES, Phase, absent, check_stand_in
from services.review.tables import DrawAttempt, DrawStandIn, Panel
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.database import Tx
from shared.infra.stages import clear_term, stage_place, stage_row, term_is_over
from shared.infra.tables import Stage
from shared.infra.tickets import Ticket, require_fresh, use_ticket
from shared.kernel.canonical import digest

VOID_ACT = "panel.void"


async def void_silent(tx: Tx, ref: StageRef) -> None:
    """The working day is over: the attempt is void and whoever was silent is named in the ledger."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state != PanelState.FROZEN or not term_is_over(stage, tx.now):
        return
    attempt = await store.current_attempt(tx, panel)
    if Phase(attempt.phase) not in ANSWERING:
        return
    attempt.silent = absent(Phase(attempt.phase), [store.stand(row) for row in await store.parties(tx, attempt)])
    for party in attempt.silent:
        # The kind of an entry is what the ledger shows of it in words: it names the party.
        await tx.audit(f"draw.silent.{party}", **stage_place(stage), public=attempt.list_digest)
    names = "、".join(PARTY_NAMES[party] for party in attempt.silent)
    what = "提交承诺值" if attempt.phase == Phase.COMMITTING else "公开密值"
    await _void(tx, stage, panel, attempt, f"{names}逾期未{what}")


async def void_question(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What two persons agree to before a frozen list is given up without a draw."""
    panel = await store.panel(tx, stage_id)
    require_state(PanelState(panel.state), PanelState.FROZEN)
    return {"act": VOID_ACT, "digest": _void_digest(await store.current_attempt(tx, panel))}


def _void_digest(attempt: DrawAttempt) -> str:
    return digest({"act": VOID_ACT, "stage": attempt.stage_id, "list": attempt.list_digest})


async def void_attempt(tx: Tx, stage_id: UUID, reason: str, ticket: Ticket | None) -> None:
    """Give a frozen list up (it is wrong, a secret is lost): two persons, with a reason that is published."""
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.FROZEN)
    attempt = await store.current_attempt(tx, panel)
    await use_ticket(tx, ticket, VOID_ACT, _void_digest(attempt))
    await _void(tx, stage, panel, attempt, reason)


async def _void(tx: Tx, stage: Stage, panel: Panel, attempt: DrawAttempt, reason: str) -> None:
    attempt.void_reason, attempt.voided_at, attempt.phase = reason, tx.now, Phase.VOID
    back = PanelState.POOLING if panel.drawn_at is None else PanelState.SHORT
    panel.state = moved(PanelState.FROZEN, back)
    tx.session.add_all([attempt, panel])
    await tx.audit("draw.voided", **stage_place(stage), public=attempt.list_digest, reason=reason)
    await clear_term(tx, stage)
    await tx.nudge(stage_workflow_id(stage.stage_id))


async def name_stand_in(tx: Tx, stage_id: UUID, party: str, by: str, reason: str) -> None:
    """The guidance committee names who takes part instead of a party that was silent twice."""
    require_fresh(tx)
    stage = await require_running(tx, stage_id)
    await store.panel(tx, stage_id, update=True)
    silences = [one for attempt in await store.attempts(tx, stage_id) for one in attempt.silent]
    check_stand_in(party, by, silences, await store.stand_ins(tx, stage_id))
    tx.session.add(
        DrawStandIn(stage_id=stage_id, party=party, by=by, reason=reason, named_by=tx.actor.account_id, named_at=tx.now)
    )
    await tx.audit(f"draw.stand_in.{party}.{by}", **stage_place(stage), reason=reason)
    await tx.nudge(stage_workflow_id(stage_id))
