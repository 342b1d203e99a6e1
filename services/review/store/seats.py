"""Reads of who sits on a panel and how far each one is."""

from uuid import UUID

from sqlalchemy import case, select
from sqlmodel import col

from services.review.domain.panel import VISIBLE, MemberKind, MemberState, Progress, Seat
from services.review.store.pool import expert_acting
from services.review.store.rows import rows_of
from services.review.store.signatures import signed_under_the_current_key
from services.review.tables import (
    PanelMember,
    Recusal,
    Sheet,
    Undertaking,
)
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound


async def members(tx: Tx, stage_id: UUID) -> list[PanelMember]:
    """All members and alternates: by attempt, drawn ones in order of draw, alternates by pool and place, appointed."""
    kind = case(
        (col(PanelMember.kind) == MemberKind.DRAWN, 0), (col(PanelMember.kind) == MemberKind.ALTERNATE, 1), else_=2
    )
    pool = case((col(PanelMember.kind) == MemberKind.DRAWN, ""), else_=col(PanelMember.pool))
    order = (PanelMember.attempt, kind, pool, PanelMember.place, PanelMember.label)
    return await rows_of(tx, PanelMember, PanelMember.stage_id == stage_id, order=order)


async def memberships(tx: Tx, expert_id: UUID) -> list[PanelMember]:
    """The panels an expert was called to."""
    standby = MemberState.STANDBY.value
    return await rows_of(tx, PanelMember, PanelMember.expert_id == expert_id, PanelMember.state != standby)


async def own_seat(tx: Tx, stage_id: UUID, *, update: bool = False) -> PanelMember:
    """The signed-in expert's seat on a panel; asked before anything else of the panel is looked at.

    Who was never called, refused, let the term pass or was recused is told the same as of a panel that does not exist.
    """
    expert = await expert_acting(tx)
    member = await tx.session.get(PanelMember, (stage_id, expert.expert_id), populate_existing=update)
    if member is None or member.state not in VISIBLE:
        raise NotFound
    return member


def seat(member: PanelMember) -> Seat:
    """A member as the seat rules see it."""
    return Seat(
        expert=member.expert_id,
        kind=MemberKind(member.kind),
        pool=member.pool,
        attempt=member.attempt,
        place=member.place,
        state=MemberState(member.state),
        scores=member.scores,
    )


async def progress(tx: Tx, stage_id: UUID) -> Progress:
    """Who signed what, and which pairs are recused."""
    signed = await tx.session.execute(
        select(Sheet.case_id, Sheet.expert_id).where(*signed_under_the_current_key(stage_id))  # type: ignore[call-overload]
    )
    recusals = await rows_of(tx, Recusal, Recusal.stage_id == stage_id)
    return Progress(
        signed=frozenset((row.case_id, row.expert_id) for row in signed),
        recused=frozenset((one.case_id, one.expert_id) for one in recusals if one.case_id is not None),
    )


async def undertaking(tx: Tx, stage_id: UUID, expert_id: UUID) -> Undertaking | None:
    """The expert's answer to the call, if there is one."""
    return await tx.session.get(Undertaking, (stage_id, expert_id))
