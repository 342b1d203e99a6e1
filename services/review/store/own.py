"""An expert's own case, read in one statement with everything that decides whether it is there for him.

Whoever asks, the same statements are asked in the same order: for a case that is his, one he left, one he has a
conflict with, and one that never was.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.review.domain.conflicts import Kind, Tie, Tied
from services.review.domain.panel import COUNTED, MemberState
from services.review.tables import (
    CaseCopy,
    Contest,
    Expert,
    ExpertTie,
    OrganisationGroup,
    Panel,
    PanelKey,
    PanelMember,
    Recusal,
    Sheet,
)
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.calendar import business_date


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A standing case of a panel on which the expert scores, and what may yet keep him away from it.

    ``groups``: group by credit code, of the case's own group alone; ``signed``: he signed a sheet under the current
    key.
    """

    stage: Stage
    panel: Panel
    case: CaseCopy
    member: PanelMember
    tied: Tied
    groups: dict[str, str]
    signed: bool


_TIES = (
    select(
        func.jsonb_agg(
            func.jsonb_build_array(ExpertTie.kind, ExpertTie.credit_code, ExpertTie.evidence, ExpertTie.until),
            type_=JSONB,
        )
    )
    .where(col(ExpertTie.expert_id) == col(PanelMember.expert_id))
    .scalar_subquery()
)
_LIFTED = (
    select(func.jsonb_agg(func.jsonb_build_array(Contest.kind, Contest.credit_code, Contest.evidence), type_=JSONB))
    .where(col(Contest.expert_id) == col(PanelMember.expert_id), col(Contest.lifted).is_(True))
    .scalar_subquery()
)
_other, _same_group = aliased(OrganisationGroup), aliased(OrganisationGroup)
_GROUP = (
    select(func.jsonb_object_agg(_other.credit_code, _other.name, type_=JSONB))
    .join(_same_group, col(_same_group.name) == col(_other.name))
    .where(col(_same_group.credit_code) == col(CaseCopy.credit_code))
    .scalar_subquery()
)
_earlier, _judged_case = aliased(PanelMember), aliased(CaseCopy)
_JUDGED = (
    select(func.max(_earlier.called_at))
    .join(_judged_case, col(_judged_case.stage_id) == col(_earlier.stage_id))
    .where(
        col(_earlier.expert_id) == col(PanelMember.expert_id),
        col(_earlier.stage_id) != col(PanelMember.stage_id),
        col(_earlier.state).in_(COUNTED),
        col(_judged_case.credit_code) == col(CaseCopy.credit_code),
    )
    .scalar_subquery()
)
_KEY = select(func.max(PanelKey.generation)).where(col(PanelKey.stage_id) == col(Sheet.stage_id)).scalar_subquery()
_SIGNED = (
    select(Sheet.digest)  # type: ignore[call-overload]
    .where(
        col(Sheet.stage_id) == col(CaseCopy.stage_id),
        col(Sheet.case_id) == col(CaseCopy.case_id),
        col(Sheet.expert_id) == col(PanelMember.expert_id),
        col(Sheet.generation) == _KEY,
        col(Sheet.version) == 1,
    )
    .exists()
)
_STEPPED_ASIDE = (
    select(Recusal.recusal_id)  # type: ignore[call-overload]
    .where(
        col(Recusal.stage_id) == col(CaseCopy.stage_id),
        col(Recusal.case_id) == col(CaseCopy.case_id),
        col(Recusal.expert_id) == col(PanelMember.expert_id),
    )
    .exists()
)


def _seated(tx: Tx, case_id: UUID) -> tuple[object, ...]:
    """Where the signed-in expert's seat on a panel gives him this case."""
    return (
        CaseCopy.case_id == case_id,
        CaseCopy.standing == "standing",
        col(PanelMember.expert_id).in_(tx.actor.acts_for),
        PanelMember.state == MemberState.UNDERTAKEN,
        col(PanelMember.scores).is_(True),
        ~_STEPPED_ASIDE,
    )


async def hold_own_panels(tx: Tx, case_id: UUID) -> None:
    """Take stage and panel of an own case FOR SHARE: what is read of them afterwards stays until the transaction ends.

    Whoever changes a panel takes its stage FOR UPDATE first, and then the panel; here the order is the same.
    """
    query = (
        select(Stage, Panel)
        .join(Panel, col(Panel.stage_id) == col(Stage.stage_id))
        .join(CaseCopy, col(CaseCopy.stage_id) == col(Stage.stage_id))
        .join(PanelMember, col(PanelMember.stage_id) == col(Stage.stage_id))
        .where(*_seated(tx, case_id))  # type: ignore[arg-type]
        .order_by(col(Stage.stage_id))
        .with_for_update(read=True, of=[Stage, Panel])
    )
    await tx.session.execute(query)


async def own_cases(tx: Tx, case_id: UUID) -> list[OwnCase]:
    """The case on the panels where the signed-in expert scores, in spite of conflicts."""
    query = (
        select(Stage, Panel, CaseCopy, PanelMember, Expert.employer_code, _TIES, _LIFTED, _GROUP, _JUDGED, _SIGNED)  # type: ignore[call-overload]
        .select_from(CaseCopy)
        .join(Stage, col(Stage.stage_id) == col(CaseCopy.stage_id))
        .join(Panel, col(Panel.stage_id) == col(CaseCopy.stage_id))
        .join(PanelMember, col(PanelMember.stage_id) == col(CaseCopy.stage_id))
        .join(Expert, col(Expert.expert_id) == col(PanelMember.expert_id))
        .where(*_seated(tx, case_id))
        .order_by(col(Stage.stage_id))
        .execution_options(populate_existing=True)
    )
    return [_own(*tuple(row)) for row in await tx.session.execute(query)]


def _own(
    stage: Stage,
    panel: Panel,
    case: CaseCopy,
    member: PanelMember,
    employer: str | None,
    ties: list[tuple[str, str, str, str | None]] | None,
    lifted: list[tuple[str, str, str]] | None,
    group: dict[str, str] | None,
    judged: datetime | None,
    signed: bool,
) -> OwnCase:
    organisation = case.credit_code or ""
    tied = Tied(
        expert=member.expert_id,
        employer=employer,
        ties=tuple(_tie(*one) for one in ties or ()),
        judged={organisation: business_date(judged)} if judged else {},
        lifted=frozenset((Kind(kind), code, evidence) for kind, code, evidence in lifted or ()),
    )
    return OwnCase(stage, panel, case, member, tied, group or {}, signed)


def _tie(kind: str, organisation: str, evidence: str, until: str | None) -> Tie:
    return Tie(
        kind=Kind(kind),
        organisation=organisation,
        evidence=evidence,
        until=date.fromisoformat(until) if until else None,
    )
