"""Opening a year, as a page."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.cycles.actions import open_cycle
from services.office.site import errors_of, page_for, render
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.kernel.calendar import business_date
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.parts import Link

router = APIRouter(include_in_schema=False)


@router.get("/office/cycles/new")
async def new_cycle(request: Request, act: Act = acting("cycle.open")) -> Response:
    """The form: rulebook, year, title, and the unconfirmed readings to be accepted."""
    return await act.read(lambda tx: _form(tx, request, {}))


@router.post("/office/cycles/new")
async def open_new_cycle(
    request: Request,
    rulebook: Annotated[str, Form(max_length=64)],
    year: Annotated[int, Form(ge=2000, le=2100)],
    title: Annotated[str, Form(min_length=1, max_length=100)],
    accept_unconfirmed_reason: Annotated[str, Form(max_length=500)] = "",
    act: Act = acting_form("cycle.open"),
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

    given = {"rulebook": rulebook, "year": str(year), "title": title, "reason": accept_unconfirmed_reason}
    try:
        return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)
    except Refusal as refusal:
        refused = refusal
    return await act.read(lambda tx: _form(tx, request, given, refused))


async def _form(tx: Tx, request: Request, given: dict[str, str], refusal: Refusal | None = None) -> Response:
    page = await page_for(
        tx,
        request,
        "启动活动年度",
        crumbs=(Link(label="总览", href="/office"),),
        next_step="各发布项目按实施办法的阶段依次进行",
    )
    return render(
        request,
        "office/new_cycle.html",
        page,
        status=refusal.status if refusal else 200,
        books=list(load_shipped().values()),
        given={"year": str(business_date(tx.now).year), **given},
        errors=errors_of(refusal) if refusal else (),
    )
