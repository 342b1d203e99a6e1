"""A panel as its office, chair, supervisor and auditors see it: members, cases, attempts and counts."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.review import store
from services.review.actions.ordering import orderers
from services.review.actions.seats import is_ordering
from services.review.domain.ordering import ORDERING_WORDS
from services.review.domain.panel import (
    MEMBER_WORDS,
    STATE_WORDS,
    MemberState,
    PanelState,
    counted_sheets,
    unsigned_pairs,
)
from services.review.domain.parties import PHASE_WORDS, Phase
from services.review.rulebooks import appointed_score, book_of, category_of, pool_names, title_of
from services.review.tables import PanelMember
from shared.infra.database import Tx
from shared.infra.stages import counted_days, stage_row
from shared.infra.tables import Stage


class MemberLine(BaseModel):
    """A member of a panel; ``name`` and ``expert_id`` only for the office and the committee's chair."""

    label: str
    pseudonym: str
    pool: str
    pool_name: str
    kind: str
    state: str
    state_words: str
    place: int
    expert_id: UUID | None = None
    name: str | None = None
    employer: str | None = None
    signed: int = 0
    scores: bool


class CaseLine(BaseModel):
    """A case of a panel: its two numbers, whether it stands, and how many counted sheets it has."""

    case_id: UUID
    number: str
    neutral_number: str
    standing: str
    sheets: int


class AttemptLine(BaseModel):
    """A draw attempt: what was frozen, where it stands, the transcript once drawn or why it is void."""

    attempt: int
    phase: str
    phase_words: str
    list_digest: str
    frozen_at: datetime
    drawn_at: datetime | None
    voided_at: datetime | None
    transcript_digest: str | None
    void_reason: str | None
    silent: list[str]
    eligible: int
    excluded: int


class PanelOverview(BaseModel):
    """A panel as its office sees it."""

    stage_id: UUID
    kind: str
    programme: str
    category_key: str
    category_name: str
    title: str
    state: str
    state_words: str
    stage_state: str
    waits_for: str | None
    stuck: str | None
    closes_at: datetime | None
    counted_days: tuple[str, ...]
    cases: list[CaseLine]
    members: list[MemberLine]
    attempts: list[AttemptLine]
    signed: int
    expected: int
    appointed_score: bool


async def overview(tx: Tx, stage_id: UUID, *, with_names: bool) -> PanelOverview:
    """A panel with its members, cases, attempts and counts; no score."""
    stage = await stage_row(tx, stage_id)
    panel = await store.panel(tx, stage_id)
    members = await store.members(tx, stage_id)
    seats = [store.seat(member) for member in members]
    cases = await store.cases(tx, stage_id)
    progress = await store.progress(tx, stage_id)
    names = {one.expert_id: (one.name, one.employer) for one in await store.experts(tx)} if with_names else {}
    pools = pool_names([book_of(stage)])
    standing = [case.case_id for case in cases if case.standing == "standing"]
    return PanelOverview(
        stage_id=stage_id,
        kind=stage.kind,
        programme=book_of(stage).short_title,
        category_key=stage.category_key,
        category_name=category_of(stage).name,
        title=title_of(stage),
        state=panel.state,
        state_words=(ORDERING_WORDS if is_ordering(stage) else STATE_WORDS)[PanelState(panel.state)],
        stage_state=stage.state,
        waits_for=stage.waits_for,
        stuck=stage.stuck,
        closes_at=stage.closes_at,
        counted_days=counted_days(stage),
        cases=[
            CaseLine(
                case_id=case.case_id,
                number=case.number,
                neutral_number=case.neutral_number,
                standing=case.standing,
                sheets=counted_sheets(case.case_id, seats, progress),
            )
            for case in cases
        ],
        members=[_member_line(member, names, progress.signed, pools) for member in members],
        attempts=await _attempts(tx, stage_id),
        signed=len(progress.signed),
        expected=await _expected(tx, stage, standing),
        appointed_score=appointed_score(stage),
    )


async def _expected(tx: Tx, stage: Stage, standing: list[UUID]) -> int:
    if is_ordering(stage):
        return len((await orderers(tx, stage.stage_id))[0])
    seats = [store.seat(member) for member in await store.members(tx, stage.stage_id)]
    return len(unsigned_pairs(standing, seats, await store.progress(tx, stage.stage_id)))


def _member_line(
    member: PanelMember,
    names: dict[UUID, tuple[str, str]],
    signed: frozenset[tuple[UUID, UUID]],
    pools: dict[str, str],
) -> MemberLine:
    name, employer = names.get(member.expert_id, (None, None))
    return MemberLine(
        label=member.label,
        pseudonym=member.pseudonym,
        pool=member.pool,
        pool_name=pools.get(member.pool, member.pool),
        kind=member.kind,
        state=member.state,
        state_words=MEMBER_WORDS[MemberState(member.state)],
        place=member.place,
        expert_id=member.expert_id if names else None,
        name=name,
        employer=employer,
        scores=member.scores,
        signed=sum(expert == member.expert_id for _, expert in signed),
    )


async def _attempts(tx: Tx, stage_id: UUID) -> list[AttemptLine]:
    derived = {"eligible", "excluded", "phase_words"}
    return [
        AttemptLine(
            **one.model_dump(include=set(AttemptLine.model_fields) - derived),
            phase_words=PHASE_WORDS[Phase(one.phase)],
            eligible=len(one.frozen_list["eligible"]),
            excluded=len(one.frozen_list["excluded"]),
        )
        for one in await store.attempts(tx, stage_id)
    ]
