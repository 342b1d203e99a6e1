"""账号: who may sign in as what."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.office.accounts import store
from services.office.accounts.tables import Account
from services.office.site import page_for, render, role_words
from shared.infra.database import Tx
from shared.web.act import Act, acting
from shared.web.parts import Badge, Column, Row, Tone

router = APIRouter()


@router.get("/office/accounts")
async def accounts(request: Request, act: Act = acting("account.read")) -> Response:
    """账号: who may sign in as what."""

    async def read(tx: Tx) -> Response:
        page = await page_for(tx, request, "账号与权限")
        columns = (Column(label="账号"), Column(label="名称"), Column(label="身份"), Column(label="状态"))
        rows = [_row(account) for account in await store.all_accounts(tx)]
        return render(request, "office/accounts.html", page, columns=columns, rows=rows)

    return await act.read(read)


def _row(account: Account) -> Row:
    state = Badge(text="已停用", tone=Tone.BAD) if account.revoked_at else Badge(text="有效", tone=Tone.GOOD)
    return Row(
        cells=(account.login, account.display_name, role_words(account.roles), state),
        struck=account.revoked_at is not None,
    )
