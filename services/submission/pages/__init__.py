"""Pages of submission: the portal of enterprises and media, and the office's screening desk."""

from fastapi import APIRouter

from services.submission.pages import calls, drafting, evidence, portal, screening

routers: tuple[APIRouter, ...] = (portal.router, calls.router, drafting.router, evidence.router, screening.router)
