"""JSON API of review. Numbers of sheets are read from their text, never through a float."""

from fastapi import APIRouter

from services.review.api import custody, draws, experts, findings, meeting, order, panels, pool

router = APIRouter(prefix="/api/review", tags=["review"])
for part in (pool, panels, custody, draws, experts, findings, meeting, order):
    router.include_router(part.router)
