"""``python -m services.submission web|worker|consumer|relay|sweeper|migrate|all``."""

from pathlib import Path

from services.submission.actions.rules import lawful_minimum
from services.submission.api import routers
from services.submission.tables import metadata
from shared.web.process import Parts, main

PARTS = Parts(
    name="submission",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=routers,
    minimum=lawful_minimum,
    checks_evidence=True,
)

if __name__ == "__main__":
    main(PARTS)
