"""The JSON API of ranking."""

from services.ranking.api.consultations import router as consultations
from services.ranking.api.decisions import router as decisions
from services.ranking.api.evaluations import router as evaluations
from services.ranking.api.members import router as members
from services.ranking.api.reports import router as reports
from services.ranking.api.seats import router as seats
from services.ranking.api.stability import router as stability

ROUTERS = (members, evaluations, decisions, consultations, seats, stability, reports)

__all__ = ["ROUTERS"]
