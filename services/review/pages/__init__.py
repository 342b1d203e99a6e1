"""专家 pages: undertaking, tasks, scoring, order of events; the panel as office and chair see it."""

from fastapi import APIRouter

from services.review.pages import draws, expert, panels

router = APIRouter()
for part in (expert, panels, draws):
    router.include_router(part.router)
