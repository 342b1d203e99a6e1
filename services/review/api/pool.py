"""The expert pool."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.review import store
from services.review.actions import pool
from services.review.api.base import Body, Done, ExactRoute, and_done, answer_as
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
    available: bool


class Availability(Body):
    """Whether an expert can be drawn now."""

    available: bool


@router.post("/experts")
async def record_expert(body: ExpertBody, act: Act = acting("pool.manage")) -> ExpertRecorded:
    """Record or correct an expert."""
    known = pool_names(load_shipped().values())

    async def do(tx: Tx) -> dict[str, Any]:
        return {"expert_id": await pool.record_expert(tx, known, **body.model_dump())}

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
