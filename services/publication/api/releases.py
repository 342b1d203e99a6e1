"""Releases: what two persons would confirm, the act itself, what was released, and the bundles."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.publication import store
from services.publication.actions.release.confirming import Confirmable, confirm_release, confirmable
from services.publication.releasing import auditor_key
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.files import DOSSIERS
from shared.kernel.refusals import NotFound
from shared.web.act import Act, acting

ZIP: dict[str, Any] = {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}

router = APIRouter(prefix="/api/publication", tags=["releases"])


class Released(BaseModel):
    """A released list: exactly once, with its content as the public may read it."""

    listing_id: UUID
    category_id: UUID
    supplement: int
    addendum: int
    round: int
    digest: str
    entries: int
    released_at: datetime
    content: dict[str, Any]
    files: list[dict[str, Any]]


@router.get("/cycles/{cycle_id}/release")
async def release_to_confirm(cycle_id: UUID, act: Act = acting("release.confirm")) -> Confirmable:
    """Act and digest for the two-person ticket, the lists, and what is still waited for."""
    return await act.read(lambda tx: confirmable(tx, cycle_id))


@router.post("/cycles/{cycle_id}/release")
async def confirm(cycle_id: UUID, act: Act = acting("release.confirm")) -> Confirmable:
    """Release exactly the lists of the confirmed digest; needs ``X-Ticket``."""
    ticket = act.ticket
    return await act(lambda tx: confirm_release(tx, cycle_id, ticket))


@router.get("/categories/{category_id}/releases")
async def releases(category_id: UUID, request: Request) -> list[Released]:
    """What was released in a category; public."""

    async with request.app.state.service.database.transaction() as tx:
        return [Released(**row.model_dump()) for row in await store.releases(tx, category_id)]


@router.get("/listings/{listing_id}/auditor-bundle", response_class=Response, responses={200: ZIP})
async def auditor_bundle(listing_id: UUID, request: Request, act: Act = acting("bundle.read")) -> Response:
    """The auditor's bundle of a released list (zip); that it was handed out is audited."""

    async def hand_out(tx: Tx) -> None:
        if await store.released_at(tx, listing_id) is None:
            raise NotFound
        await tx.audit("bundle.handed_out", listing=listing_id, copy=new_id())

    await act.read(hand_out)
    content = await request.app.state.service.files.get(DOSSIERS, auditor_key(listing_id))
    headers = {"Content-Disposition": f'attachment; filename="auditor-{listing_id}.zip"'}
    return Response(content, media_type="application/zip", headers=headers)
