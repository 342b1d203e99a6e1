"""``python -m services.submission web|worker|consumer|relay|sweeper|migrate|all``."""

from pathlib import Path

from fastapi import FastAPI

from services.submission.actions.rules import lawful_minimum
from services.submission.activities import SubmissionActivities
from services.submission.api import routers
from services.submission.consumers import consumers
from services.submission.tables import metadata
from services.submission.workflows import ALL
from shared.infra.rulebooks import load_shipped
from shared.infra.service import Service
from shared.web.process import Parts, main


def install(_app: FastAPI, _service: Service) -> None:
    """Read the rulebooks before the first request needs them."""
    load_shipped()


PARTS = Parts(
    name="submission",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=routers,
    workflows=ALL,
    activities=SubmissionActivities,
    interests=consumers,
    minimum=lawful_minimum,
    install=install,
    checks_evidence=True,
)

if __name__ == "__main__":
    main(PARTS)
