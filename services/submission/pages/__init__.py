"""Pages of submission: the portal of enterprises and media, and the office's screening desk."""

from fastapi import APIRouter

from services.submission.pages import (
    calls,
    drafting,
    evidence,
    exclusion,
    findings,
    handing_in,
    imports,
    inbox,
    paper,
    portal,
    queue,
    receipts,
    screening,
    selection,
    targets,
)

_PORTAL = (portal, calls, drafting, handing_in, evidence, inbox, receipts)
_DESK = (imports, paper, targets, queue, selection, findings, screening, exclusion)
routers: tuple[APIRouter, ...] = tuple(module.router for module in (*_PORTAL, *_DESK))
