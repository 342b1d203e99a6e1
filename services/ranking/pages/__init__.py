"""指导委员会, 征询部门 and 绩效评价 pages: plain forms over the same actions as the API."""

from services.ranking.pages.agenda import router as agenda
from services.ranking.pages.base import install
from services.ranking.pages.consultations import router as consultations
from services.ranking.pages.evaluations import router as evaluations
from services.ranking.pages.stability import router as stability
from services.ranking.pages.stages import router as stages

ROUTERS = (agenda, stages, stability, evaluations, consultations)

__all__ = ["ROUTERS", "install"]
