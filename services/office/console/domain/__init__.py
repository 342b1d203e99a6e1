"""Rules of the console: the rehearsal clock, planning a category, what a change of a stage leads to."""

from services.office.console.domain.clock import offset_to
from services.office.console.domain.consequences import Consequence, Running, consequence_of, lawful_from, standing
from services.office.console.domain.schedule import (
    RELEASE,
    PlanStep,
    Span,
    backwards,
    ceremony_by_default,
    forwards,
    plan_step,
    reaches,
    workday_from,
)

__all__ = [
    "RELEASE",
    "Consequence",
    "PlanStep",
    "Running",
    "Span",
    "backwards",
    "ceremony_by_default",
    "consequence_of",
    "forwards",
    "lawful_from",
    "offset_to",
    "plan_step",
    "reaches",
    "standing",
    "workday_from",
]
