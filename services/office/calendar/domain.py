"""What an import would change. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel.calendar import Term, WorkingCalendar, YearNotice, recount


@dataclass(frozen=True)
class OpenTerm:
    """A running term as its owner last stated it."""

    stage_id: UUID
    term: Term


@dataclass(frozen=True)
class TermMove:
    """A running term that another calendar would move or make certain."""

    stage_id: UUID
    before: datetime
    after: datetime
    provisional_before: bool
    provisional_after: bool


def moves_under(new: WorkingCalendar, terms: Iterable[OpenTerm]) -> list[TermMove]:
    """The terms that differ once recounted; a firm term never ends earlier."""
    found = []
    for one in terms:
        fresh = recount(one.term, new)
        if (fresh.closes_at, fresh.provisional) != (one.term.closes_at, one.term.provisional):
            found.append(
                TermMove(one.stage_id, one.term.closes_at, fresh.closes_at, one.term.provisional, fresh.provisional)
            )
    return found


def import_content(notice: YearNotice) -> dict[str, object]:
    """What two persons agree to, and what is kept and handed on."""
    return notice.model_dump(mode="json")
