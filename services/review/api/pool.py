"""The expert pool."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.review import store
from services.review.actions import pool
from services.review.api.base import Body, Done, ExactRoute, Reason, and_done, answer_as
from services.review.rulebooks import pool_names
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.web.act import Act, acting

router = APIRouter(route_class=ExactRoute)


class ExpertBody(Body):
    """An expert for a pool; ``login`` is the account that acts for the expert."""

    login: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=100)
    pool: str
    employer: str = Field(max_length=200)
    employer_code: str | None = None
    field: str | None = Field(default=None, max_length=200)
    posts: str | None = Field(default=None, max_length=2000)
    load_cap: int | None = Field(default=None, ge=1, le=100)


class ExpertRecorded(BaseModel):
    """The id under which the expert is known."""

    expert_id: UUID


class ExpertLine(BaseModel):
    """An expert of the pool."""

    expert_id: UUID
    login: str
    name: str
    pool: str
    employer: str
    employer_code: str | None
    field: str | None
    posts: str | None
    load_cap: int | None
    available: bool
    state: str
    state_reason: str | None


class Experts(Body):
    """Experts whose identity is confirmed."""

    expert_ids: list[UUID] = Field(min_length=1, max_length=1000)


class Approved(BaseModel):
    """How many were waiting for approval."""

    approved: int


class ReasonBody(Body):
    """Why."""

    reason: Reason


class Availability(Body):
    """Whether an expert can be drawn now."""

    available: bool


@router.post("/experts")
async def record_expert(body: ExpertBody, act: Act = acting("pool.manage")) -> ExpertRecorded:
    """Record or correct an expert."""
    known = pool_names(load_shipped().values())

    async def do(tx: Tx) -> dict[str, Any]:
        given = body.model_dump()
        particulars = pool.Particulars(**{name: given.pop(name) for name in ("field", "posts", "load_cap")})
        return {"expert_id": await pool.record_expert(tx, known, **given, particulars=particulars)}

    return await answer_as(ExpertRecorded, act, do)


@router.get("/experts")
async def experts(act: Act = acting("pool.manage")) -> list[ExpertLine]:
    """The whole pool."""

    async def do(tx: Tx) -> list[ExpertLine]:
        return [ExpertLine.model_validate(one.model_dump()) for one in await store.experts(tx)]

    return await act.read(do)


@router.put("/experts/{expert_id}/availability")
async def set_available(expert_id: UUID, body: Availability, act: Act = acting("pool.manage")) -> Done:
    """Say whether an expert can be drawn."""
    return await and_done(act, lambda tx: pool.set_available(tx, expert_id, body.available))


@router.post("/experts/approve")
async def approve(body: Experts, act: Act = acting("pool.manage")) -> Approved:
    """Confirm the identity of experts whom somebody else recorded."""

    async def do(tx: Tx) -> dict[str, Any]:
        return {"approved": await pool.approve(tx, body.expert_ids)}

    return await answer_as(Approved, act, do)


@router.post("/experts/{expert_id}/suspend")
async def suspend(expert_id: UUID, body: ReasonBody, act: Act = acting("pool.manage")) -> Done:
    """Take an expert out of all coming draws."""
    return await and_done(act, lambda tx: pool.suspend(tx, expert_id, body.reason))


@router.post("/experts/{expert_id}/restore")
async def restore(expert_id: UUID, body: ReasonBody, act: Act = acting("pool.manage")) -> Done:
    """End a suspension; somebody else approves anew."""
    return await and_done(act, lambda tx: pool.restore(tx, expert_id, body.reason))
