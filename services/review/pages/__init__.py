"""专家 pages: undertaking, tasks, scoring, order of events; the panel as office and chair see it."""

from fastapi import APIRouter

from services.review.pages import conflicts, custody, draws, expert, findings, imports, meeting, panels, pool

router = APIRouter()
for part in (expert, custody, findings, meeting, panels, draws, imports, conflicts, pool):
    router.include_router(part.router)
