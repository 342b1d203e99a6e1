"""消息: what the enterprise was told, newest first, each leading to its case."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import reading, store
from services.submission.actions import inbox
from services.submission.site import case_path, page_for, render
from shared.infra.database import Tx
from shared.web.act import Act, acting, acting_form

router = APIRouter(include_in_schema=False)


@router.get("/portal/inbox")
async def messages(request: Request, act: Act = acting("notice.read")) -> Response:
    """The messages to the enterprises one acts for."""

    async def do(tx: Tx) -> Response:
        unread = await store.count_unread(tx, tx.actor.acts_for)
        expected = f"有{unread}条消息还没有看" if unread else None
        page = page_for(tx, request, "消息", unread=unread, expected_of_me=expected)
        return render(request, "portal/inbox.html", page, messages=await reading.inbox_view(tx), unread=unread)

    return await act.read(do)


@router.post("/portal/inbox/{notice_id}/read")
async def read(notice_id: UUID, act: Act = acting_form("notice.read")) -> Response:
    """Note that it was read and go to its case."""

    async def do(tx: Tx) -> str:
        return case_path((await inbox.read_message(tx, notice_id)).case_id)

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


@router.post("/portal/inbox/read")
async def read_all(act: Act = acting_form("notice.read")) -> Response:
    """Note that all were read."""

    async def do(tx: Tx) -> int:
        return await inbox.read_all(tx)

    await act(do)
    return RedirectResponse("/portal/inbox", HTTPStatus.SEE_OTHER)
