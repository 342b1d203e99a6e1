"""专家 pages: undertaking, tasks, scoring, order of events; the panel as office and chair see it."""

from fastapi import APIRouter

from services.review.pages import custody, draws, expert, findings, panels

router = APIRouter()
for part in (expert, custody, findings, panels, draws):
    router.include_router(part.router)
