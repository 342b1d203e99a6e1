"""Draws: freeze, commit, reveal, void, stand-ins, and how the running attempt stands."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.review.actions import drawing
from services.review.api.base import Body, Done, ExactRoute, Question, Reason, and_done, answer_as, sealer_of
from services.review.beacons import installed, require_ahead
from services.review.domain.draw import BeaconRound
from services.review.reads import draw as views
from shared.infra.database import Tx
from shared.web.act import Act, acting

router = APIRouter(route_class=ExactRoute)


class BeaconBody(Body):
    """A public source of randomness and a round of it that is not out yet."""

    name: str
    round: int = Field(ge=0)


class FreezeBody(Body):
    """Experts excluded for a stated conflict; the case whose enterprise takes part; a beacon."""

    conflicts: dict[UUID, Reason] = Field(default_factory=dict)
    applicants: UUID | None = None
    beacon: BeaconBody | None = None


class FrozenAnswer(BaseModel):
    """The list as it now stands in the audit, waiting for the ledger."""

    attempt: int
    list_digest: str
    eligible: int
    excluded: list[dict[str, str]]
    parties: list[str]


class CommitBody(Body):
    """The party's commitment; docs/draw.md says over what it is taken."""

    party: str
    commitment: str


class RevealBody(Body):
    """The party's secret: 64 hex digits."""

    party: str
    secret: str


class Answered(BaseModel):
    """Where the attempt stands now, and which parties still have to answer in this phase."""

    attempt: int
    phase: str
    waiting: list[str]


class ReasonBody(Body):
    """Why."""

    reason: Reason


class StandInBody(Body):
    """Who takes part instead of a party that was silent twice, and why."""

    party: str
    by: str
    reason: Reason


@router.post("/stages/{stage_id}/freeze")
async def freeze(stage_id: UUID, body: FreezeBody, request: Request, act: Act = acting("panel.freeze")) -> FrozenAnswer:
    """Freeze the list for the draw."""
    sealer, beacons = sealer_of(request), installed(request.app.state.service.settings.beacon_dir)
    beacon = BeaconRound(**body.beacon.model_dump()) if body.beacon else None
    if beacon is not None:
        await require_ahead(beacons, beacon.name, beacon.round)
    wanted = drawing.Wanted(conflicts=dict(body.conflicts), applicants=body.applicants, beacon=beacon)
    return await answer_as(FrozenAnswer, act, lambda tx: drawing.freeze_list(tx, sealer, stage_id, wanted))


@router.get("/stages/{stage_id}/draw")
async def draw(stage_id: UUID, act: Act = acting("draw.take_part")) -> views.DrawView:
    """The newest attempt as its parties see it."""
    return await act.read(lambda tx: views.draw_view(tx, stage_id))


@router.post("/stages/{stage_id}/commit")
async def commit(stage_id: UUID, body: CommitBody, act: Act = acting("draw.take_part")) -> Answered:
    """Commit to a secret, with fresh proof."""
    return await answer_as(Answered, act, lambda tx: drawing.commit(tx, stage_id, body.party, body.commitment))


@router.post("/stages/{stage_id}/reveal")
async def reveal(stage_id: UUID, body: RevealBody, act: Act = acting("draw.take_part")) -> Answered:
    """Reveal the secret, with fresh proof."""
    return await answer_as(Answered, act, lambda tx: drawing.reveal(tx, stage_id, body.party, body.secret))


@router.get("/stages/{stage_id}/void")
async def void_question(stage_id: UUID, act: Act = acting("panel.void")) -> Question:
    """The digest for the ticket that gives a frozen list up."""
    return Question.model_validate(await act.read(lambda tx: drawing.void_question(tx, stage_id)))


@router.post("/stages/{stage_id}/void")
async def void(stage_id: UUID, body: ReasonBody, act: Act = acting("panel.void")) -> Done:
    """Give a frozen list up without a draw (ticket ``panel.void``)."""
    return await and_done(act, lambda tx: drawing.void_attempt(tx, stage_id, body.reason, act.ticket))


@router.post("/stages/{stage_id}/stand-in")
async def stand_in(stage_id: UUID, body: StandInBody, act: Act = acting("draw.stand_in")) -> Done:
    """Name who takes part instead of a party that was silent twice."""

    async def do(tx: Tx) -> None:
        await drawing.name_stand_in(tx, stage_id, body.party, body.by, body.reason)

    return await and_done(act, do)
