"""Taking part: the parties are called, each commits to a secret by an act of its own, each reveals it."""

from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.notices import notify_parties
from services.review.actions.seats import require_running
from services.review.domain.draw import commitment_to, secret_bytes
from services.review.domain.panel import PanelState, require_state
from services.review.domain.parties import (
    ANSWER_WORKING_DAYS,
    FOLLOWS,
    PARTY_NAMES,
    Phase,
    absent,
    check_commitment,
    require_phase,
)
from services.review.tables import DrawAttempt, DrawParty
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.database import Tx
from shared.infra.stages import set_term, stage_place, stage_row, term_is_over
from shared.infra.tables import Stage
from shared.infra.tickets import require_fresh
from shared.kernel.calendar import business_date
from shared.kernel.refusals import Conflict, NotAllowed, NotFound, Refusal


def is_for(tx: Tx, row: DrawParty) -> bool:
    """Whether the signed-in person may act for a party: by role, an enterprise only where it was named."""
    if row.enterprise_id is not None:
        return row.enterprise_id in tx.actor.acts_for and "enterprise" in tx.actor.roles
    return row.party in tx.actor.roles


async def own_parties(tx: Tx, attempt: DrawAttempt) -> list[DrawParty]:
    """The parties for which the signed-in person may act; an enterprise without any is told that nothing is there."""
    found = [row for row in await store.parties(tx, attempt) if is_for(tx, row)]
    if not found and tx.actor.roles == {"enterprise"}:
        raise NotFound
    return found


async def in_ledger(tx: Tx, attempt: DrawAttempt) -> bool:
    """Whether the ledger confirms everything that must stand there before the next phase."""
    rows = await store.parties(tx, attempt)
    wanted = [attempt.list_digest, *(row.commitment for row in rows if row.commitment)]
    return await store.all_in_ledger(tx, attempt.stage_id, wanted)


async def call_parties(tx: Tx, ref: StageRef) -> None:
    """The ledger holds what was awaited: the parties may answer, until the end of the next working day."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state != PanelState.FROZEN:
        return
    attempt = await store.current_attempt(tx, panel)
    if Phase(attempt.phase) not in FOLLOWS or not await in_ledger(tx, attempt):
        return
    attempt.phase = FOLLOWS[Phase(attempt.phase)]
    tx.session.add(attempt)
    await tx.audit(f"draw.{attempt.phase}", **stage_place(stage), attempt=attempt.attempt)
    await set_term(tx, stage, business_date(tx.now), ANSWER_WORKING_DAYS)
    await notify_parties(tx, stage, attempt)


async def commit(tx: Tx, stage_id: UUID, party: str, commitment: str) -> dict[str, Any]:
    """A party puts its commitment into the ledger: its own act, with fresh proof, once, within the term."""
    stage, attempt, row = await _answering(tx, stage_id, party, Phase.COMMITTING)
    check_commitment(commitment)
    if row.commitment is not None:
        raise Conflict("already_committed", f"{PARTY_NAMES[party]}已提交承诺值，不能更改。")
    others = [one for one in await store.parties(tx, attempt) if one.party != party]
    if any(one.committed_by == tx.actor.account_id for one in others):
        raise NotAllowed("同一人不能代表两方提交承诺值。", "same_person")
    row.commitment, row.committed_at, row.committed_by = commitment, tx.now, tx.actor.account_id
    tx.session.add(row)
    await tx.audit(f"draw.committed.{party}", **stage_place(stage), public=commitment, attempt=attempt.attempt)
    return await _answered(tx, attempt, Phase.COMMITTED)


async def reveal(tx: Tx, stage_id: UUID, party: str, secret: str) -> dict[str, Any]:
    """A party reveals the secret behind its commitment; one that does not match is refused and changes nothing."""
    stage, attempt, row = await _answering(tx, stage_id, party, Phase.REVEALING)
    if row.committed_by != tx.actor.account_id:
        raise NotAllowed("密值须由提交承诺值的本人公开。", "not_the_committer")
    if row.secret is not None:
        raise Conflict("already_revealed", f"{PARTY_NAMES[party]}已公开密值。")
    secret = secret_bytes(secret).hex()  # as verifiers read it: lower-case
    if commitment_to(attempt.list_digest, party, secret) != row.commitment:
        raise Refusal(
            "secret_differs", "密值与本方承诺值不符，请核对后重新填写；逾期未公开的，本次抽取作废。", field="secret"
        )
    row.secret, row.revealed_at = secret, tx.now
    tx.session.add(row)
    await tx.audit(f"draw.revealed.{party}", **stage_place(stage), attempt=attempt.attempt)
    return await _answered(tx, attempt, Phase.REVEALED)


async def _answering(tx: Tx, stage_id: UUID, party: str, wanted: Phase) -> tuple[Stage, DrawAttempt, DrawParty]:
    """The running attempt and the party for which the signed-in person answers, locked."""
    panel = await store.panel(tx, stage_id)
    if panel.attempt:
        await own_parties(tx, await store.current_attempt(tx, panel))
    elif tx.actor.roles == {"enterprise"}:
        raise NotFound
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.FROZEN)
    attempt = await store.current_attempt(tx, panel)
    row = next((one for one in await own_parties(tx, attempt) if one.party == party), None)
    if row is None:
        raise NotAllowed("您不代表本次抽取的这一方。", "not_the_party")
    require_fresh(tx)
    require_phase(Phase(attempt.phase), wanted)
    if term_is_over(stage, tx.now):
        raise Conflict("term_over", "办理期限已过，本次抽取作废，请等待重新抽取。")
    return stage, attempt, row


async def _answered(tx: Tx, attempt: DrawAttempt, following: Phase) -> dict[str, Any]:
    await tx.session.flush()
    waiting = absent(Phase(attempt.phase), [store.stand(row) for row in await store.parties(tx, attempt)])
    if not waiting:
        attempt.phase = following
        tx.session.add(attempt)
    await tx.nudge(stage_workflow_id(attempt.stage_id))
    return {"attempt": attempt.attempt, "phase": attempt.phase, "waiting": waiting}
