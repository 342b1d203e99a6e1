"""Opening a year, as a page."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints
from starlette.responses import Response

from services.office.cycles.actions import open_cycle
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.kernel.calendar import business_date
from shared.web.act import Act, acting, acting_form
from shared.web.parts import Link

router = APIRouter(include_in_schema=False)


@router.get("/office/cycles/new")
async def new_cycle(request: Request, act: Act = acting("cycle.open")) -> Response:
    """The form: rulebook, year, title, and the unconfirmed readings to be accepted."""
    return await act.read(lambda tx: _form(tx, request))


async def _form(tx: Tx, request: Request) -> Response:
    page = await page_for(
        tx,
        request,
        "启动活动年度",
        crumbs=(Link(label="总览", href="/office"),),
        next_step="各发布项目按实施办法的阶段依次进行",
    )
    this_year = business_date(tx.now).year
    return render(request, "office/new_cycle.html", page, books=list(load_shipped().values()), year=this_year)


@router.post("/office/cycles/new")
async def open_new_cycle(
    rulebook: Annotated[str, Form(max_length=64)],
    year: Annotated[int, Form(ge=2000, le=2100)],
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), Form()],
    accept_unconfirmed_reason: Annotated[str, Form(max_length=500)] = "",
    act: Act = acting_form("cycle.open", page=_form),
) -> Response:
    """Open it with all categories; a refusal comes back beside its field."""
    book = load_shipped().get(rulebook)

    async def do(tx: Tx) -> str:
        cycle = await open_cycle(
            tx,
            rulebook_id=rulebook,
            rulebook_digest=book.digest if book else "",
            year=year,
            title=title,
            accept_unconfirmed_reason=accept_unconfirmed_reason or None,
        )
        return f"/office/cycles/{cycle.cycle_id}"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)
