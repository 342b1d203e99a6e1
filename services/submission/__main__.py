"""``python -m services.submission web|worker|consumer|relay|sweeper|migrate|all``."""

from pathlib import Path

from fastapi import FastAPI

from services.submission import api, pages, site
from services.submission.actions.rules import lawful_minimum
from services.submission.activities import SubmissionActivities
from services.submission.api.applications import accept
from services.submission.consumers import consumers
from services.submission.tables import metadata
from services.submission.uploads.sweeping import sweep_uploads
from services.submission.workflows import ALL
from shared.infra.service import Service
from shared.web.gathering import Gathering
from shared.web.process import Parts, main


def install(app: FastAPI, service: Service) -> None:
    """Pages, and the batches in which filings are accepted."""
    site.install(app, service)
    app.state.accepting = Gathering(service.database, accept)


PARTS = Parts(
    name="submission",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=(*api.routers, *pages.routers),
    workflows=ALL,
    activities=SubmissionActivities,
    interests=consumers,
    minimum=lawful_minimum,
    install=install,
    on_start=(sweep_uploads,),
    checks_evidence=True,
)

if __name__ == "__main__":
    main(PARTS)
