"""Who sits on the panel: calls, undertakings, recusals, alternates, appointed members, the terms that follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.review import store
from services.review.actions.conflicts import conflicts_on, words_of
from services.review.actions.keys import form_key
from services.review.actions.notices import notify_expert
from services.review.attesting import Attestor
from services.review.domain.panel import (
    CHANGING,
    STAFFED,
    VISIBLE,
    MemberKind,
    MemberState,
    PanelState,
    lacking_pools,
    moved,
    next_alternates,
    require_state,
    shortage,
    unsigned_pairs,
)
from services.review.domain.pool import ExpertState
from services.review.rulebooks import appointed_score, panel_rules, undertaking_of
from services.review.sealing import Sealer
from services.review.tables import Panel, PanelMember, Recusal, Undertaking
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import set_term, stage_place, stage_row
from shared.infra.tables import Stage
from shared.infra.tickets import require_fresh
from shared.kernel.calendar import business_date
from shared.kernel.refusals import Conflict, NotFound, Refusal
from shared.kernel.stages import RUNNING, StageState, require_open
from shared.rulebook import StageKind
from shared.web.rights import Role

ORDERING_OPEN = (PanelState.POOLING, PanelState.SCORING, PanelState.SHORT)


def is_ordering(stage: Stage) -> bool:
    """Whether the stage is an ordering of events: its members are all appointed, none is drawn."""
    return stage.kind == StageKind.EVENT_ORDERING


def label_for(number: int) -> str:
    """The neutral name of a panel's n-th expert."""
    return f"专家{number}"


async def require_running(tx: Tx, stage_id: UUID) -> Stage:
    """The stage FOR UPDATE, refused when it has ended or pauses; for acts that the term does not bind.

    Acts on the panel's seats may set a new term, so they lock the stage row before the panel's, in this order.
    """
    stage = await stage_row(tx, stage_id, update=True)
    if StageState(stage.state) is not StageState.OPEN:
        word = "已暂停" if StageState(stage.state) in RUNNING else "已结束"
        raise Conflict("stage_state", f"本阶段{word}，不能办理此事项。")
    return stage


async def call_members(tx: Tx, stage: Stage, members: Sequence[PanelMember]) -> None:
    """Ask members for their undertaking; before scoring they get the whole undertaking term."""
    for member in members:
        member.state, member.called_at = MemberState.CALLED, tx.now
        tx.session.add(member)
        await tx.audit("member.called", **stage_place(stage), expert=member.expert_id, kind=member.kind)
    panel = await store.panel(tx, stage.stage_id, update=True)
    if panel.state == PanelState.UNDERTAKING and any(member.kind != MemberKind.APPOINTED for member in members):
        term = panel_rules(stage).undertaking
        await set_term(tx, stage, business_date(tx.now), term.length, term.unit.value)
    for member in members:
        await notify_expert(tx, stage, member.expert_id, "undertaking_due")


async def appoint(tx: Tx, sealer: Sealer, stage_id: UUID, expert_id: UUID) -> None:
    """Add an appointed member of the review committee: attends, signs an undertaking, scores where the rulebook says.

    Under the same conditions as a drawn one: approved, and without a conflict with any case. Who would score is not
    added once the sheets are sealed.
    """
    stage = await require_running(tx, stage_id)
    panel, scores = await store.panel(tx, stage_id, update=True), appointed_score(stage)
    open_to = STAFFED - {PanelState.SEALED} if scores else STAFFED
    require_state(PanelState(panel.state), *(ORDERING_OPEN if is_ordering(stage) else open_to))
    expert = next((one for one in await store.experts(tx) if one.expert_id == expert_id), None)
    if expert is None:
        raise NotFound("专家库中没有这位专家。")
    if expert.state != ExpertState.APPROVED:
        raise Conflict("not_approved", "此人的身份信息尚未复核或已暂停，不能指派。", field="expert_id")
    if tied := await conflicts_on(tx, stage, expert_id):
        raise Conflict("conflict", f"此人与参评对象存在利害关系（{words_of(tied[0])}），不能指派。", field="expert_id")
    members = await store.members(tx, stage_id)
    if any(member.expert_id == expert_id for member in members):
        raise Conflict("already_member", "此人已是本组成员或候补。", field="expert_id")
    member = PanelMember(
        stage_id=stage_id,
        expert_id=expert_id,
        pseudonym=sealer.pseudonym(stage_id, expert_id),
        label=label_for(len(members) + 1),
        kind=MemberKind.APPOINTED,
        pool=expert.pool,
        attempt=panel.attempt,
        place=0,
        state=MemberState.CALLED,
        scores=scores,
    )
    await tx.audit("member.appointed", **stage_place(stage), expert=expert_id, scores=scores)
    await call_members(tx, stage, [member])


async def answer_call(tx: Tx, stage_id: UUID, *, accept: bool, text_version: str, reason: str | None) -> dict[str, str]:
    """An expert signs the undertaking, freshly proven, or refuses; then the next alternate is called."""
    await store.own_seat(tx, stage_id)
    stage = await require_running(tx, stage_id)
    if not is_ordering(stage):
        require_open(StageState(stage.state), stage.opens_at, stage.closes_at, tx.now)
    panel = await store.panel(tx, stage_id, update=True)
    scoring = (PanelState.UNDERTAKING, PanelState.SCORING)
    require_state(PanelState(panel.state), *(ORDERING_OPEN if is_ordering(stage) else scoring))
    member = await store.own_seat(tx, stage_id, update=True)
    if member.state != MemberState.CALLED:
        raise Conflict("already_answered", "您已答复过本组审查的邀请。")
    text = undertaking_of(stage)
    if text_version != text.version:
        raise Refusal("undertaking_version", "承诺书已更新，请阅读现行文本后再签署。", field="text_version")
    if accept:
        require_fresh(tx)
    elif not (reason or "").strip():
        raise Refusal("reason_needed", "不参加审查须说明理由。", field="reason")
    tx.session.add(
        Undertaking(
            stage_id=stage_id,
            expert_id=member.expert_id,
            text_version=text_version,
            text_digest=text.digest,
            accepted=accept,
            reason=reason,
            answered_at=tx.now,
        )
    )
    await tx.audit(
        "undertaking.signed" if accept else "undertaking.refused",
        **stage_place(stage),
        expert=member.expert_id,
        text=text.digest,
        reason=reason,
    )
    tied = await conflicts_on(tx, stage, member.expert_id) if accept else []
    if tied:
        await leave_for_conflict(tx, stage, panel, member, words_of(tied[0]))
    elif accept:
        member.state = MemberState.UNDERTAKEN
        tx.session.add(member)
    else:
        await _leave(tx, stage, panel, member, MemberState.REFUSED)
    await tx.nudge(stage_workflow_id(stage_id))
    return {"state": member.state, "text_digest": text.digest}


async def _member(tx: Tx, stage_id: UUID, expert_id: UUID) -> PanelMember:
    member = await tx.session.get(PanelMember, (stage_id, expert_id), populate_existing=True)
    if member is None or member.state == MemberState.STANDBY:
        raise NotFound
    return member


async def recuse(tx: Tx, stage_id: UUID, expert_id: UUID, case_id: UUID | None, reason: str) -> None:
    """An expert steps aside and leaves the whole panel; the next alternate is called and scores every case.

    Args:
        case_id: the case that is the cause, if it is one; comparing the others without it would not be fair either.

    Sheets stay as they were signed and are not counted. The panel and its cases become invisible to the expert.
    """
    if tx.actor.roles == {Role.EXPERT}:
        await store.own_seat(tx, stage_id)
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), *CHANGING)
    member = await _member(tx, stage_id, expert_id)
    if member.state not in VISIBLE:
        raise Conflict("not_seated", "此人已不在本组审查中。")
    if case_id is not None and case_id not in {case.case_id for case in await store.cases(tx, stage_id)}:
        raise NotFound
    await _keep_recusal(tx, stage, expert_id, case_id, reason)
    await _leave(tx, stage, panel, member, MemberState.RECUSED)
    await tx.nudge(stage_workflow_id(stage_id))


async def leave_for_conflict(tx: Tx, stage: Stage, panel: Panel, member: PanelMember, why: str) -> None:
    """A conflict came up after the draw: the member leaves the whole panel, the next alternate is called."""
    await _keep_recusal(tx, stage, member.expert_id, None, why)
    await _leave(tx, stage, panel, member, MemberState.RECUSED)
    await tx.nudge(stage_workflow_id(stage.stage_id))


async def _keep_recusal(tx: Tx, stage: Stage, expert_id: UUID, case_id: UUID | None, reason: str) -> None:
    tx.session.add(
        Recusal(
            recusal_id=new_id(),
            stage_id=stage.stage_id,
            expert_id=expert_id,
            case_id=case_id,
            reason=reason,
            recorded_at=tx.now,
        )
    )
    await tx.audit("member.recused", **stage_place(stage), case_id=case_id, expert=expert_id, reason=reason)


async def _leave(tx: Tx, stage: Stage, panel: Panel, member: PanelMember, state: MemberState) -> None:
    """A member leaves, the next alternate is called. A sealed panel opens again: the term its sheets were signed in may
    be over, so whoever steps in has whole terms. While a list is frozen its draw comes first."""
    member.state = state
    tx.session.add(member)
    replaced = member.kind != MemberKind.APPOINTED
    if panel.state == PanelState.SEALED:
        panel.state = moved(PanelState.SEALED, PanelState.UNDERTAKING if replaced else PanelState.SCORING)
        panel.sealed_at = None
        tx.session.add(panel)
    await tx.session.flush()
    if replaced and panel.state != PanelState.FROZEN:
        await call_alternates(tx, stage, member.pool, 1)


async def call_alternates(tx: Tx, stage: Stage, leaving_pool: str | None, count: int) -> int:
    """Call the next alternates, at most ``count``; returns how many there were."""
    members = await store.members(tx, stage.stage_id)
    chosen = next_alternates([store.seat(member) for member in members], leaving_pool, max(count, 0))
    wanted = {seat.expert for seat in chosen}
    await call_members(tx, stage, [member for member in members if member.expert_id in wanted])
    return len(chosen)


@dataclass(frozen=True, slots=True)
class Missing:
    """What the panel lacks: so many experts for the quorum, and these pools for their minimum."""

    experts: int
    pools: list[str]

    @property
    def anything(self) -> int:
        """How many have to join at least."""
        return max(self.experts, len(self.pools))


async def what_is_missing(tx: Tx, stage: Stage) -> Missing:
    """What the quorum and the pools' minimums lack as things stand."""
    rules = panel_rules(stage)
    seats = [store.seat(member) for member in await store.members(tx, stage.stage_id)]
    cases = [case.case_id for case in await store.standing_cases(tx, stage.stage_id)]
    return Missing(
        experts=max(0, shortage(cases, seats, await store.progress(tx, stage.stage_id), rules.quorum)),
        pools=lacking_pools(seats, {pool.key: pool.min for pool in rules.pools}),
    )


async def lapse(tx: Tx, ref: StageRef) -> None:
    """The undertaking term is over: who did not answer leaves, alternates are called under a new term."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state != PanelState.UNDERTAKING or stage.closes_at is None or tx.now < stage.closes_at:
        return
    await drop_silent(tx, stage, panel)


async def drop_silent(tx: Tx, stage: Stage, panel: Panel) -> None:
    """Let go who was called and did not answer; each one's place goes to the next alternate."""
    silent = [one for one in await store.members(tx, stage.stage_id) if one.state == MemberState.CALLED]
    for member in silent:
        await tx.audit("undertaking.lapsed", **stage_place(stage), expert=member.expert_id)
        await _leave(tx, stage, panel, member, MemberState.LAPSED)


async def start_scoring(tx: Tx, attestor: Attestor, ref: StageRef) -> None:
    """Everybody answered: key and scoring term, or alternates and in the end a new draw are needed."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state not in (PanelState.UNDERTAKING, PanelState.SHORT):
        return
    missing = await what_is_missing(tx, stage)
    if missing.anything:
        await staff_up(tx, stage, panel, missing)
        return
    await form_key(tx, attestor, stage, panel)
    panel.state = moved(PanelState(panel.state), PanelState.SCORING)
    tx.session.add(panel)
    term = panel_rules(stage).scoring
    await set_term(tx, stage, business_date(tx.now), term.length, term.unit.value)
    cases = [case.case_id for case in await store.standing_cases(tx, ref.stage_id)]
    seats = [store.seat(member) for member in await store.members(tx, ref.stage_id)]
    waiting = unsigned_pairs(cases, seats, await store.progress(tx, ref.stage_id))
    for expert_id in sorted({expert for _, expert in waiting}):
        await notify_expert(tx, stage, expert_id, "scoring_open")


async def staff_up(tx: Tx, stage: Stage, panel: Panel, missing: Missing) -> None:
    """Call as many alternates as are missing; with none left the panel is short and the office must draw again."""
    state = PanelState(panel.state)
    if state is PanelState.SCORING:
        panel.state = moved(state, PanelState.UNDERTAKING)
    called = 0
    for pool in missing.pools:
        called += await call_alternates(tx, stage, pool, 1)
    called += await call_alternates(tx, stage, None, missing.experts - called)
    if not called and panel.state != PanelState.SHORT:
        panel.state = moved(PanelState(panel.state), PanelState.SHORT)
        await tx.audit("panel.short", **stage_place(stage), missing=missing.anything)
        await tx.expect(stage_workflow_id(stage.stage_id), None)
    tx.session.add(panel)
