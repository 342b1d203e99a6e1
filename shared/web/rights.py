"""Who may do what: one table, deny by default. Objects and stages are checked by the actions themselves."""

from collections.abc import Iterable
from enum import StrEnum

from shared.infra.database import Actor
from shared.kernel.refusals import NotAllowed


class Role(StrEnum):
    """The roles of section 10; system, security and audit administrators exclude each other."""

    ENTERPRISE = "enterprise"
    OFFICE = "office"
    SUPERVISOR = "supervisor"
    EXPERT = "expert"
    REVIEW_CHAIR = "review_chair"
    CO_CHAIR = "co_chair"
    GUIDANCE = "guidance"
    DEPARTMENT = "department"
    MEDIA = "media"
    OPERATOR = "operator"
    SECURITY = "security"
    AUDITOR = "auditor"


EXCLUSIVE = (Role.OPERATOR, Role.SECURITY, Role.AUDITOR)

OUTSIDE = frozenset({Role.ENTERPRISE, Role.MEDIA})
"""Who works with their own papers only; everybody else proves a second factor."""

_OFFICE = frozenset({Role.OFFICE})
_COMMITTEE = frozenset({Role.CO_CHAIR, Role.GUIDANCE})
_WATCH = frozenset({Role.OFFICE, Role.AUDITOR, Role.OPERATOR})

POLICY: dict[str, frozenset[Role]] = {
    # office
    "cycle.open": _OFFICE,
    "cycle.read": frozenset({Role.OFFICE, Role.AUDITOR, Role.OPERATOR, Role.GUIDANCE, Role.CO_CHAIR, Role.SUPERVISOR}),
    "stage.change": _OFFICE,
    "release.date": _OFFICE,
    "calendar.import": _OFFICE,
    "ticket.ask": frozenset({Role.OFFICE, Role.REVIEW_CHAIR, Role.CO_CHAIR, Role.SUPERVISOR, Role.SECURITY}),
    "ticket.confirm": frozenset({Role.OFFICE, Role.REVIEW_CHAIR, Role.CO_CHAIR, Role.SUPERVISOR, Role.SECURITY}),
    "account.own": frozenset(Role),
    "account.create": frozenset({Role.SECURITY}),
    "account.revoke": frozenset({Role.SECURITY}),
    "account.recover": frozenset({Role.SECURITY}),
    "account.change": frozenset({Role.SECURITY}),
    "registration.decide": _OFFICE,
    "enterprise.people": frozenset({Role.ENTERPRISE}),
    "work.hand_over": frozenset({Role.OFFICE, Role.DEPARTMENT, Role.SECURITY}),
    "account.read": frozenset({Role.SECURITY, Role.OFFICE}),
    "notice.read": frozenset(Role),
    "delivery.read": frozenset({Role.OFFICE, Role.OPERATOR, Role.AUDITOR}),
    "delivery.release": _OFFICE,
    "ledger.read": frozenset(Role),
    "audit.read": frozenset({Role.AUDITOR}),
    "operations.read": frozenset({Role.OPERATOR, Role.OFFICE}),
    "operations.mend": frozenset({Role.OPERATOR}),
    "rehearsal.drive": frozenset({Role.OPERATOR}),
    # submission
    "call.read": frozenset({Role.ENTERPRISE, Role.OFFICE, Role.AUDITOR}),  # a call is to all who may file
    "application.file": frozenset({Role.ENTERPRISE, Role.OFFICE}),  # office: what came on paper
    "paper.open": _OFFICE,
    "application.read": frozenset({Role.ENTERPRISE, Role.OFFICE, Role.AUDITOR}),
    "application.withdraw": frozenset({Role.ENTERPRISE}),
    "evidence.upload": frozenset({Role.ENTERPRISE, Role.OFFICE}),
    "enterprise.register": _OFFICE,
    "target.record": _OFFICE,
    "target.lock": _OFFICE,
    "screening.decide": _OFFICE,
    "screening.close": _OFFICE,
    "case.assign": _OFFICE,
    "inconsistency.waive": _OFFICE,
    "case.disqualify": _OFFICE,
    "case.reinstate": _OFFICE,
    "investigation.record": _OFFICE,
    "investigation.answer": frozenset({Role.DEPARTMENT}),
    "intake.record": _OFFICE,
    "nomination.record": frozenset({Role.MEDIA}),
    "import.make": frozenset({Role.OFFICE, Role.MEDIA}),  # and the act of its kind
    # review
    "review.enter": frozenset({Role.EXPERT, Role.OFFICE, Role.REVIEW_CHAIR, Role.SUPERVISOR, Role.AUDITOR}),
    "pool.manage": _OFFICE,
    "panel.freeze": _OFFICE,
    "draw.take_part": frozenset(
        {Role.OFFICE, Role.SUPERVISOR, Role.ENTERPRISE, Role.REVIEW_CHAIR, Role.CO_CHAIR, Role.GUIDANCE}
    ),
    "draw.stand_in": frozenset({Role.GUIDANCE, Role.CO_CHAIR}),
    "panel.void": frozenset({Role.OFFICE, Role.SUPERVISOR}),
    "panel.appoint": _OFFICE,
    "panel.recuse": frozenset({Role.OFFICE, Role.EXPERT}),
    "panel.read": frozenset({Role.OFFICE, Role.REVIEW_CHAIR, Role.SUPERVISOR, Role.AUDITOR}),
    "undertaking.sign": frozenset({Role.EXPERT}),
    "tie.declare": frozenset({Role.EXPERT}),
    "sheet.write": frozenset({Role.EXPERT}),
    "panel.unseal": frozenset({Role.OFFICE, Role.SUPERVISOR, Role.REVIEW_CHAIR}),
    "panel.renew_key": frozenset({Role.OFFICE, Role.REVIEW_CHAIR}),
    "panel.share_lost": frozenset({Role.OFFICE, Role.SUPERVISOR, Role.REVIEW_CHAIR}),
    "custody.hold": frozenset({Role.OFFICE, Role.SUPERVISOR, Role.REVIEW_CHAIR}),
    "custody.name": _OFFICE,
    "meeting.record": _OFFICE,
    "finding.raise": frozenset({Role.OFFICE, Role.SUPERVISOR, Role.REVIEW_CHAIR}),  # and experts on their own cases
    "finding.rule": frozenset({Role.REVIEW_CHAIR}),
    "finding.confirm": _OFFICE,
    "correction.countersign": _OFFICE,
    "event.order": frozenset({Role.EXPERT}),
    "tie.decide": frozenset({Role.REVIEW_CHAIR}),
    # ranking
    "ranking.read": frozenset({Role.OFFICE, Role.GUIDANCE, Role.CO_CHAIR, Role.AUDITOR}),
    "stability.read": _COMMITTEE | {Role.OFFICE, Role.REVIEW_CHAIR, Role.AUDITOR},
    "sheet.examine": frozenset({Role.REVIEW_CHAIR, Role.AUDITOR}),
    "report.read": frozenset({Role.OFFICE, Role.AUDITOR}),
    "evaluation.decide": _OFFICE,
    "decision.record": frozenset({Role.OFFICE, Role.GUIDANCE, Role.CO_CHAIR}),
    "decision.confirm": _COMMITTEE,
    "decision.recuse": _COMMITTEE | _OFFICE,
    "committee.join": _COMMITTEE,
    "committee.manage": _OFFICE,
    "concern.rule": _COMMITTEE,
    "seat.fill": _COMMITTEE,
    "consultation.reply": frozenset({Role.DEPARTMENT}),
    "consultation.read": frozenset({Role.DEPARTMENT, Role.OFFICE, Role.GUIDANCE, Role.CO_CHAIR, Role.AUDITOR}),
    "consultation.close": _OFFICE,
    # publication
    "posting.record": _OFFICE,
    "objection.rule": _OFFICE,
    "objection.read": frozenset({Role.OFFICE, Role.AUDITOR}),
    "release.confirm": _OFFICE,
    "bundle.read": frozenset({Role.AUDITOR, Role.OFFICE}),
}


BOUND: dict[str, frozenset[Role]] = {
    "account.own": frozenset(Role),
    "notice.read": frozenset(Role),
    "enterprise.people": frozenset({Role.ENTERPRISE}),
    "work.hand_over": frozenset({Role.OFFICE, Role.DEPARTMENT}),
    "application.file": frozenset({Role.ENTERPRISE, Role.OFFICE}),
    "draw.take_part": frozenset({Role.ENTERPRISE}),
    "undertaking.sign": frozenset({Role.EXPERT}),
    "tie.declare": frozenset({Role.EXPERT}),
    "sheet.write": frozenset({Role.EXPERT}),
    "panel.recuse": frozenset({Role.EXPERT}),
    "event.order": frozenset({Role.EXPERT}),
    "application.read": frozenset({Role.ENTERPRISE}),
    "application.withdraw": frozenset({Role.ENTERPRISE}),
    "evidence.upload": frozenset({Role.ENTERPRISE}),
    "import.make": frozenset({Role.MEDIA}),
    "investigation.answer": frozenset({Role.DEPARTMENT}),
}
"""Roles that may do the act with their own objects only; a foreign one is to them as if it did not exist."""


def needs_second_factor(roles: Iterable[str]) -> bool:
    """Whether somebody with these roles signs in with a second factor: staff, committees, experts, departments."""
    return bool(set(roles) - OUTSIDE)


def may(actor: Actor, act: str) -> bool:
    """Whether any of the actor's roles may do this act; an act that is not listed is allowed to nobody.

    A program with an API token may do what its scopes name and its person may, nothing else.
    """
    if actor.scopes is not None and act not in actor.scopes:
        return False
    return bool(actor.roles & POLICY.get(act, frozenset()))


def require(actor: Actor, act: str) -> None:
    """Refuse an act that none of the actor's roles may do."""
    if not may(actor, act):
        raise NotAllowed
