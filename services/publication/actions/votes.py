"""Public votes: candidates from the manifest, one vote a token, counts shown after the end."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.publication import store
from services.publication.actions.publicity import plan
from services.publication.actions.sites import FIXED
from services.publication.domain.steps import Desk, in_vote
from services.publication.domain.votes import (
    LIMIT_TEXT,
    TOKEN_WINDOW_MINUTES,
    TOKENS_PER_ADDRESS,
    TooManyTokens,
    check_choices,
    count,
)
from services.publication.tables import Poll, Vote, VoteToken
from shared.contracts.dossiers import Manifest
from shared.contracts.facts import PartDeposited
from shared.contracts.workflows import StageRef, Todo
from shared.infra.database import Tx
from shared.infra.manifests import keep_manifest
from shared.infra.stages import (
    close_stage,
    open_stage,
    stage_for_act,
    stage_place,
    stage_row,
    term_is_over,
)
from shared.infra.tables import Stage
from shared.kernel.canonical import digest_bytes
from shared.kernel.refusals import Conflict, NotFound, Refusal
from shared.kernel.stages import RUNNING, StageState
from shared.rulebook import StageKind
from shared.rulebook.stages import PublicVoteParams


class Candidate(BaseModel):
    """Who or what may be voted for."""

    number: str
    name: str


class PollView(BaseModel):
    """A vote as anybody may see it; counts only after its end."""

    stage_id: UUID
    category_id: UUID
    title: str
    choices: int
    candidates: tuple[Candidate, ...]
    open: bool
    closes_at: datetime | None
    limit: str = LIMIT_TEXT
    votes: int | None = None
    counts: dict[str, int] | None = None


class Token(BaseModel):
    """A right to one vote, and how many a network address may have."""

    token: str
    limit: str = LIMIT_TEXT


class Cast(BaseModel):
    """The receipt of a vote; it stands in the published votes after the end."""

    receipt: str
    cast_at: datetime


async def vote_step(tx: Tx, ref: StageRef) -> Todo:
    """What a public vote's workflow does next."""
    stage = await tx.session.get(Stage, ref.stage_id)
    desk = Desk(state=StageState(stage.state), closes_at=stage.closes_at) if stage else Desk()
    return plan(tx, in_vote(desk, tx.now))


async def begin_vote(tx: Tx, ref: StageRef, manifest: Manifest) -> None:
    """Open the vote over the cases of the manifest, with its term."""
    stage = await _open(tx, ref)
    await keep_manifest(tx, manifest, ref.manifest_digest or "")
    candidates = [{"number": entry.number, "name": entry.subject.name} for entry in manifest.entries]
    row = {"stage_id": ref.stage_id, "category_id": ref.category_id, "choices": _params(stage).choices}
    statement = insert(Poll).values(**row, candidates=candidates)
    await tx.session.execute(statement.on_conflict_do_nothing(index_elements=["stage_id"]))
    await _touched(tx)


async def _open(tx: Tx, ref: StageRef) -> Stage:
    rules = store.rules_of(ref).stage(StageKind.PUBLIC_VOTE)
    if rules is None or not isinstance(rules.params, PublicVoteParams):
        raise Conflict("no_vote", "该项目的实施办法没有公众投票阶段。")
    term = rules.params.term
    return await open_stage(tx, ref, length=term.length, unit=term.unit.value)


def _params(stage: Stage) -> PublicVoteParams:
    rules = store.rules_of(stage).stage(StageKind.PUBLIC_VOTE)
    if rules is None or not isinstance(rules.params, PublicVoteParams):
        raise LookupError(f"category {stage.category_key} has no public vote")
    return rules.params


async def issue_token(tx: Tx, secret: bytes, stage_id: UUID, address: str, key: str) -> Token:
    """A voting token for an address; the same key gives the same token, so that a repeat is no second one.

    Raises:
        TooManyTokens: the address has had its share within the window.
    """
    await _poll(tx, stage_id)
    await stage_for_act(tx, stage_id)
    token = _keyed(secret, "token", stage_id, address, key)[:40]
    await tx.lock("tokens", stage_id, address)
    if await tx.session.get(VoteToken, digest_bytes(token.encode())) is not None:
        return Token(token=token)
    since = tx.now - timedelta(minutes=TOKEN_WINDOW_MINUTES)
    query = select(func.count()).where(
        VoteToken.stage_id == stage_id,  # type: ignore[arg-type]
        VoteToken.address == address,  # type: ignore[arg-type]
        VoteToken.issued_at > since,  # type: ignore[arg-type]
    )
    if (await tx.session.execute(query)).scalar_one() >= TOKENS_PER_ADDRESS:
        raise TooManyTokens
    tx.session.add(
        VoteToken(token_digest=digest_bytes(token.encode()), stage_id=stage_id, address=address, issued_at=tx.now)
    )
    return Token(token=token)


async def cast_vote(tx: Tx, secret: bytes, stage_id: UUID, token: str, choices: tuple[str, ...]) -> Cast:
    """One vote per token; the same vote again returns its receipt, another one is refused."""
    await stage_for_act(tx, stage_id)
    poll = await _poll(tx, stage_id)
    known = await tx.session.get(VoteToken, digest_bytes(token.encode()))
    if known is None or known.stage_id != stage_id:
        raise Refusal("unknown_token", "选票无效，请重新领取。", field="token")
    chosen = check_choices(choices, [one["number"] for one in poll.candidates], poll.choices)
    # The pseudonym follows from the token under the service's key alone: rows of tokens and votes do not join.
    pseudonym = _keyed(secret, "vote", stage_id, token)
    receipt = f"TP-{secrets.token_hex(8).upper()}"
    statement = insert(Vote).values(
        receipt=receipt, stage_id=stage_id, pseudonym=pseudonym, choices=list(chosen), cast_at=tx.now
    )
    fresh = await tx.session.execute(
        statement.on_conflict_do_nothing(constraint="one_vote_per_token").returning(Vote.receipt)  # type: ignore[call-overload]
    )
    if fresh.one_or_none() is None:
        return await _first_vote(tx, stage_id, pseudonym, chosen)
    return Cast(receipt=receipt, cast_at=tx.now)


async def _first_vote(tx: Tx, stage_id: UUID, pseudonym: str, chosen: tuple[str, ...]) -> Cast:
    query = select(Vote).where(Vote.stage_id == stage_id, Vote.pseudonym == pseudonym)  # type: ignore[arg-type]
    first: Vote = (await tx.session.execute(query)).scalar_one()
    if tuple(first.choices) != chosen:
        raise Conflict("already_voted", "这张选票已经投出，不能更改。")
    return Cast(receipt=first.receipt, cast_at=first.cast_at)


async def close_vote(tx: Tx, stage_id: UUID) -> None:
    """Count, publish votes by receipt as a part of the bundle, and close; the manifest goes on as it came."""
    stage = await stage_row(tx, stage_id, update=True)
    poll = await _poll(tx, stage_id)
    if StageState(stage.state) not in RUNNING or not term_is_over(stage, tx.now):
        return
    query = select(Vote).where(Vote.stage_id == stage_id).order_by(Vote.receipt)  # type: ignore[arg-type]
    votes = list((await tx.session.execute(query)).scalars())
    poll.counts = count([vote.choices for vote in votes], [one["number"] for one in poll.candidates])
    poll.votes, poll.counted_at = len(votes), tx.now
    tx.session.add(poll)
    part = {
        "stage_id": stage_id,
        "candidates": poll.candidates,
        "counts": poll.counts,
        "votes": [{"receipt": vote.receipt, "choices": vote.choices} for vote in votes],
    }
    digest = await tx.put_dossier(part, "bundle-part")
    await tx.audit("votes.counted", **stage_place(stage), public=digest, votes=len(votes))
    await tx.emit(_deposit(tx, stage, digest))
    await close_stage(tx, stage)
    await _touched(tx)


def _deposit(tx: Tx, stage: Stage, digest: str) -> PartDeposited:
    place: dict[str, Any] = {"cycle_id": stage.cycle_id, "category_id": stage.category_id}
    return PartDeposited(source=tx.service, **place, audience="public", name="votes.json", digest=digest)


async def poll_view(tx: Tx, stage_id: UUID) -> PollView:
    """A vote as anybody may see it."""
    poll = await _poll(tx, stage_id)
    stage = await stage_row(tx, stage_id)
    return PollView(
        stage_id=stage_id,
        category_id=poll.category_id,
        title=store.rules_of(stage).name,
        choices=poll.choices,
        candidates=tuple(Candidate(**one) for one in poll.candidates),
        open=StageState(stage.state) is StageState.OPEN and not term_is_over(stage, tx.now),
        closes_at=stage.closes_at,
        votes=poll.votes,
        counts=poll.counts,
    )


async def poll_views(tx: Tx) -> list[PollView]:
    """All votes, open ones first."""
    found = [await poll_view(tx, poll.stage_id) for poll in (await tx.session.execute(select(Poll))).scalars()]
    return sorted(found, key=lambda poll: (not poll.open, poll.title))


async def _poll(tx: Tx, stage_id: UUID) -> Poll:
    poll = await tx.session.get(Poll, stage_id)
    if poll is None:
        raise NotFound("没有找到这项投票。")
    return poll


async def _touched(tx: Tx) -> None:
    for path in ("/index.html", "/votes/index.html"):
        await store.want_page(tx, path, FIXED[path])


def _keyed(secret: bytes, *parts: object) -> str:
    text = "/".join(str(part) for part in parts)
    return hmac.new(secret, text.encode(), sha256).hexdigest()
