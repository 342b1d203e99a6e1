"""Who may fill a seat that fell empty."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from shared.kernel.refusals import NotFound, Refusal


class Candidate(Protocol):
    """A ranked case that is on no list."""

    case_id: UUID
    rank: int | None


def next_in_line(candidates: Sequence[Candidate]) -> list[UUID]:
    """The best of the candidates; several when they share the rank."""
    best = min((one.rank for one in candidates if one.rank is not None), default=None)
    return [one.case_id for one in candidates if one.rank is not None and one.rank == best]


def check_filling(chosen: UUID, following: Sequence[UUID], candidates: Sequence[UUID], reason: str | None) -> None:
    """Refuse a case that cannot fill the seat, and one that is not next in line without a reason."""
    if chosen not in candidates:
        raise NotFound("所提案件不在可递补的案件之中。")
    if (chosen not in following or len(following) > 1) and not (reason or "").strip():
        raise Refusal("departure_needs_reason", "未按排序递补或名次相同，须写明理由。", field="reason")
