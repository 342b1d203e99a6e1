"""The outcome: all secrets are known, the panel follows; members are seated and called, the transcript is laid down."""

from uuid import UUID

from services.review import store
from services.review.actions.notices import notify_missing_custodians
from services.review.actions.parts import deposit
from services.review.actions.seats import call_members, label_for
from services.review.domain.draw import Commitment, DrawOutcome, FrozenList, Reveal, Transcript, draw_panel
from services.review.domain.panel import MemberKind, MemberState, PanelState, moved
from services.review.domain.parties import Phase
from services.review.tables import DrawAttempt, Panel, PanelMember
from shared.contracts.facts import PanelDrawn
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.database import Tx
from shared.infra.stages import stage_place, stage_row
from shared.infra.tables import Stage


async def beacon_round(tx: Tx, stage_id: UUID) -> tuple[str, int] | None:
    """The public source and round that the running attempt's list names, if it names one."""
    found = (await store.current_attempt(tx, await store.panel(tx, stage_id))).frozen_list["beacon"]
    return (found["name"], found["round"]) if found else None


async def draw(tx: Tx, ref: StageRef, beacon: str | None) -> None:
    """Draw from the frozen list and the revealed secrets, once; ``beacon`` is the value of the round it names."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state != PanelState.FROZEN:
        return
    attempt = await store.current_attempt(tx, panel)
    if attempt.phase != Phase.REVEALED:
        return
    frozen = FrozenList.model_validate(attempt.frozen_list)
    secrets = {row.party: row.secret or "" for row in await store.parties(tx, attempt)}
    outcome = draw_panel(frozen, secrets, beacon)
    await _seat(tx, panel, attempt, outcome)
    await _record(tx, stage, attempt, frozen, outcome, beacon)
    panel.state, panel.drawn_at = moved(PanelState.FROZEN, PanelState.UNDERTAKING), panel.drawn_at or tx.now
    tx.session.add(panel)
    await call_members(tx, stage, [row for row in await store.members(tx, ref.stage_id) if _new(row, attempt)])
    await notify_missing_custodians(tx, stage, panel)
    await tx.nudge(stage_workflow_id(ref.stage_id))


def _new(member: PanelMember, attempt: DrawAttempt) -> bool:
    return member.attempt == attempt.attempt and member.kind == MemberKind.DRAWN


async def _seat(tx: Tx, panel: Panel, attempt: DrawAttempt, outcome: DrawOutcome) -> None:
    """Write members and alternates; nobody is called yet."""
    people = await store.experts_behind(tx, panel.stage_id)
    known = len(await store.members(tx, panel.stage_id))
    drawn = [(one.expert, one.pool, MemberKind.DRAWN, place) for place, one in enumerate(outcome.members, 1)]
    waiting = [(one.expert, one.pool, MemberKind.ALTERNATE, one.place) for one in outcome.alternates]
    for number, (pseudonym, pool, kind, place) in enumerate([*drawn, *waiting], known + 1):
        tx.session.add(
            PanelMember(
                stage_id=panel.stage_id,
                expert_id=people[pseudonym],
                pseudonym=pseudonym,
                label=label_for(number),
                kind=kind,
                pool=pool,
                attempt=attempt.attempt,
                place=place,
                state=MemberState.STANDBY,
            )
        )
    await tx.session.flush()


async def _record(
    tx: Tx, stage: Stage, attempt: DrawAttempt, frozen: FrozenList, outcome: DrawOutcome, beacon: str | None
) -> None:
    """The transcript: everything a stranger needs to recompute the draw, and nobody's name."""
    parties = await store.parties(tx, attempt)
    transcript = Transcript(
        list=frozen,
        list_digest=attempt.list_digest,
        commitments=tuple(Commitment(party=one.party, commitment=one.commitment or "") for one in parties),
        reveals=tuple(Reveal(party=one.party, secret=one.secret or "") for one in parties),
        beacon=beacon,
        **outcome.model_dump(),
    )
    attempt.transcript_digest = await tx.put_dossier(transcript, "draw-transcript")
    attempt.seed, attempt.drawn_at, attempt.phase = outcome.seed, tx.now, Phase.DRAWN
    tx.session.add(attempt)
    await tx.audit("panel.drawn", **stage_place(stage), public=attempt.transcript_digest, attempt=attempt.attempt)
    await tx.emit(
        PanelDrawn(
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            stage_id=stage.stage_id,
            attempt=attempt.attempt,
            list_digest=attempt.list_digest,
            transcript_digest=attempt.transcript_digest,
        )
    )
    number = "" if attempt.attempt == 1 else f"-{attempt.attempt}"
    await deposit(tx, stage, attempt.transcript_digest, "public", f"draw-transcript{number}.json")
