"""The JSON API of ranking."""

from services.ranking.api.consultations import router as consultations
from services.ranking.api.decisions import router as decisions
from services.ranking.api.evaluations import router as evaluations
from services.ranking.api.members import router as members
from services.ranking.api.reports import router as reports
from services.ranking.api.seats import router as seats

ROUTERS = (members, evaluations, decisions, consultations, seats, reports)

__all__ = ["ROUTERS"]
