"""Events as those who order them see them, and ties as the chair sees them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.review import store
from services.review.actions.ordering import sums_of
from services.review.actions.seats import is_ordering
from services.review.actions.unsealing import as_dossier
from services.review.domain.ordering import ties
from services.review.domain.panel import (
    MemberState,
    PanelState,
)
from services.review.domain.sheets import figures_shown
from services.review.rulebooks import category_of, title_of
from shared.infra.database import Tx
from shared.infra.stages import counted_days, stage_row
from shared.kernel.refusals import NotAllowed, NotFound
from shared.web.rights import Role


class EventLine(BaseModel):
    """A nominated event as those who order it see it."""

    case_id: UUID
    name: str
    figures: list[dict[str, Any]]


class OrderTask(BaseModel):
    """The events an orderer puts in order."""

    stage_id: UUID
    category_name: str
    title: str
    closes_at: datetime | None
    counted_days: tuple[str, ...]
    events: list[EventLine]
    open: bool
    handed_in: bool


class TieTask(BaseModel):
    """After the unsealing: place sums, and the groups of events that the chair puts in order."""

    stage_id: UUID
    sums: dict[str, int]
    names: dict[str, str]
    ties: list[list[UUID]]


async def order_task(tx: Tx, stage_id: UUID) -> OrderTask:
    """The events, for a member who signed the undertaking; in neutral order."""
    member = await store.own_seat(tx, stage_id)
    stage = await stage_row(tx, stage_id)
    if member.state != MemberState.UNDERTAKEN or not is_ordering(stage):
        raise NotFound
    panel = await store.panel(tx, stage_id)
    category = category_of(stage)
    handed_in = await store.own_sheet(tx, stage_id, stage_id, member.expert_id) is not None
    cases = [(case.case_id, as_dossier(case)) for case in await store.standing_cases(tx, stage_id)]
    return OrderTask(
        stage_id=stage_id,
        category_name=category.name,
        title=title_of(stage),
        closes_at=stage.closes_at,
        counted_days=counted_days(stage),
        events=[
            EventLine(case_id=case, name=dossier.subject.full_name, figures=figures_shown(category, dossier))
            for case, dossier in cases
        ],
        open=panel.state == PanelState.SCORING and not handed_in,
        handed_in=handed_in,
    )


async def tie_task(tx: Tx, stage_id: UUID) -> TieTask:
    """What the chair decides on after the unsealing."""
    if Role.REVIEW_CHAIR not in tx.actor.roles:
        raise NotAllowed
    stage = await stage_row(tx, stage_id)
    sums = await sums_of(tx, stage)
    names = {str(case.case_id): as_dossier(case).subject.full_name for case in await store.standing_cases(tx, stage_id)}
    return TieTask(
        stage_id=stage_id, sums={str(case): total for case, total in sums.items()}, names=names, ties=ties(sums)
    )
