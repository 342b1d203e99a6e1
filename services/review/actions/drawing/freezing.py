"""Freezing: who may be drawn, who takes part, by which rules; the list's digest must reach the ledger first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.conflicts import conflicts_on
from services.review.actions.seats import require_running, what_is_missing
from services.review.domain.draw import (
    ALGORITHM,
    BeaconRound,
    Commitment,
    FrozenList,
    PastAttempt,
    PoolShare,
    Reveal,
    require_enough,
)
from services.review.domain.panel import COUNTED, SEATED, PanelState, Seat, moved, require_state
from services.review.domain.parties import APPLICANTS, Phase, parties_of
from services.review.domain.pool import Candidate, sort_out
from services.review.rulebooks import panel_rules
from services.review.sealing import Sealer
from services.review.tables import DrawAttempt, DrawParty, Panel
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.manifests import standing_at
from shared.infra.stages import stage_place
from shared.infra.tables import Stage
from shared.kernel.canonical import instant
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Conflict, Refusal


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the office decides when it freezes a list.

    ``conflicts``: experts it excludes, each with the reason recorded; ``applicants``: the case whose enterprise takes
    part for all applicants; ``beacon``: a public source and a round of it that is not out yet.
    """

    conflicts: dict[UUID, str] = field(default_factory=dict)
    applicants: UUID | None = None
    beacon: BeaconRound | None = None


async def freeze_list(tx: Tx, sealer: Sealer, stage_id: UUID, wanted: Wanted) -> dict[str, Any]:
    """Freeze who may be drawn and who takes part; the parties are called once the ledger holds the list."""
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.POOLING, PanelState.SHORT)
    people = await store.candidates(tx, sealer, stage_id)
    frozen = await _list(tx, stage, panel, people, wanted)
    require_enough(frozen)
    panel.attempt, panel.state = frozen.attempt, moved(PanelState(panel.state), PanelState.FROZEN)
    tx.session.add(panel)
    await store.keep_pseudonyms(tx, stage_id, people)
    tx.session.add(
        DrawAttempt(
            stage_id=stage_id,
            attempt=frozen.attempt,
            phase=Phase.LISTING,
            list_digest=frozen.digest,
            frozen_list=frozen.model_dump(mode="json"),
            frozen_at=tx.now,
            silent=[],
        )
    )
    enterprise = await _enterprise(tx, stage_id, wanted.applicants)
    for place, party in enumerate(frozen.parties, 1):
        of_applicants = enterprise if party.key == APPLICANTS else None
        tx.session.add(
            DrawParty(
                stage_id=stage_id,
                attempt=frozen.attempt,
                party=party.key,
                place=place,
                enterprise_id=of_applicants,
            )
        )
    stated = {str(expert): reason for expert, reason in wanted.conflicts.items()}
    await tx.audit("pool.frozen", **stage_place(stage), public=frozen.digest, attempt=frozen.attempt, conflicts=stated)
    await tx.nudge(stage_workflow_id(stage_id))
    return {
        "attempt": frozen.attempt,
        "list_digest": frozen.digest,
        "eligible": len(frozen.eligible),
        "excluded": [one.model_dump() for one in frozen.excluded],
        "parties": [one.key for one in frozen.parties],
    }


async def _enterprise(tx: Tx, stage_id: UUID, case_id: UUID | None) -> UUID | None:
    """The id under which office knows the enterprise of a case: its accounts act for it."""
    if case_id is None:
        return None
    code = next((one.credit_code for one in await store.standing_cases(tx, stage_id) if one.case_id == case_id), None)
    if code is None:
        raise Refusal("no_enterprise", "请从在审的参评企业中指定一家作为代表。", field="applicants")
    return derived_id("enterprise", code)


async def _list(tx: Tx, stage: Stage, panel: Panel, people: Sequence[Candidate], wanted: Wanted) -> FrozenList:
    rules = panel_rules(stage)
    seats = [store.seat(member) for member in await store.members(tx, stage.stage_id)]
    eligible, excluded = sort_out(
        people,
        pools=[pool.key for pool in rules.pools],
        conflicts={one.expert: one.kind for one in reversed(await conflicts_on(tx, stage))},
        stated=frozenset(wanted.conflicts),
        members=frozenset(seat.expert for seat in seats),
    )
    bound = await standing_at(tx, stage.manifest_in, "draw") if stage.manifest_in else None
    if bound is None:
        raise Conflict("standing_unknown", "参评对象的现状尚未确认，请稍候再固定名单。")
    missing = await what_is_missing(tx, stage)
    attempts = await store.attempts(tx, stage.stage_id)
    return FrozenList(
        algorithm=ALGORITHM,
        stage=str(stage.stage_id),
        attempt=panel.attempt + 1,
        frozen_at=instant(tx.now),
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
        parties=parties_of(
            [party for one in attempts for party in one.silent],
            await store.stand_ins(tx, stage.stage_id),
            with_applicants=wanted.applicants is not None,
        ),
        beacon=wanted.beacon,
        eligible=eligible,
        excluded=excluded,
        earlier=tuple([await _past(tx, one) for one in attempts]),
    )


def _counting(seats: Sequence[Seat]) -> int:
    """Drawn members whose sheets count or are still expected."""
    return sum(seat.drawn and seat.state in SEATED | COUNTED for seat in seats)


async def _past(tx: Tx, attempt: DrawAttempt) -> PastAttempt:
    parties = await store.parties(tx, attempt)
    return PastAttempt(
        attempt=attempt.attempt,
        list_digest=attempt.list_digest,
        commitments=tuple(Commitment(party=one.party, commitment=one.commitment) for one in parties if one.commitment),
        reveals=tuple(Reveal(party=one.party, secret=one.secret) for one in parties if one.secret),
        silent=tuple(attempt.silent),
        void_reason=attempt.void_reason,
        transcript_digest=attempt.transcript_digest,
    )
