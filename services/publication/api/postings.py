"""Postings: what is to be posted, and the record that it was."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from services.publication.actions import postings, terminations
from services.publication.actions.postings import Draft, Posted
from services.publication.actions.terminations import Termination
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/publication", tags=["postings"])

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class PostingBody(BaseModel):
    """A posting to record; ``text`` only if it differs from the draft, ``posted_at`` only if it was not just now."""

    model_config = ConfigDict(extra="forbid")

    stage_id: UUID
    channel: Short
    address: Short
    text: Annotated[str, StringConstraints(min_length=10, max_length=100_000)] | None = None
    posted_at: datetime | None = None


@router.get("/stages/{stage_id}/posting-draft")
async def posting_draft(stage_id: UUID, act: Act = acting("posting.record")) -> Draft:
    """The text of a stage's call or notice to be posted, its digest, and the lawful channels."""
    return await act.read(lambda tx: postings.posting_draft(tx, stage_id))


class TerminationBody(BaseModel):
    """Where the end of a cancelled category was announced, and why it ended."""

    model_config = ConfigDict(extra="forbid")

    channel: Short
    address: Short
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


@router.post("/categories/{category_id}/termination", status_code=201)
async def terminate(category_id: UUID, body: TerminationBody, act: Act = acting("posting.record")) -> Termination:
    """Record the public notice that a cancelled category has ended; once."""
    return await act(
        lambda tx: terminations.terminate_publicly(tx, category_id, body.channel, body.address, body.reason)
    )


@router.post("/postings", status_code=201)
async def record_posting(body: PostingBody, act: Act = acting("posting.record")) -> Posted:
    """Record that a call or notice was posted; what follows counts from it."""
    return await act(
        lambda tx: postings.record_posting(tx, body.stage_id, body.channel, body.address, body.text, body.posted_at)
    )
