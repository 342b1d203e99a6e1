"""Handing in, and again after a rectification: what stands in the fields is kept first, whatever comes of the rest."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from services.submission.actions import drafting, filing
from services.submission.actions.accepting import Statement, submit_application
from services.submission.domain.statement import STATEMENT_VERSION
from services.submission.pages.drafting import keep_carried
from services.submission.pages.portal import case_page, then_case
from shared.infra.database import Tx
from shared.web.act import Act, acting_form

router = APIRouter(include_in_schema=False)

Tick = Annotated[str, Form(max_length=10)]


@router.post("/portal/applications/{case_id}/submit")
async def submit(
    request: Request,
    case_id: UUID,
    confirmed: Tick = "",
    name_consent: Tick = "",
    act: Act = acting_form("application.file", page=case_page),
) -> Response:
    """Submit; the page then shows the receipt."""

    async def do(tx: Tx) -> str | None:
        await drafting.leave_blank(tx, case_id)
        statement = Statement(STATEMENT_VERSION, confirmed == "yes", name_consent == "yes")
        return (await submit_application(tx, case_id, statement, tx.received_at)).number

    return await _kept_first(request, case_id, act, do)


@router.post("/portal/applications/{case_id}/resubmit")
async def resubmit(
    request: Request, case_id: UUID, act: Act = acting_form("application.file", page=case_page)
) -> Response:
    """Hand a rectified filing in again."""

    async def do(tx: Tx) -> int:
        await drafting.leave_blank(tx, case_id)
        return (await filing.resubmit_application(tx, case_id)).version

    return await _kept_first(request, case_id, act, do)


async def _kept_first(request: Request, case_id: UUID, act: Act, do: Callable[[Tx], Awaitable[Any]]) -> Response:
    """Save what was typed, then hand in: two transactions, both judged by when the one request came in.

    A refusal of the second takes nothing of the first back: what was typed stands on the page that comes back.
    """
    return await keep_carried(request, case_id, act) or await then_case(case_id, act, do)
