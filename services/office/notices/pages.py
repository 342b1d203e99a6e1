"""The addressee's notices as a page."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.notices import actions, store
from services.office.notices.domain import number_of, title_of
from services.office.notices.tables import Notice
from services.office.site import own_path, page_for, render
from shared.infra.database import Tx
from shared.kernel.calendar import business_date
from shared.web.act import Act, acting, acting_form
from shared.web.formats import shanghai_datetime, term_end
from shared.web.listing import listing_file
from shared.web.parts import Column, Row

router = APIRouter(include_in_schema=False)


@router.get("/office/notices")
async def notices(request: Request, act: Act = acting("notice.read")) -> Response:
    """通知: what came for whoever is signed in, newest first."""

    async def read(tx: Tx) -> Response:
        found = await store.inbox(tx)
        if (file := await listing_file(request, "通知", _COLUMNS, map(_row, found))) is not None:
            return file
        page = await page_for(tx, request, "通知")
        return render(request, "office/notices.html", page, notices=[_shown(one) for one in found])

    return await act.read(read)


@router.post("/office/notices/{notice_id}/read")
async def open_notice(notice_id: UUID, act: Act = acting_form("notice.read")) -> Response:
    """Note that it was read and go where it points."""

    async def do(tx: Tx) -> str:
        return (await actions.read_notice(tx, notice_id)).link

    return RedirectResponse(own_path(await act(do), "/office/notices"), HTTPStatus.SEE_OTHER)


_COLUMNS = tuple(Column(label=label) for label in ("编号", "事项", "案号", "截止", "发出时间", "状态"))


def _row(notice: Notice) -> Row:
    number = number_of(business_date(notice.issued_at).year, notice.serial or 0)
    until = term_end(notice.until) if notice.until else "—"
    state = "已读" if notice.read_at is not None else "未读"
    cells = (number, title_of(notice.template), notice.case_number or "—", until)
    return Row(cells=(*cells, shanghai_datetime(notice.issued_at), state))


def _shown(notice: Notice) -> dict[str, object]:
    return {
        "id": notice.notice_id,
        "number": number_of(business_date(notice.issued_at).year, notice.serial or 0),
        "title": title_of(notice.template),
        "case_number": notice.case_number,
        "until": notice.until,
        "issued_at": notice.issued_at,
        "read": notice.read_at is not None,
    }
