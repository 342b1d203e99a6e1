"""One's own account as JSON: password and sessions."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.office.accounts import sessions
from services.office.accounts.actions import people
from services.office.accounts.api.base import PasswordBody
from services.office.accounts.cookies import service_of
from services.office.accounts.sessions import profile_of
from services.office.accounts.tables import AccountSession
from shared.infra.database import Tx
from shared.web.act import Act, acting

router = APIRouter()


class SessionAnswer(BaseModel):
    """A session of one's own."""

    session_id: UUID
    opened_at: datetime
    used_at: datetime
    current: bool


def session_answer(session: AccountSession, current: UUID | None) -> SessionAnswer:
    """A session without its token's hash."""
    return SessionAnswer(
        session_id=session.session_id,
        opened_at=session.opened_at,
        used_at=session.used_at,
        current=session.session_id == current,
    )


@router.post("/me/password", status_code=HTTPStatus.NO_CONTENT)
async def change_password(body: PasswordBody, request: Request, act: Act = acting("account.own")) -> None:
    """Change one's own password, freshly authenticated; the other sessions end."""
    profile, password = profile_of(service_of(request)), body.password.get_secret_value()

    async def change(tx: Tx) -> None:
        await people.change_own_password(tx, profile, password)

    await act(change)


@router.get("/me/sessions")
async def my_sessions(act: Act = acting("account.own")) -> list[SessionAnswer]:
    """One's open sessions."""

    async def read(tx: Tx) -> list[SessionAnswer]:
        return [session_answer(one, act.actor.session) for one in await sessions.own_sessions(tx)]

    return await act.read(read)


@router.post("/me/sessions/{session_id}/end", status_code=HTTPStatus.NO_CONTENT)
async def end_session(session_id: UUID, act: Act = acting("account.own")) -> None:
    """End one of one's sessions."""

    async def end(tx: Tx) -> None:
        await sessions.end_own_session(tx, session_id)

    await act(end)
