"""A draw as its parties see it: the newest attempt, who has answered, and what is awaited until when."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.review import store
from services.review.actions.drawing.taking_part import in_ledger, is_for, own_parties
from services.review.domain.parties import PARTY_NAMES, PHASE_WORDS, Phase, absent
from services.review.tables import DrawParty
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.infra.tables import Dossier
from shared.kernel.refusals import NotFound


class PartyLine(BaseModel):
    """How a party stands; its commitment once made, its secret only when all have revealed.

    ``yours``: the signed-in person may act for it; ``awaited``: it has to answer now.
    """

    key: str
    name: str
    committed_at: datetime | None
    revealed_at: datetime | None
    commitment: str | None
    secret: str | None
    yours: bool
    awaited: bool


class DrawView(BaseModel):
    """The newest attempt of a panel's draw."""

    stage_id: UUID
    attempt: int
    algorithm: str
    phase: str
    phase_words: str
    list_digest: str
    in_ledger: bool
    frozen_at: datetime
    until: datetime | None
    parties: list[PartyLine]
    beacon: dict[str, str | int] | None
    silent: list[str]
    void_reason: str | None
    transcript_digest: str | None


async def draw_view(tx: Tx, stage_id: UUID) -> DrawView:
    """The newest attempt; an enterprise that takes no part finds nothing."""
    panel = await store.panel(tx, stage_id)
    if not panel.attempt:
        raise NotFound
    attempt = await store.current_attempt(tx, panel)
    await own_parties(tx, attempt)
    stage, rows, phase = await stage_row(tx, stage_id), await store.parties(tx, attempt), Phase(attempt.phase)
    waiting = absent(phase, [store.stand(row) for row in rows])
    return DrawView(
        stage_id=stage_id,
        attempt=attempt.attempt,
        algorithm=attempt.frozen_list["algorithm"],
        phase=phase,
        phase_words=PHASE_WORDS[phase],
        list_digest=attempt.list_digest,
        in_ledger=await in_ledger(tx, attempt),
        frozen_at=attempt.frozen_at,
        until=stage.closes_at if waiting else None,
        parties=[_line(tx, row, phase, waiting) for row in rows],
        beacon=attempt.frozen_list.get("beacon"),
        silent=attempt.silent,
        void_reason=attempt.void_reason,
        transcript_digest=attempt.transcript_digest,
    )


async def transcript(tx: Tx, stage_id: UUID, attempt: int) -> bytes:
    """The bytes of a drawn attempt's transcript, as its digest in the ledger proves them."""
    found = next((one for one in await store.attempts(tx, stage_id) if one.attempt == attempt), None)
    if found is None:
        raise NotFound
    await own_parties(tx, found)
    kept = await tx.session.get(Dossier, found.transcript_digest) if found.transcript_digest else None
    if kept is None:
        raise NotFound
    return kept.content


def _line(tx: Tx, row: DrawParty, phase: Phase, waiting: list[str]) -> PartyLine:
    return PartyLine(
        key=row.party,
        name=PARTY_NAMES[row.party],
        committed_at=row.committed_at,
        revealed_at=row.revealed_at,
        commitment=row.commitment,
        secret=row.secret if phase in (Phase.REVEALED, Phase.DRAWN) else None,
        yours=is_for(tx, row),
        awaited=row.party in waiting,
    )
