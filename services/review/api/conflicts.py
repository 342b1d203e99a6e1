"""Ties of experts, groups of organisations, conflicts of a panel, and what is contested."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.review import store
from services.review.actions import ties
from services.review.api.base import Body, Done, ExactRoute, Reason, and_done, answer_as
from services.review.domain.conflicts import Kind
from services.review.reads import conflicts as views
from shared.infra.database import Tx
from shared.web.act import Act, acting

router = APIRouter(route_class=ExactRoute)


class TieBody(Body):
    """A tie to an organisation, with what shows it; it counts until the day given."""

    kind: Kind
    credit_code: str
    evidence: Reason
    until: date | None = None


class TieRecorded(BaseModel):
    """The id of the tie."""

    tie_id: UUID


class GroupBody(Body):
    """Organisations of one group, with what shows it."""

    name: str = Field(min_length=1, max_length=200)
    credit_codes: list[str] = Field(min_length=1, max_length=1000)
    evidence: Reason


class OwnContestBody(Body):
    """Why a tie of one's own does not hold."""

    tie_id: UUID
    reason: Reason


class ContestBody(Body):
    """Which conflict of an expert, as the list of conflicts shows it, does not hold, and why."""

    expert_id: UUID
    kind: Kind
    credit_code: str
    evidence: Reason
    reason: Reason


class Contested(BaseModel):
    """The id under which the office rules."""

    contest_id: UUID


class RulingBody(Body):
    """Whether the conflict is lifted, and why."""

    lifted: bool
    reason: Reason


@router.get("/stages/{stage_id}/conflicts")
async def conflicts(stage_id: UUID, act: Act = acting("pool.manage")) -> list[views.ConflictLine]:
    """Every conflict of the pool's experts with the standing cases of a panel."""
    return await act.read(lambda tx: views.conflict_lines(tx, stage_id))


@router.post("/experts/{expert_id}/ties")
async def record_tie(expert_id: UUID, body: TieBody, act: Act = acting("pool.manage")) -> TieRecorded:
    """Record a tie of an expert; panels on which the expert sits are looked at again."""

    async def do(tx: Tx) -> dict[str, Any]:
        return {"tie_id": await ties.record_tie(tx, expert_id, **body.model_dump())}

    return await answer_as(TieRecorded, act, do)


@router.post("/groups")
async def record_group(body: GroupBody, act: Act = acting("pool.manage")) -> Done:
    """Record that organisations belong to one group."""
    return await and_done(act, lambda tx: ties.record_group(tx, body.name, body.credit_codes, body.evidence))


@router.post("/contests")
async def contest(body: ContestBody, act: Act = acting("pool.manage")) -> Contested:
    """Say for an expert that a conflict does not hold."""

    async def do(tx: Tx) -> dict[str, Any]:
        quoted = (body.kind, body.credit_code, body.evidence)
        return {"contest_id": await ties.contest(tx, body.expert_id, quoted, body.reason)}

    return await answer_as(Contested, act, do)


@router.post("/contests/{contest_id}/ruling")
async def rule(contest_id: UUID, body: RulingBody, act: Act = acting("pool.manage")) -> Done:
    """Rule on what somebody else contested."""
    return await and_done(act, lambda tx: ties.rule(tx, contest_id, lifted=body.lifted, reason=body.reason))


@router.get("/own-ties")
async def own_ties(act: Act = acting("tie.declare")) -> list[views.TieLine]:
    """What is recorded of my own ties; no case is named here."""
    return await act.read(views.own_ties)


@router.post("/own-ties")
async def declare(body: TieBody, act: Act = acting("tie.declare")) -> TieRecorded:
    """Declare a tie of my own."""

    async def do(tx: Tx) -> dict[str, Any]:
        own = (await store.expert_acting(tx)).expert_id
        return {"tie_id": await ties.record_tie(tx, own, **body.model_dump())}

    return await answer_as(TieRecorded, act, do)


@router.post("/own-ties/contests")
async def contest_own(body: OwnContestBody, act: Act = acting("tie.declare")) -> Contested:
    """Say that a tie recorded of me does not hold."""

    async def do(tx: Tx) -> dict[str, Any]:
        return {"contest_id": await ties.contest_own(tx, body.tie_id, body.reason)}

    return await answer_as(Contested, act, do)
