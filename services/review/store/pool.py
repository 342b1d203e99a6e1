"""Reads of the pool: experts, what ties them to organisations, what was contested."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.review.domain.conflicts import Kind, Quoted, Tie, Tied
from services.review.domain.panel import COUNTED, VISIBLE, PanelState
from services.review.domain.pool import Candidate, ExpertState
from services.review.sealing import Sealer
from services.review.store.rows import rows_of
from services.review.tables import (
    CaseCopy,
    Contest,
    Expert,
    ExpertTie,
    OrganisationGroup,
    Panel,
    PanelMember,
    Recusal,
)
from shared.infra.database import Tx
from shared.kernel.calendar import business_date
from shared.kernel.refusals import NotFound


async def experts(tx: Tx) -> list[Expert]:
    """The whole pool, by pool and name."""
    return await rows_of(tx, Expert, order=(Expert.pool, Expert.name, Expert.expert_id))


async def candidates(tx: Tx, sealer: Sealer, stage_id: UUID) -> list[Candidate]:
    """The whole pool as a draw sees it, under the pseudonyms of this panel."""
    load = await running_panels(tx)
    return [
        Candidate(
            expert_id=one.expert_id,
            pseudonym=sealer.pseudonym(stage_id, one.expert_id),
            pool=one.pool,
            available=one.available,
            state=ExpertState(one.state),
            loaded=one.load_cap is not None and load.get(one.expert_id, 0) >= one.load_cap,
        )
        for one in await experts(tx)
    ]


async def running_panels(tx: Tx) -> dict[UUID, int]:
    """On how many panels that are not settled each expert sits."""
    query = (
        select(PanelMember.expert_id, func.count().label("panels"))  # type: ignore[call-overload]
        .join(Panel, col(Panel.stage_id) == col(PanelMember.stage_id))
        .where(col(PanelMember.state).in_(VISIBLE), col(Panel.state) != PanelState.SETTLED)
        .group_by(PanelMember.expert_id)
    )
    return {row.expert_id: row.panels for row in await tx.session.execute(query)}


async def tied(tx: Tx, stage_id: UUID, only: UUID | None = None, *, with_panels: bool) -> list[Tied]:
    """Every expert, or one, with all that may keep him away from a panel; earlier panels are those of other stages."""

    def of(column: object) -> tuple[object, ...]:
        return () if only is None else (column == only,)

    ties: dict[UUID, list[Tie]] = {}
    for row in await rows_of(tx, ExpertTie, *of(ExpertTie.expert_id), order=(ExpertTie.recorded_at, ExpertTie.tie_id)):
        tie = Tie(kind=Kind(row.kind), organisation=row.credit_code, evidence=row.evidence, until=row.until)
        ties.setdefault(row.expert_id, []).append(tie)
    lifted: dict[UUID, set[Quoted]] = {}
    for ruled in await rows_of(tx, Contest, *of(Contest.expert_id), col(Contest.lifted).is_(True)):
        lifted.setdefault(ruled.expert_id, set()).add(quoted_by(ruled))
    judged = await _judged(tx, stage_id, *of(PanelMember.expert_id)) if with_panels else {}
    return [
        Tied(
            expert=one.expert_id,
            employer=one.employer_code,
            ties=tuple(ties.get(one.expert_id, ())),
            judged=judged.get(one.expert_id, {}),
            lifted=frozenset(lifted.get(one.expert_id, ())),
        )
        for one in await rows_of(tx, Expert, *of(Expert.expert_id))
    ]


async def _judged(tx: Tx, stage_id: UUID, *where: object) -> dict[UUID, dict[str, date]]:
    """The last day on which each expert was called for a panel on each organisation and took part."""
    query = (
        select(PanelMember.expert_id, CaseCopy.credit_code, func.max(PanelMember.called_at).label("last"))  # type: ignore[call-overload]
        .join(CaseCopy, col(CaseCopy.stage_id) == col(PanelMember.stage_id))
        .where(col(PanelMember.state).in_(COUNTED), col(CaseCopy.credit_code).is_not(None), *where)
        .where(col(PanelMember.stage_id) != stage_id, col(PanelMember.called_at).is_not(None))
        .group_by(PanelMember.expert_id, CaseCopy.credit_code)
    )
    found: dict[UUID, dict[str, date]] = {}
    for row in await tx.session.execute(query):
        found.setdefault(row.expert_id, {})[row.credit_code] = business_date(row.last)
    return found


async def groups(tx: Tx) -> dict[str, str]:
    """Group by credit code."""
    return {one.credit_code: one.name for one in await rows_of(tx, OrganisationGroup)}


def quoted_by(contest: Contest) -> Quoted:
    """What a contest is about."""
    return Kind(contest.kind), contest.credit_code, contest.evidence


async def contests(tx: Tx) -> list[Contest]:
    """Everything that was contested, newest first."""
    return await rows_of(tx, Contest, order=(col(Contest.contested_at).desc(), Contest.contest_id))


async def ties_of(tx: Tx, expert_id: UUID) -> list[ExpertTie]:
    """The recorded ties of an expert."""
    return await rows_of(tx, ExpertTie, ExpertTie.expert_id == expert_id, order=(ExpertTie.recorded_at,))


async def seats_of(tx: Tx, expert_id: UUID) -> list[PanelMember]:
    """Every seat that an expert was drawn or appointed for, newest first."""
    order = (col(PanelMember.called_at).desc().nulls_last(), PanelMember.stage_id)
    return await rows_of(tx, PanelMember, PanelMember.expert_id == expert_id, order=order)


async def recusals_of(tx: Tx, expert_id: UUID) -> list[Recusal]:
    """Every panel from which an expert stepped aside."""
    return await rows_of(tx, Recusal, Recusal.expert_id == expert_id, order=(Recusal.recorded_at,))


async def expert_acting(tx: Tx) -> Expert:
    """The expert for whom the signed-in account acts."""
    found = await rows_of(tx, Expert, Expert.expert_id.in_(tx.actor.acts_for))  # type: ignore[attr-defined]
    if not found:
        raise NotFound("您的账号没有登记在专家库中。", "not_an_expert")
    return found[0]
