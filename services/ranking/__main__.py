"""``python -m services.ranking web|worker|consumer|relay|sweeper|migrate|all``."""

from pathlib import Path

from services.ranking.activities import (
    ConsultationActivities,
    DecisionActivities,
    EvaluationActivities,
    StageActivities,
)
from services.ranking.api import ROUTERS
from services.ranking.consumers import consumers
from services.ranking.files import sweep_files
from services.ranking.pages import ROUTERS as PAGES
from services.ranking.pages import install
from services.ranking.rules import minimum_days
from services.ranking.tables import metadata
from services.ranking.workflows import Consultation, Decision, Evaluation
from shared.contracts.names import ServiceName
from shared.infra.service import Service
from shared.web.process import Parts, main


def activities(service: Service) -> tuple[object, ...]:
    """The holders of ranking's activities."""
    return (
        StageActivities(service),
        EvaluationActivities(service),
        DecisionActivities(service),
        ConsultationActivities(service),
    )


PARTS = Parts(
    name=ServiceName.RANKING,
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=(*ROUTERS, *PAGES),
    workflows=(Evaluation, Decision, Consultation),
    activities=activities,
    interests=consumers,
    minimum=minimum_days,
    install=install,
    on_start=(sweep_files,),
)

if __name__ == "__main__":
    main(PARTS)
