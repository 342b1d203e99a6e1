"""Pages of submission: the portal of enterprises and media, and the office's screening desk."""

from fastapi import APIRouter

from services.submission.pages import (
    calls,
    drafting,
    evidence,
    findings,
    imports,
    inbox,
    paper,
    portal,
    queue,
    receipts,
    screening,
)

_MODULES = (portal, calls, drafting, evidence, inbox, receipts, imports, paper, queue, findings, screening)
routers: tuple[APIRouter, ...] = tuple(module.router for module in _MODULES)
