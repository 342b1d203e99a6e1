"""Who of the pools may be drawn for a panel, who may not, and why."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.review.domain.draw import Eligible, Excluded


class Reason(StrEnum):
    """Why an expert is excluded from a draw; the codes stand in the public transcript."""

    UNAVAILABLE = "unavailable"
    EMPLOYER_APPLIES = "employer_applies"
    CONFLICT_STATED = "conflict_stated"
    ALREADY_ON_PANEL = "already_on_panel"
    POOL_NOT_USED = "pool_not_used"


REASON_WORDS: Mapping[Reason, str] = {
    Reason.UNAVAILABLE: "本次不能参加",
    Reason.EMPLOYER_APPLIES: "所在单位为参评对象",
    Reason.CONFLICT_STATED: "存在利害关系",
    Reason.ALREADY_ON_PANEL: "已是本组成员",
    Reason.POOL_NOT_USED: "不属于本组所用专家库",
}


class Candidate(BaseModel):
    """An expert as the pool knows him: pseudonym for this panel, pool, employer's credit code, available or not."""

    model_config = ConfigDict(frozen=True)

    expert_id: UUID
    pseudonym: str
    pool: str
    employer_code: str | None
    available: bool


def sort_out(
    candidates: Iterable[Candidate],
    *,
    pools: Iterable[str],
    applicants: frozenset[str],
    stated: frozenset[UUID],
    members: frozenset[UUID],
) -> tuple[tuple[Eligible, ...], tuple[Excluded, ...]]:
    """Part the candidates into those who may be drawn and those who may not, both in order of pseudonym.

    Args:
        applicants: credit codes of the organisations under review.
        stated: experts with a conflict that the office recorded.
        members: experts who are or were on this panel already.
    """
    wanted = frozenset(pools)
    eligible, excluded = [], []
    for one in sorted(candidates, key=lambda candidate: candidate.pseudonym):
        reason = _reason(one, wanted, applicants, stated, members)
        if reason is None:
            eligible.append(Eligible(expert=one.pseudonym, pool=one.pool))
        else:
            excluded.append(Excluded(expert=one.pseudonym, pool=one.pool, reason=reason))
    return tuple(eligible), tuple(excluded)


def _reason(
    one: Candidate,
    pools: frozenset[str],
    applicants: frozenset[str],
    stated: frozenset[UUID],
    members: frozenset[UUID],
) -> Reason | None:
    checks = (
        (one.pool not in pools, Reason.POOL_NOT_USED),
        (one.expert_id in members, Reason.ALREADY_ON_PANEL),
        (not one.available, Reason.UNAVAILABLE),
        (one.employer_code in applicants, Reason.EMPLOYER_APPLIES),
        (one.expert_id in stated, Reason.CONFLICT_STATED),
    )
    return next((reason for holds, reason in checks if holds), None)
