"""Objections: filing and following without sign-in; admitting and ruling by the office."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from services.publication.actions import objections
from services.publication.actions.objections import Filed, Followed, Listed, Opened
from services.publication.domain.objections import Objector
from shared.web.act import Act, acting
from shared.web.public_act import PublicAct, public_act

router = APIRouter(prefix="/api/publication/objections", tags=["objections"])

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class ObjectionBody(BaseModel):
    """An objection to one entry of a list in publicity: real name, contact, grounds and what happened."""

    model_config = ConfigDict(extra="forbid")

    stage_id: UUID
    number: Line
    name: Line
    contact: Line
    grounds: Line
    text: Text


class ReasonBody(BaseModel):
    """Why an objection is not taken up."""

    model_config = ConfigDict(extra="forbid")

    reason: Text


class RulingBody(ReasonBody):
    """How an objection is decided, and why."""

    upheld: bool


@router.post("", status_code=201)
async def file(
    body: ObjectionBody, request: Request, act: Annotated[PublicAct, Depends(public_act("objection.file"))]
) -> Filed:
    """File an objection, without sign-in but with a real name; ``code`` is answered once."""
    objector = Objector(name=body.name, contact=body.contact, text=body.text)
    key: bytes = request.app.state.service.secret
    return await act(lambda tx: objections.file_objection(tx, key, body.stage_id, body.number, objector, body.grounds))


@router.get("")
async def list_all(stage_id: UUID | None = None, act: Act = acting("objection.read")) -> list[Listed]:
    """Objections for the office, without who filed them."""
    return await act.read(lambda tx: objections.list_objections(tx, stage_id))


@router.get("/{objection_id}")
async def follow(objection_id: UUID, request: Request, code: Annotated[str, Query(max_length=100)]) -> Followed:
    """How an objection stands, for whoever holds its code."""
    async with request.app.state.service.database.transaction() as tx:
        return await objections.follow(tx, objection_id, code)


@router.post("/{objection_id}/open")
async def open_one(objection_id: UUID, request: Request, act: Act = acting("objection.rule")) -> Opened:
    """An objection with who filed it; audited."""
    key: bytes = request.app.state.service.secret
    return await act.read(lambda tx: objections.open_objection(tx, key, objection_id))


@router.post("/{objection_id}/admit")
async def admit(objection_id: UUID, act: Act = acting("objection.rule")) -> Listed:
    """Take it up for investigation."""
    return await act(lambda tx: objections.admit(tx, objection_id))


@router.post("/{objection_id}/reject-inadmissible")
async def reject(objection_id: UUID, body: ReasonBody, act: Act = acting("objection.rule")) -> Listed:
    """Not taken up, with a reason."""
    return await act(lambda tx: objections.reject_inadmissible(tx, objection_id, body.reason))


@router.post("/{objection_id}/rule")
async def rule(objection_id: UUID, body: RulingBody, act: Act = acting("objection.rule")) -> Listed:
    """Decide once: upheld removes the entry; a second ruling is refused."""
    return await act(lambda tx: objections.rule(tx, objection_id, upheld=body.upheld, reason=body.reason))
