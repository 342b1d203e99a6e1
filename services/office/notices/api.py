"""The addressee's inbox as JSON."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.office.notices import actions, store
from services.office.notices.domain import number_of, title_of
from services.office.notices.tables import Notice
from shared.infra.database import Tx
from shared.kernel.calendar import business_date
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/office/notices", tags=["notices"])


class NoticeView(BaseModel):
    """A notice as its addressee reads it."""

    notice_id: UUID
    number: str
    title: str
    template: str
    case_id: UUID | None
    case_number: str | None
    stage_title: str | None
    until: datetime | None
    link: str
    issued_at: datetime
    read_at: datetime | None
    checkpoint: str | None


def view_of(notice: Notice) -> NoticeView:
    """A notice with its number and heading."""
    return NoticeView(
        **notice.model_dump(include=set(NoticeView.model_fields)),
        number=number_of(business_date(notice.issued_at).year, notice.serial or 0),
        title=title_of(notice.template),
    )


@router.get("")
async def notices(act: Act = acting("notice.read")) -> list[NoticeView]:
    """The notices to whoever asks, newest first."""

    async def read(tx: Tx) -> list[NoticeView]:
        return [view_of(notice) for notice in await store.inbox(tx)]

    return await act.read(read)


@router.post("/{notice_id}/read")
async def read_notice(notice_id: UUID, act: Act = acting("notice.read")) -> NoticeView:
    """Note that it was read."""

    async def do(tx: Tx) -> NoticeView:
        return view_of(await actions.read_notice(tx, notice_id))

    return await act(do)
