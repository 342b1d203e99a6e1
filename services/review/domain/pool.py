"""Who of the pools may be drawn for a panel, who may not, and why."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.review.domain.conflicts import KIND_WORDS
from services.review.domain.draw import Eligible, Excluded


class Reason(StrEnum):
    """Why an expert is excluded from a draw; the codes stand in the public transcript beside those of conflicts."""

    UNAVAILABLE = "unavailable"
    NOT_APPROVED = "not_approved"
    SUSPENDED = "suspended"
    LOADED = "loaded"
    CONFLICT_STATED = "conflict_stated"
    ALREADY_ON_PANEL = "already_on_panel"
    POOL_NOT_USED = "pool_not_used"


REASON_WORDS: Mapping[str, str] = {
    Reason.UNAVAILABLE: "本次不能参加",
    Reason.NOT_APPROVED: "身份信息尚未复核",
    Reason.SUSPENDED: "已暂停",
    Reason.LOADED: "在办审查组已达上限",
    Reason.CONFLICT_STATED: "存在利害关系",
    Reason.ALREADY_ON_PANEL: "已是本组成员",
    Reason.POOL_NOT_USED: "不属于本组所用专家库",
    **{kind.value: words for kind, words in KIND_WORDS.items()},
}


class ExpertState(StrEnum):
    """Recorded by one person, approved by another; suspended with a reason."""

    RECORDED = "recorded"
    APPROVED = "approved"
    SUSPENDED = "suspended"


EXPERT_WORDS: Mapping[str, str] = {
    ExpertState.RECORDED: "待复核",
    ExpertState.APPROVED: "可抽取",
    ExpertState.SUSPENDED: "已暂停",
}


class Candidate(BaseModel):
    """An expert as the pool knows him: pseudonym for this panel, pool, state, running panels against the cap."""

    model_config = ConfigDict(frozen=True)

    expert_id: UUID
    pseudonym: str
    pool: str
    available: bool = True
    state: ExpertState = ExpertState.APPROVED
    loaded: bool = False


def sort_out(
    candidates: Iterable[Candidate],
    *,
    pools: Iterable[str],
    conflicts: Mapping[UUID, str],
    stated: frozenset[UUID],
    members: frozenset[UUID],
) -> tuple[tuple[Eligible, ...], tuple[Excluded, ...]]:
    """Part the candidates into those who may be drawn and those who may not, both in order of pseudonym.

    Args:
        conflicts: the kind of the gravest conflict of each expert who has one.
        stated: experts with a conflict that the office recorded for this draw.
        members: experts who are or were on this panel already.
    """
    wanted = frozenset(pools)
    eligible, excluded = [], []
    for one in sorted(candidates, key=lambda candidate: candidate.pseudonym):
        reason = _reason(one, wanted, conflicts, stated, members)
        if reason is None:
            eligible.append(Eligible(expert=one.pseudonym, pool=one.pool))
        else:
            excluded.append(Excluded(expert=one.pseudonym, pool=one.pool, reason=reason))
    return tuple(eligible), tuple(excluded)


def _reason(
    one: Candidate,
    pools: frozenset[str],
    conflicts: Mapping[UUID, str],
    stated: frozenset[UUID],
    members: frozenset[UUID],
) -> str | None:
    checks: tuple[tuple[bool, str], ...] = (
        (one.pool not in pools, Reason.POOL_NOT_USED),
        (one.expert_id in members, Reason.ALREADY_ON_PANEL),
        (one.state is ExpertState.RECORDED, Reason.NOT_APPROVED),
        (one.state is ExpertState.SUSPENDED, Reason.SUSPENDED),
        (not one.available, Reason.UNAVAILABLE),
        (one.loaded, Reason.LOADED),
        (one.expert_id in conflicts, conflicts.get(one.expert_id, "")),
        (one.expert_id in stated, Reason.CONFLICT_STATED),
    )
    return next((str(reason) for holds, reason in checks if holds), None)
