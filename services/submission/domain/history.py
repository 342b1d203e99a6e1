"""What was done with a case, told in a sentence: for its history, and for whoever decided on what has changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from shared.contracts.acts import said_of
from shared.kernel.calendar import CHINA_TIME
from shared.rulebook import Category

OF_A_CASE = {
    "application.opened",
    "application.figures_entered",
    "application.accepted",
    "application.left_blank",
    "application.saved",
    "application.stuck",
    "case.assigned",
    "case.decided",
    "case.disqualified",
    "case.ended",
    "case.reinstated",
    "case.withdrawn",
    "checklist.ticked",
    "checklist.unticked",
    "evidence.announced",
    "evidence.held",
    "evidence.kept",
    "evidence.refused",
    "evidence.removed",
    "evidence.bound",
    "inconsistency.waived",
    "intake.recorded",
    "investigation.answered",
    "investigation.asked",
    "investigation.corrected",
    "investigation.recorded",
    "message.read",
    "nomination.recorded",
    "paper.opened",
    "rectification.asked",
    "rectification.fulfilled",
    "rectification.held",
    "rectification.recounted",
    "rectification.reminded",
    "rectification.resumed",
}
_PREPARATION = {
    "application.opened",
    "application.figures_entered",
    "application.saved",
    "application.left_blank",
    "evidence.announced",
    "evidence.refused",
    "message.read",
}
_ASIDE = {"case.assigned", "checklist.ticked", "message.read", "rectification.reminded", "rectification.recounted"}
MATTERS = frozenset(OF_A_CASE) - _ASIDE - {"evidence.announced", "evidence.refused"}
"""What a person who decides must know of when somebody else did it meanwhile."""
SHOWN = frozenset(OF_A_CASE) - _PREPARATION
"""What the history of a case shows to the office."""


class Done(Protocol):
    """An audit row, as far as it is told."""

    @property
    def action(self) -> str:
        """What was done."""

    @property
    def actor_id(self) -> UUID | None:
        """By whom; None: by the system."""

    @property
    def occurred_at(self) -> datetime:
        """When (business time)."""

    @property
    def details(self) -> dict[str, Any]:
        """Further words."""


def told(category: Category, people: Mapping[UUID, str], done: Done) -> str:
    """Who did what when, in one line."""
    local = done.occurred_at.astimezone(CHINA_TIME)
    return f"{local.month}月{local.day}日 {local:%H:%M} {who(people, done.actor_id)}{words(category, people, done)}"


def words(category: Category, people: Mapping[UUID, str], done: Done) -> str:
    """What was done, without who and when."""
    return said_of(done.action) + _more(category, people, done)


def who(people: Mapping[UUID, str], account_id: UUID | None) -> str:
    """The name of somebody of the office; others are not named here."""
    if account_id is None:
        return "系统"
    return people.get(account_id, "有人")


def _more(category: Category, people: Mapping[UUID, str], done: Done) -> str:
    details = done.details
    if done.action.startswith("checklist."):
        points = {point.id: point.label for point in category.checklist}
        return f"：{points.get(str(details.get('point')), '')}"
    if done.action in ("application.figures_entered", "application.saved"):
        facts = [fact.label for fact in category.facts if fact.id in details.get("figures", {})]
        return f"：{'、'.join(facts)}"
    if done.action == "case.assigned":
        to = details.get("assignee")
        return f"：{who(people, UUID(to)) if to else '无人'}" + (
            f"（{details['note']}）" if details.get("note") else ""
        )
    words = [str(details[name]) for name in ("article", "reason", "source") if details.get(name)]
    return f"（{'，'.join(words)}）" if words else ""
