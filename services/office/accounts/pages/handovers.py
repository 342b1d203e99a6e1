"""工作交接: the work of somebody absent, done by another for a time."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from services.office.accounts import store
from services.office.accounts.actions import handovers
from services.office.accounts.pages.base import Required, see
from services.office.accounts.reads import deputies, handovers_to_see
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.rights import Role

router = APIRouter()
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@router.get("/office/handovers")
async def handover_page(request: Request, act: Act = acting("work.hand_over")) -> Response:
    """The list and the form."""
    return await act.read(lambda tx: _page(tx, request))


async def _page(tx: Tx, request: Request) -> Response:
    rows, people = await handovers_to_see(tx), await deputies(tx)
    names = await store.display_names(tx, [one for row in rows for one in (row.from_account, row.to_account)])
    everybody = Role.SECURITY in tx.actor.roles
    shown: dict[str, Any] = {
        "lines": [
            {
                "row": row,
                "absent": names[row.from_account],
                "deputy": names[row.to_account],
                "may_end": everybody or row.from_account == tx.actor.account_id,
            }
            for row in rows
        ],
        "people": [(str(one.account_id), f"{one.display_name}（{one.login}）") for one in people],
        "everybody": everybody,
    }
    page = await page_for(tx, request, "工作交接")
    return render(request, "office/handovers.html", page, **shown)


@router.post("/office/handovers")
async def hand_over(
    to_account: Annotated[UUID, Form()],
    last_day: Annotated[date, Form()],
    reason: Required,
    from_account: Annotated[UUID | None, Form()] = None,
    act: Act = acting_form("work.hand_over", page=_page),
) -> Response:
    """Hand over until the end of a day."""
    until = datetime.combine(last_day, time(), _SHANGHAI) + timedelta(days=1)

    async def do(tx: Tx) -> str:
        absent = from_account or tx.actor.account_id
        assert absent is not None  # the door lets signed-in persons through only
        await handovers.hand_over(tx, absent, to_account, until, reason)
        return "/office/handovers"

    try:
        return see(await act(do))
    except Refusal as refusal:
        if refusal.field == "ends_at":
            refusal.field = "last_day"  # a day is typed, its end is meant
        raise


@router.post("/office/handovers/{handover_id}/end")
async def end(handover_id: UUID, act: Act = acting_form("work.hand_over")) -> Response:
    """Take the work back."""

    async def do(tx: Tx) -> str:
        await handovers.take_back(tx, handover_id)
        return "/office/handovers"

    return see(await act(do))
