"""The draw: freeze the list with a commitment, wait for the ledger, reveal the secret, seat the panel."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.parts import deposit
from services.review.actions.seats import call_members, label_for, require_running, what_is_missing
from services.review.domain.draw import (
    ALGORITHM,
    DrawOutcome,
    FrozenList,
    PoolShare,
    commitment_to,
    draw_panel,
    require_enough,
)
from services.review.domain.panel import (
    COUNTED,
    SEATED,
    MemberKind,
    MemberState,
    PanelState,
    Seat,
    moved,
    require_state,
)
from services.review.domain.pool import Candidate, sort_out
from services.review.rulebooks import panel_rules
from services.review.sealing import Sealer
from services.review.tables import DrawAttempt, Panel, PanelMember
from shared.contracts.facts import PanelDrawn
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.manifests import standing_at
from shared.infra.stages import stage_place
from shared.infra.tables import Stage
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.canonical import digest
from shared.kernel.refusals import Conflict, Refusal

DRAW_ACT = "panel.draw"
VOID_ACT = "panel.void"


async def freeze_list(
    tx: Tx, sealer: Sealer, stage_id: UUID, commitment: str, conflicts: dict[UUID, str]
) -> dict[str, Any]:
    """Freeze who may be drawn, together with the commitment to the secret; both must reach the ledger first.

    Args:
        commitment: SHA-256 (hex) over the 32 bytes of the secret.
        conflicts: experts whom the office excludes, each with the reason recorded.
    """
    _check_commitment(commitment)
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.POOLING, PanelState.SHORT)
    people = await store.candidates(tx, sealer, stage_id)
    frozen = await _list(tx, stage, panel, people, frozenset(conflicts))
    require_enough(frozen)
    panel.attempt, panel.state = frozen.attempt, moved(PanelState(panel.state), PanelState.FROZEN)
    tx.session.add(panel)
    await store.keep_pseudonyms(tx, stage_id, people)
    tx.session.add(
        DrawAttempt(
            stage_id=stage_id,
            attempt=frozen.attempt,
            list_digest=frozen.digest,
            frozen_list=frozen.model_dump(mode="json"),
            commitment=commitment,
            frozen_at=tx.now,
        )
    )
    stated = {str(expert): reason for expert, reason in conflicts.items()}
    await tx.audit("pool.frozen", **stage_place(stage), public=frozen.digest, attempt=frozen.attempt, conflicts=stated)
    await tx.audit("secret.committed", **stage_place(stage), public=commitment, attempt=frozen.attempt)
    await tx.nudge(stage_workflow_id(stage_id))
    return {
        "attempt": frozen.attempt,
        "list_digest": frozen.digest,
        "commitment": commitment,
        "eligible": len(frozen.eligible),
        "excluded": [one.model_dump() for one in frozen.excluded],
    }


def _check_commitment(commitment: str) -> None:
    if len(commitment) != 64 or any(sign not in "0123456789abcdef" for sign in commitment):
        raise Refusal("bad_commitment", "承诺值应为64位小写十六进制字符。", field="commitment")


async def _list(
    tx: Tx, stage: Stage, panel: Panel, people: Sequence[Candidate], conflicts: frozenset[UUID]
) -> FrozenList:
    rules = panel_rules(stage)
    seats = [store.seat(member) for member in await store.members(tx, stage.stage_id)]
    cases = await store.standing_cases(tx, stage.stage_id)
    eligible, excluded = sort_out(
        people,
        pools=[pool.key for pool in rules.pools],
        applicants=frozenset(case.credit_code for case in cases if case.credit_code),
        stated=conflicts,
        members=frozenset(seat.expert for seat in seats),
    )
    bound = await standing_at(tx, stage.manifest_in, "draw") if stage.manifest_in else None
    if bound is None:
        raise Conflict("standing_unknown", "参评对象的现状尚未确认，请稍候再固定名单。")
    missing = await what_is_missing(tx, stage)
    return FrozenList(
        algorithm=ALGORITHM,
        stage=str(stage.stage_id),
        attempt=panel.attempt + 1,
        rulebook=stage.rulebook_digest,
        manifest=stage.manifest_in_digest or "",
        standing=bound.digest,
        seats=max(rules.min_experts - _counting(seats), missing.anything),
        pools=tuple(
            PoolShare(
                key=pool.key,
                name=pool.name,
                min=missing.pools.count(pool.key),
                alternates=rules.alternates_per_pool,
            )
            for pool in rules.pools
        ),
        eligible=eligible,
        excluded=excluded,
    )


def _counting(seats: Sequence[Seat]) -> int:
    """Scoring members whose sheets count or are still expected."""
    return sum(seat.scores and seat.state in SEATED | COUNTED for seat in seats)


async def draw_question(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What two persons agree to before a draw, and whether the ledger already holds list and commitment."""
    panel = await store.panel(tx, stage_id)
    require_state(PanelState(panel.state), PanelState.FROZEN)
    attempt = await store.current_attempt(tx, panel)
    return {
        "act": DRAW_ACT,
        "digest": _draw_digest(attempt),
        "attempt": attempt.attempt,
        "list_digest": attempt.list_digest,
        "commitment": attempt.commitment,
        "in_ledger": await store.all_in_ledger(tx, stage_id, (attempt.list_digest, attempt.commitment)),
    }


def _draw_digest(attempt: DrawAttempt) -> str:
    return digest(
        {
            "act": DRAW_ACT,
            "stage": attempt.stage_id,
            "attempt": attempt.attempt,
            "list": attempt.list_digest,
            "commitment": attempt.commitment,
        }
    )


async def draw(tx: Tx, stage_id: UUID, secret: str, ticket: Ticket | None) -> dict[str, Any]:
    """Reveal the secret and draw: two persons, once, only from what stands in the ledger."""
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.FROZEN)
    attempt = await store.current_attempt(tx, panel)
    if not await store.all_in_ledger(tx, stage_id, (attempt.list_digest, attempt.commitment)):
        raise Conflict("not_in_ledger", "抽取名单和承诺值尚未全部记入账本，请稍候再抽取。")
    if commitment_to(secret) != attempt.commitment:
        raise Refusal("secret_differs", "密值与事先公布的承诺值不符，不能抽取。", field="secret")
    await use_ticket(tx, ticket, DRAW_ACT, _draw_digest(attempt))
    outcome = draw_panel(FrozenList.model_validate(attempt.frozen_list), secret)
    await _seat(tx, panel, attempt, outcome)
    await _record(tx, stage, attempt, outcome, secret)
    panel.state, panel.drawn_at = moved(PanelState(panel.state), PanelState.UNDERTAKING), panel.drawn_at or tx.now
    tx.session.add(panel)
    await call_members(tx, stage, [row for row in await store.members(tx, stage_id) if _new(row, attempt)])
    await tx.nudge(stage_workflow_id(stage_id))
    return {"attempt": attempt.attempt, "transcript_digest": attempt.transcript_digest, **outcome.model_dump()}


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


async def _record(tx: Tx, stage: Stage, attempt: DrawAttempt, outcome: DrawOutcome, secret: str) -> None:
    """The transcript: everything a stranger needs to recompute the draw, and nobody's name."""
    earlier = [one for one in await store.attempts(tx, stage.stage_id) if one.attempt < attempt.attempt]
    transcript = {
        "list": attempt.frozen_list,
        "list_digest": attempt.list_digest,
        "commitment": attempt.commitment,
        "frozen_at": attempt.frozen_at,
        "secret": secret,
        **outcome.model_dump(),
        "drawn_at": tx.now,
        "earlier_attempts": [_earlier(one) for one in earlier],
    }
    attempt.transcript_digest = await tx.put_dossier(transcript, "draw-transcript")
    attempt.secret, attempt.seed, attempt.drawn_at = secret, outcome.seed, tx.now
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


def _earlier(attempt: DrawAttempt) -> dict[str, str | int | None]:
    return {
        "attempt": attempt.attempt,
        "list_digest": attempt.list_digest,
        "commitment": attempt.commitment,
        "transcript_digest": attempt.transcript_digest,
        "void_reason": attempt.void_reason,
    }


async def void_question(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What two persons agree to before a frozen list is given up without a draw."""
    panel = await store.panel(tx, stage_id)
    require_state(PanelState(panel.state), PanelState.FROZEN)
    return {"act": VOID_ACT, "digest": _void_digest(await store.current_attempt(tx, panel))}


def _void_digest(attempt: DrawAttempt) -> str:
    return digest({"act": VOID_ACT, "stage": attempt.stage_id, "list": attempt.list_digest})


async def void_attempt(tx: Tx, stage_id: UUID, reason: str, ticket: Ticket | None) -> None:
    """Give a frozen list up (the secret is lost, the list is wrong): two persons, with a reason that is published."""
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.FROZEN)
    attempt = await store.current_attempt(tx, panel)
    await use_ticket(tx, ticket, VOID_ACT, _void_digest(attempt))
    attempt.void_reason = reason
    back = PanelState.POOLING if panel.drawn_at is None else PanelState.SHORT
    panel.state = moved(PanelState(panel.state), back)
    tx.session.add_all([attempt, panel])
    await tx.audit("draw.voided", **stage_place(stage), attempt=attempt.attempt, reason=reason)
    await tx.nudge(stage_workflow_id(stage_id))
