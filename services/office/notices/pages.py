"""The addressee's notices, and the office's outbox of letters, as pages."""

from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints
from starlette.responses import Response

from services.office.notices import actions, store
from services.office.notices.domain import HELD_WORD, STATE_WORDS, DeliveryState, number_of, title_of
from services.office.notices.outbox import read_outbox
from services.office.notices.tables import Notice
from services.office.site import own_path, page_for, render
from shared.infra.database import Tx
from shared.kernel.calendar import business_date
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.formats import shanghai_datetime, term_end
from shared.web.listing import listing_file
from shared.web.parts import Column, Row, Tone
from shared.web.rights import may

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


TONES = {
    DeliveryState.WAITING: Tone.WORKING,
    DeliveryState.SENDING: Tone.WORKING,
    DeliveryState.SENT: Tone.GOOD,
    DeliveryState.FAILED: Tone.BAD,
    DeliveryState.UNCERTAIN: Tone.WARNING,
    DeliveryState.BOUNCED: Tone.BAD,
}
_FILTERS = (("", "全部"), *((state.value, word) for state, word in STATE_WORDS.items()), ("held", HELD_WORD))


@router.get("/office/deliveries")
async def outbox(request: Request, state: str = "", act: Act = acting("delivery.read")) -> Response:
    """发件箱: letters by state, held and let go one by one or all together."""
    return await act.read(lambda tx: _outbox_page(tx, request, state))


async def _outbox_page(tx: Tx, request: Request, state: str = "") -> Response:
    return render(
        request,
        "office/deliveries.html",
        await page_for(tx, request, "发件箱"),
        outbox=await read_outbox(tx, request.app.state.service.settings, state or None),
        filters=_FILTERS,
        state=state,
        tones=TONES,
        may_release=may(tx.actor, "delivery.release"),
    )


@router.post("/office/deliveries/hold")
async def hold_all(
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), Form()],
    act: Act = acting_form("delivery.release", page=_outbox_page),
) -> Response:
    """Hold the whole outbox."""

    async def do(tx: Tx) -> str:
        await actions.hold_outbox(tx, reason)
        return "/office/deliveries"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


@router.post("/office/deliveries/release")
async def release_all(act: Act = acting_form("delivery.release")) -> Response:
    """Let the outbox go again."""

    async def do(tx: Tx) -> str:
        await actions.release_outbox(tx)
        return "/office/deliveries"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


@router.post("/office/deliveries/{delivery_id}")
async def one_letter(
    delivery_id: UUID,
    wish: Annotated[Literal["hold", "release", "resend", "bounce"], Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
    address: Annotated[str, Form(max_length=200)] = "",
    act: Act = acting_form("delivery.release", page=_outbox_page),
) -> Response:
    """Hold one letter back, let it go, send it again (elsewhere, where an address is given), note that it came back."""

    async def do(tx: Tx) -> str:
        if wish == "resend":
            await actions.send_again(tx, delivery_id, address or None)
        elif wish == "bounce":
            await actions.note_bounce(tx, delivery_id, required(reason))
        else:
            await actions.hold_delivery(tx, delivery_id, held=wish == "hold")
        return "/office/deliveries"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


def required(reason: str) -> str:
    """The reason as typed; refuses none."""
    if not reason.strip():
        raise Refusal("reason", "请写明退信的原因。", field="reason")
    return reason.strip()
