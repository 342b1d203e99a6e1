"""Panels: overview, appointed members, unsealing."""

from uuid import UUID

from fastapi import APIRouter, Request

from services.review import store
from services.review.actions import seats
from services.review.api.base import Body, Done, ExactRoute, and_done, sealer_of
from services.review.reads import panel as views
from shared.infra.database import Tx
from shared.web.act import Act, acting
from shared.web.rights import Role

router = APIRouter(route_class=ExactRoute)


class AppointBody(Body):
    """Whom the guidance committee appointed."""

    expert_id: UUID


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


@router.post("/stages/{stage_id}/appoint")
async def appoint(stage_id: UUID, body: AppointBody, request: Request, act: Act = acting("panel.appoint")) -> Done:
    """Add an appointed member."""
    sealer = sealer_of(request)
    return await and_done(act, lambda tx: seats.appoint(tx, sealer, stage_id, body.expert_id))


def _sees_names(act: Act) -> bool:
    return bool(act.actor.roles & {Role.OFFICE, Role.REVIEW_CHAIR})
