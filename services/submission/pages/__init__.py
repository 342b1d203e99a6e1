"""Pages of submission: the portal of enterprises and media, and the office's screening desk."""

from fastapi import APIRouter

from services.submission.pages import evidence, portal, screening

routers: tuple[APIRouter, ...] = (portal.router, evidence.router, screening.router)
