"""``python -m services.review <role>…``: composes the service from its parts."""

from pathlib import Path

from services.review.activities import ReviewActivities
from services.review.api import router
from services.review.consumers import consumers
from services.review.pages import router as pages
from services.review.rulebooks import minimum
from services.review.site import install
from services.review.tables import metadata
from services.review.workflows import EventOrdering, PanelReview
from shared.web.process import Parts, main

PARTS = Parts(
    name="review",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=[router, pages],
    workflows=[PanelReview, EventOrdering],
    activities=ReviewActivities,
    interests=consumers,
    minimum=minimum,
    install=install,
)

if __name__ == "__main__":
    main(PARTS)
