"""Cycles as JSON: open one, look at it, ask changes of its stages, date its release."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.office.cycles import actions, store
from services.office.cycles.reads import ChangeView, CycleView, read_cycle, read_cycles, view_of
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.kernel.stages import StageChange
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/office", tags=["cycles"])


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class OpenCycle(Body):
    """A year to open under a pinned rulebook version; no categories named means all of the rulebook's."""

    rulebook_id: str
    rulebook_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    year: int = Field(ge=2000, le=2100)
    title: str = Field(min_length=1, max_length=100)
    categories: list[str] = []
    accept_unconfirmed_reason: str | None = Field(default=None, max_length=500)


class AskChange(Body):
    """A change to ask of a stage's owner; ``days`` for an extension, in the unit of the stage's term."""

    change: StageChange
    days: int | None = None
    reason: str = Field(min_length=1, max_length=500)


class DateRelease(Body):
    """The instant after which the release no longer waits."""

    release_at: AwareDatetime


class RulebookView(BaseModel):
    """A rulebook that ships with this installation."""

    rulebook_id: str
    digest: str
    title: str
    version: str
    unconfirmed: list[str]
    categories: dict[str, str]


class ToConfirm(BaseModel):
    """What to ask a two-person ticket for."""

    act: str
    digest: str
    subject: str


class ReleaseDate(BaseModel):
    """The date the office set."""

    cycle_id: UUID
    release_at: datetime | None


@router.get("/rulebooks")
async def rulebooks(act: Act = acting("cycle.read")) -> list[RulebookView]:
    """The rulebooks a cycle may be opened under, with their unconfirmed readings."""

    async def read(_tx: Tx) -> list[RulebookView]:
        return [
            RulebookView(
                rulebook_id=book.id,
                digest=book.digest,
                title=book.title,
                version=book.version,
                unconfirmed=[setting.id for setting in book.unconfirmed()],
                categories={category.key: category.name for category in book.categories},
            )
            for book in load_shipped().values()
        ]

    return await act.read(read)


@router.post("/cycles", status_code=HTTPStatus.CREATED)
async def open_cycle(body: OpenCycle, act: Act = acting("cycle.open")) -> CycleView:
    """Open a cycle and plan its stages; with unconfirmed readings only for a stated reason."""

    async def do(tx: Tx) -> CycleView:
        cycle = await actions.open_cycle(tx, **body.model_dump())
        await tx.session.flush()
        return await view_of(tx, cycle)

    return await act(do)


@router.get("/cycles")
async def cycles(act: Act = acting("cycle.read")) -> list[CycleView]:
    """All cycles, newest first."""
    return await act.read(read_cycles)


@router.get("/cycles/{cycle_id}")
async def cycle(cycle_id: UUID, act: Act = acting("cycle.read")) -> CycleView:
    """One cycle: categories, stages with their terms, whom they wait for, what is stuck."""
    return await act.read(lambda tx: read_cycle(tx, cycle_id))


@router.post("/cycles/{cycle_id}/release-date")
async def date_release(cycle_id: UUID, body: DateRelease, act: Act = acting("release.date")) -> ReleaseDate:
    """Set the date after which the release goes on without held or refilled entries."""

    async def do(tx: Tx) -> ReleaseDate:
        dated = await actions.date_release(tx, cycle_id, body.release_at)
        return ReleaseDate(cycle_id=cycle_id, release_at=dated.release_at)

    return await act(do)


@router.post("/stages/{stage_id}/changes", status_code=HTTPStatus.ACCEPTED)
async def ask_change(stage_id: UUID, body: AskChange, act: Act = acting("stage.change")) -> ChangeView:
    """Ask the stage's owner for a change. To cancel takes a ticket (``X-Ticket``)."""

    async def do(tx: Tx) -> ChangeView:
        ticket = act.ticket if body.change is StageChange.CANCEL else None
        asked = await actions.ask_change(tx, stage_id, body.change, body.days, body.reason, ticket)
        return ChangeView.model_validate(asked)

    return await act(do)


@router.get("/stages/{stage_id}/changes")
async def changes(stage_id: UUID, act: Act = acting("cycle.read")) -> list[ChangeView]:
    """What was asked of a stage, newest first, with the owner's answers."""

    async def read(tx: Tx) -> list[ChangeView]:
        return [ChangeView.model_validate(one) for one in await store.changes_of(tx, stage_id)]

    return await act.read(read)


@router.get("/stages/{stage_id}/cancellation")
async def cancellation(stage_id: UUID, reason: str, act: Act = acting("stage.change")) -> ToConfirm:
    """What to ask a two-person ticket for before cancelling a stage with this reason."""

    async def read(tx: Tx) -> ToConfirm:
        plan = await store.stage_plan(tx, stage_id)
        category = await store.category_row(tx, plan.category_id)
        return ToConfirm(
            act=actions.STAGE_CHANGE,
            digest=actions.cancel_digest(stage_id, reason),
            subject=f"终止“{category.name}”（{plan.title}阶段）：{reason}",
        )

    return await act.read(read)
