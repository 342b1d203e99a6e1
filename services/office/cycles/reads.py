"""Cycles as programs and pages see them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.office.cycles import store
from services.office.cycles.tables import ChangeRequest, Cycle, StagePlan
from shared.infra.database import Tx

# Who stands aside from a case is known to ranking only, where counts are without it; here nobody of them is told any.
_MAY_STAND_ASIDE = frozenset({"co_chair", "guidance"})


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
    term: dict[str, object] | None = None
    paused_on: date | None = None
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
    """A category with its stages: the main track first, then those of refilled seats.

    ``stuck_tracks`` names the tracks (0 main, n the n-th refilled seat) that could not start their next stage.
    """

    category_id: UUID
    key: str
    name: str
    state: str
    entries: int | None
    released_at: datetime | None
    stages: list[StageView] = []
    stuck_tracks: list[int] = []


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
    """All cycles, newest first, with categories and stages; five queries, however many there are."""
    return await views_of(tx, await store.all_cycles(tx))


async def read_cycle(tx: Tx, cycle_id: UUID) -> CycleView:
    """One cycle."""
    return await view_of(tx, await store.cycle_row(tx, cycle_id))


async def view_of(tx: Tx, cycle: Cycle) -> CycleView:
    """A cycle with everything in it."""
    return (await views_of(tx, [cycle]))[0]


async def views_of(tx: Tx, cycles: Sequence[Cycle]) -> list[CycleView]:
    """Cycles with everything in them."""
    ids = [cycle.cycle_id for cycle in cycles]
    categories, plans = await store.categories_of_cycles(tx, ids), await store.stages_of_cycles(tx, ids)
    requests = {one.stage_id: one for one in await store.open_requests(tx, [plan.stage_id for plan in plans])}
    stages: defaultdict[UUID, list[StageView]] = defaultdict(list)
    for plan in plans:
        stages[plan.category_id].append(_stage_view(plan, requests, counts=not tx.actor.roles & _MAY_STAND_ASIDE))
    stuck: defaultdict[UUID, list[int]] = defaultdict(list)
    for track in await store.stuck_tracks(tx, [category.category_id for category in categories]):
        stuck[track.category_id].append(track.supplement)
    found: defaultdict[UUID, list[CategoryView]] = defaultdict(list)
    for row in categories:
        more = {"stages": stages[row.category_id], "stuck_tracks": stuck[row.category_id]}
        found[row.cycle_id].append(CategoryView.model_validate(row).model_copy(update=more))
    return [CycleView.model_validate(one).model_copy(update={"categories": found[one.cycle_id]}) for one in cycles]


def _stage_view(plan: StagePlan, requests: dict[UUID, ChangeRequest], *, counts: bool) -> StageView:
    asked = requests.get(plan.stage_id)
    known = {"requested": asked.change if asked else None, "cases": plan.cases if counts else None}
    return StageView.model_validate(plan).model_copy(update=known)
