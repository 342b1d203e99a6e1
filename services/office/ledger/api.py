"""The ledger as JSON: its entries, its newest checkpoint, the key that signs it, and any gap."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.office.ledger import store
from services.office.ledger.actions import entry_json
from services.office.ledger.keys import public_key_hex, public_key_pem
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/office/ledger", tags=["ledger"])


class CheckpointView(BaseModel):
    """A signed checkpoint: ``text`` is the note as printed."""

    size: int
    head: str
    text: str
    signed_at: datetime


class PublicKeyView(BaseModel):
    """The Ed25519 key that signs checkpoints."""

    algorithm: str
    hex: str
    pem: str


class SourceView(BaseModel):
    """How far the ledger holds a source."""

    source: str
    number: int
    chain: str


class GapView(BaseModel):
    """Entries that arrived before the ones they follow on: ``missing_from`` to ``first`` - 1 are not here yet."""

    source: str
    missing_from: int
    first: int
    since: datetime


@router.get("/gaps")
async def gaps(act: Act = acting("ledger.read")) -> list[GapView]:
    """What waits for entries that have not arrived, oldest first; empty is as it should be."""

    async def read(tx: Tx) -> list[GapView]:
        return [
            GapView(
                source=run.source,
                missing_from=(await store.head_of(tx, run.source)).number + 1,
                first=run.first,
                since=run.since,
            )
            for run in await store.gaps(tx)
        ]

    return await act.read(read)


@router.get("/checkpoint")
async def checkpoint(act: Act = acting("ledger.read")) -> CheckpointView:
    """The newest signed checkpoint."""

    async def read(tx: Tx) -> CheckpointView:
        newest = await store.newest_checkpoint(tx)
        if newest is None:
            raise NotFound("还没有签署过检查点。")
        return CheckpointView.model_validate(newest, from_attributes=True)

    return await act.read(read)


@router.get("/entries")
async def entries(
    first: Annotated[int, Query(alias="from", ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    act: Act = acting("ledger.read"),
) -> list[dict[str, Any]]:
    """Entries from an index on."""

    async def read(tx: Tx) -> list[dict[str, Any]]:
        return [entry_json(entry) for entry in await store.entries_from(tx, first, limit)]

    return await act.read(read)


@router.get("/public-key")
async def public_key(request: Request, act: Act = acting("ledger.read")) -> PublicKeyView:
    """The key to check checkpoints with."""
    service = request.app.state.service

    async def read(_tx: Tx) -> PublicKeyView:
        return PublicKeyView(algorithm="Ed25519", hex=public_key_hex(service), pem=public_key_pem(service))

    return await act.read(read)


@router.get("/sources")
async def sources(act: Act = acting("ledger.read")) -> list[SourceView]:
    """How far the ledger holds each source."""

    async def read(tx: Tx) -> list[SourceView]:
        return [SourceView.model_validate(head, from_attributes=True) for head in await store.heads(tx)]

    return await act.read(read)
