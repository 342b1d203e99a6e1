"""JSON API of review. Numbers of sheets are read from their text, never through a float."""

from fastapi import APIRouter

from services.review.api import conflicts, custody, draws, experts, findings, meeting, order, panels, pool

router = APIRouter(prefix="/api/review", tags=["review"])
for part in (pool, conflicts, panels, custody, draws, experts, findings, meeting, order):
    router.include_router(part.router)
