"""Cycles as programs and pages see them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.office.cycles import store
from services.office.cycles.tables import CategoryRow, ChangeRequest, Cycle, StagePlan
from shared.infra.database import Tx


class View(BaseModel):
    """Base of the answers."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class ChangeView(View):
    """What was asked of a stage; ``requested`` until its owner has answered."""

    request_id: UUID
    change: str
    days: int | None
    reason: str
    state: str
    refused: str | None
    asked_at: datetime
    answered_at: datetime | None


class StageView(View):
    """A stage: the plan, and the read copy of its owner's row. ``state`` started: the owner has not answered yet."""

    stage_id: UUID
    supplement: int
    position: int
    kind: str
    title: str
    article: str
    owner: str
    state: str
    opens_at: datetime | None
    closes_at: datetime | None
    counted_days: list[str]
    provisional: bool
    waits_for: str | None
    stuck: bool
    closed_at: datetime | None
    counted_from: datetime | None
    cases: int | None
    manifest_id: UUID | None
    manifest_digest: str | None
    requested: str | None = None


class CategoryView(View):
    """A category with its stages: the main track first, then those of refilled seats."""

    category_id: UUID
    key: str
    name: str
    state: str
    entries: int | None
    released_at: datetime | None
    stages: list[StageView] = []


class CycleView(View):
    """A cycle."""

    cycle_id: UUID
    rulebook_id: str
    rulebook_digest: str
    year: int
    title: str
    state: str
    unconfirmed: int
    accept_unconfirmed_reason: str | None
    opened_at: datetime
    release_at: datetime | None
    released_at: datetime | None
    stuck: str | None
    categories: list[CategoryView] = []


async def read_cycles(tx: Tx) -> list[CycleView]:
    """All cycles, newest first, with categories and stages; three queries a cycle, whatever its size."""
    return [await view_of(tx, cycle) for cycle in await store.all_cycles(tx)]


async def read_cycle(tx: Tx, cycle_id: UUID) -> CycleView:
    """One cycle."""
    return await view_of(tx, await store.cycle_row(tx, cycle_id))


async def view_of(tx: Tx, cycle: Cycle) -> CycleView:
    """A cycle with everything in it."""
    categories = await store.categories_of(tx, cycle.cycle_id)
    plans = await store.stages_of_cycle(tx, cycle.cycle_id)
    requests = {one.stage_id: one for one in await store.open_requests(tx, [plan.stage_id for plan in plans])}
    views = [_category_view(category, plans, requests) for category in categories]
    return CycleView.model_validate(cycle).model_copy(update={"categories": views})


def _category_view(
    category: CategoryRow, plans: Sequence[StagePlan], requests: dict[UUID, ChangeRequest]
) -> CategoryView:
    stages = [_stage_view(plan, requests) for plan in plans if plan.category_id == category.category_id]
    return CategoryView.model_validate(category).model_copy(update={"stages": stages})


def _stage_view(plan: StagePlan, requests: dict[UUID, ChangeRequest]) -> StageView:
    asked = requests.get(plan.stage_id)
    return StageView.model_validate(plan).model_copy(update={"requested": asked.change if asked else None})
