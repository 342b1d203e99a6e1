"""Conflicts of a panel as the office sees them, one's own ties as an expert sees them, and the map of conflicts."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.review import store
from services.review.actions.conflicts import conflicts_on
from services.review.domain.conflicts import KIND_WORDS, Kind
from services.review.domain.panel import MEMBER_WORDS, MemberState
from services.review.rulebooks import category_of
from shared.infra.database import Tx
from shared.infra.stages import stage_row


class ConflictLine(BaseModel):
    """A conflict of an expert with an organisation under review, with what shows it; contested or not."""

    expert_id: UUID
    expert: str
    kind: Kind
    kind_words: str
    credit_code: str
    number: str
    evidence: str
    contest_id: UUID | None = None


class TieLine(BaseModel):
    """A recorded tie; ``contested``: waiting for a ruling; ``lifted``: found not to hold."""

    tie_id: UUID
    kind: Kind
    kind_words: str
    credit_code: str
    evidence: str
    until: date | None
    contested: bool
    lifted: bool


class Dot(BaseModel):
    """A name on the map, at its height in pixels."""

    name: str
    y: int


class Line(BaseModel):
    """A tie on the map, from the height of the expert to that of the case."""

    kind: Kind
    words: str
    left: int
    right: int


class ConflictMap(BaseModel):
    """Experts on the left, cases on the right, a line for each conflict; heights in pixels."""

    height: int
    experts: list[Dot]
    cases: list[Dot]
    lines: list[Line]


ROW = 32


async def conflict_lines(tx: Tx, stage_id: UUID) -> list[ConflictLine]:
    """Every conflict of the pool's experts with the standing cases of a panel."""
    stage = await stage_row(tx, stage_id)
    await store.panel(tx, stage_id)
    names = {one.expert_id: one.name for one in await store.experts(tx)}
    numbers = {one.credit_code: one.number for one in await store.standing_cases(tx, stage_id) if one.credit_code}
    contested = [one for one in await store.contests(tx) if one.lifted is None]
    open_ones = {(one.expert_id, store.quoted_by(one)): one.contest_id for one in contested}
    return [
        ConflictLine(
            expert_id=found.expert,
            expert=names[found.expert],
            kind=found.kind,
            kind_words=KIND_WORDS[found.kind],
            credit_code=found.organisation,
            number=numbers[found.organisation],
            evidence=found.evidence,
            contest_id=next(
                (open_ones[found.expert, name] for name in found.quoted if (found.expert, name) in open_ones), None
            ),
        )
        for found in await conflicts_on(tx, stage)
    ]


def map_of(lines: list[ConflictLine]) -> ConflictMap:
    """The picture of these conflicts: each expert and each case once, in order of name and number."""
    experts = {name: place * ROW + ROW // 2 for place, name in enumerate(sorted({one.expert for one in lines}))}
    cases = {name: place * ROW + ROW // 2 for place, name in enumerate(sorted({one.number for one in lines}))}
    return ConflictMap(
        height=max(len(experts), len(cases), 1) * ROW,
        experts=[Dot(name=name, y=y) for name, y in experts.items()],
        cases=[Dot(name=name, y=y) for name, y in cases.items()],
        lines=[
            Line(kind=one.kind, words=one.kind_words, left=experts[one.expert], right=cases[one.number])
            for one in lines
        ],
    )


class PastPanel(BaseModel):
    """An expert's part in one panel: drawn, alternate or appointed, what became of it, and the reason given."""

    stage_id: UUID
    category_name: str
    kind: str
    state: str
    state_words: str
    called_at: datetime | None
    reason: str | None


async def history_of(tx: Tx, expert_id: UUID) -> list[PastPanel]:
    """Every panel for which an expert was drawn or appointed, refusals and recusals with their reasons."""
    recusals = {one.stage_id: one.reason for one in await store.recusals_of(tx, expert_id)}
    found = []
    for member in await store.seats_of(tx, expert_id):
        answer = await store.undertaking(tx, member.stage_id, expert_id)
        found.append(
            PastPanel(
                stage_id=member.stage_id,
                category_name=category_of(await stage_row(tx, member.stage_id)).name,
                kind=member.kind,
                state=member.state,
                state_words=MEMBER_WORDS[MemberState(member.state)],
                called_at=member.called_at,
                reason=recusals.get(member.stage_id) or (answer.reason if answer else None),
            )
        )
    return found


async def own_ties(tx: Tx) -> list[TieLine]:
    """The signed-in expert's own ties; no case is named here."""
    own = (await store.expert_acting(tx)).expert_id
    contests = [one for one in await store.contests(tx) if one.expert_id == own]
    waiting = {store.quoted_by(one) for one in contests if one.lifted is None}
    lifted = {store.quoted_by(one) for one in contests if one.lifted}
    return [
        TieLine(
            tie_id=one.tie_id,
            kind=Kind(one.kind),
            kind_words=KIND_WORDS[Kind(one.kind)],
            credit_code=one.credit_code,
            evidence=one.evidence,
            until=one.until,
            contested=(Kind(one.kind), one.credit_code, one.evidence) in waiting,
            lifted=(Kind(one.kind), one.credit_code, one.evidence) in lifted,
        )
        for one in await store.ties_of(tx, own)
    ]
