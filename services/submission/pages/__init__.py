"""Pages of submission: the portal of enterprises and media, and the office's screening desk."""

from fastapi import APIRouter

from services.submission.pages import calls, drafting, evidence, portal, receipts, screening

_MODULES = (portal, calls, drafting, evidence, receipts, screening)
routers: tuple[APIRouter, ...] = tuple(module.router for module in _MODULES)
