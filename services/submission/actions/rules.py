"""Which rules a stage or a case stands under, and when reminders are due."""

from datetime import date, datetime, time
from typing import Any, Protocol, cast
from uuid import UUID

from shared.infra.rulebooks import by_digest
from shared.infra.tables import Stage
from shared.kernel.calendar import CHINA_TIME, WorkingCalendar, working_days_before
from shared.rulebook import Category, Rulebook, StageKind, Term

MORNING = time(9)


class Ruled(Protocol):
    """Anything that pins a category of a rulebook: a stage row, a stage reference, a case."""

    @property
    def category_key(self) -> str:
        """Key of the category in its rulebook."""

    @property
    def rulebook_id(self) -> str:
        """Id of the rulebook."""

    @property
    def rulebook_digest(self) -> str:
        """Digest of the pinned version."""


def book_of(ruled: Ruled) -> Rulebook:
    """The pinned rulebook.

    Raises:
        UnknownRulebookVersion: this installation does not hold it.
    """
    return by_digest(ruled.rulebook_id, ruled.rulebook_digest)


def category_of(ruled: Ruled) -> Category:
    """The pinned category."""
    return book_of(ruled).category(ruled.category_key)


def articles_of(ruled: Ruled) -> frozenset[str]:
    """Articles and attachments that a decision may name."""
    return frozenset(article.number for article in book_of(ruled).articles)


def stage_params(ruled: Ruled, kind: str) -> Any:
    """The typed parameters of the category's stage of that kind."""
    stage = category_of(ruled).stage(StageKind(kind))
    if stage is None:
        raise LookupError(f"category {ruled.category_key} has no stage {kind}")
    return stage.params


def stage_article(ruled: Ruled, kind: str) -> str:
    """The article a stage stands under."""
    stage = category_of(ruled).stage(StageKind(kind))
    if stage is None:
        raise LookupError(f"category {ruled.category_key} has no stage {kind}")
    return str(stage.article)


def term_params(ruled: Ruled, kind: str) -> Term | None:
    """The printed or chosen term of a stage, if it has one."""
    return cast("Term | None", getattr(stage_params(ruled, kind), "term", None))


def lawful_minimum(stage: Stage) -> int | None:
    """The least length of a stage's term, in its unit, that no advance may undercut."""
    term = term_params(stage, stage.kind)
    return term.minimum if term else None


def reminder_at(calendar: WorkingCalendar, last_day: date, days_before: int) -> datetime:
    """Nine o'clock in Asia/Shanghai, so many working days before the last day of a term."""
    day = working_days_before(calendar, last_day, days_before) if days_before else last_day
    return datetime.combine(day, MORNING, CHINA_TIME)


def portal_link(case_id: UUID) -> str:
    """Where an applicant finds a case."""
    return f"/portal/applications/{case_id}"
