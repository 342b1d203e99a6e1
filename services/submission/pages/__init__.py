"""Pages of submission: the portal of enterprises and media, and the office's screening desk."""

from fastapi import APIRouter

from services.submission.pages import calls, drafting, evidence, inbox, portal, receipts, screening

_MODULES = (portal, calls, drafting, evidence, inbox, receipts, screening)
routers: tuple[APIRouter, ...] = tuple(module.router for module in _MODULES)
