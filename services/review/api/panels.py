"""Panels: overview, frozen list, draw, appointed members, unsealing."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.review import store
from services.review.actions import drawing, seats, unsealing
from services.review.api.base import Body, Done, ExactRoute, Question, Reason, and_done, answer_as, sealer_of
from services.review.reads import panel as views
from shared.infra.database import Tx
from shared.web.act import Act, acting
from shared.web.rights import Role

router = APIRouter(route_class=ExactRoute)


class FreezeBody(Body):
    """The commitment (SHA-256 over the secret's 32 bytes, hex) and the experts excluded for a stated conflict."""

    commitment: str
    conflicts: dict[UUID, Reason] = Field(default_factory=dict)


class FrozenAnswer(BaseModel):
    """The list as it now stands in the audit, waiting for the ledger."""

    attempt: int
    list_digest: str
    commitment: str
    eligible: int
    excluded: list[dict[str, str]]


class DrawQuestion(Question):
    """What is drawn from, and whether the ledger holds it already."""

    attempt: int
    list_digest: str
    commitment: str
    in_ledger: bool


class DrawBody(Body):
    """The secret that was committed to: 64 hex digits."""

    secret: str


class DrawAnswer(BaseModel):
    """The panel by pseudonyms and the transcript that proves it."""

    attempt: int
    transcript_digest: str
    seed: str
    members: list[dict[str, str]]
    alternates: list[dict[str, str | int]]


class ReasonBody(Body):
    """Why."""

    reason: Reason


class AppointBody(Body):
    """Whom the guidance committee appointed."""

    expert_id: UUID


class UnsealQuestion(Question):
    """How many sheets are counted."""

    sheets: int


class Unsealed(BaseModel):
    """The panel was unsealed."""

    stage_id: UUID
    sheets: int
    unsealed_at: datetime


@router.get("/stages")
async def panels(act: Act = acting("panel.read")) -> list[views.PanelOverview]:
    """All panels."""
    names = _sees_names(act)

    async def do(tx: Tx) -> list[views.PanelOverview]:
        return [await views.overview(tx, panel.stage_id, with_names=names) for panel in await store.panels(tx)]

    return await act.read(do)


@router.get("/stages/{stage_id}")
async def panel(stage_id: UUID, act: Act = acting("panel.read")) -> views.PanelOverview:
    """One panel: members, cases, attempts, counts."""
    return await act.read(lambda tx: views.overview(tx, stage_id, with_names=_sees_names(act)))


@router.post("/stages/{stage_id}/freeze")
async def freeze(stage_id: UUID, body: FreezeBody, request: Request, act: Act = acting("panel.freeze")) -> FrozenAnswer:
    """Freeze the list for the draw, with the commitment to the secret."""
    sealer = sealer_of(request)
    return await answer_as(
        FrozenAnswer, act, lambda tx: drawing.freeze_list(tx, sealer, stage_id, body.commitment, dict(body.conflicts))
    )


@router.get("/stages/{stage_id}/draw")
async def draw_question(stage_id: UUID, act: Act = acting("panel.draw")) -> DrawQuestion:
    """The digest for the ticket of the draw."""
    return DrawQuestion.model_validate(await act.read(lambda tx: drawing.draw_question(tx, stage_id)))


@router.post("/stages/{stage_id}/draw")
async def draw(stage_id: UUID, body: DrawBody, act: Act = acting("panel.draw")) -> DrawAnswer:
    """Reveal the secret and draw (ticket ``panel.draw``)."""
    return await answer_as(DrawAnswer, act, lambda tx: drawing.draw(tx, stage_id, body.secret, act.ticket))


@router.get("/stages/{stage_id}/void")
async def void_question(stage_id: UUID, act: Act = acting("panel.void")) -> Question:
    """The digest for the ticket that gives a frozen list up."""
    return Question.model_validate(await act.read(lambda tx: drawing.void_question(tx, stage_id)))


@router.post("/stages/{stage_id}/void")
async def void(stage_id: UUID, body: ReasonBody, act: Act = acting("panel.void")) -> Done:
    """Give a frozen list up without a draw (ticket ``panel.void``)."""
    return await and_done(act, lambda tx: drawing.void_attempt(tx, stage_id, body.reason, act.ticket))


@router.post("/stages/{stage_id}/appoint")
async def appoint(stage_id: UUID, body: AppointBody, request: Request, act: Act = acting("panel.appoint")) -> Done:
    """Add an appointed member."""
    sealer = sealer_of(request)
    return await and_done(act, lambda tx: seats.appoint(tx, sealer, stage_id, body.expert_id))


@router.get("/stages/{stage_id}/unseal")
async def unseal_question(stage_id: UUID, act: Act = acting("panel.unseal")) -> UnsealQuestion:
    """The digest for the ticket of the unsealing."""
    return UnsealQuestion.model_validate(await act.read(lambda tx: unsealing.unseal_question(tx, stage_id)))


@router.post("/stages/{stage_id}/unseal")
async def unseal(stage_id: UUID, act: Act = acting("panel.unseal")) -> Unsealed:
    """Break the seal (ticket ``panel.unseal``)."""
    return await answer_as(Unsealed, act, lambda tx: unsealing.unseal(tx, stage_id, act.ticket))


def _sees_names(act: Act) -> bool:
    return bool(act.actor.roles & {Role.OFFICE, Role.REVIEW_CHAIR})
