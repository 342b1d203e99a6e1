"""账号: who may sign in as what; invitations; what the security administrator does with an account."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from services.office.accounts import store
from services.office.accounts.actions import invitations, people
from services.office.accounts.actions.invitations import Invited
from services.office.accounts.cookies import link_url, service_of
from services.office.accounts.links import INVITATION, RECOVERY
from services.office.accounts.pages.base import Required, Text, see
from services.office.accounts.seeding import consulted_departments
from services.office.accounts.tables import Account, Invitation
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.kernel.credit_code import check_credit_code
from shared.kernel.ids import derived_id
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.navigation import ROLE_WORDS, role_words
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.rights import may

router = APIRouter()

Roles = Annotated[list[str], Form()]
_COLUMNS = tuple(Column(label=label) for label in ("账号", "名称", "身份", "动态口令", "状态"))


@router.get("/office/accounts")
async def accounts(request: Request, act: Act = acting("account.read")) -> Response:
    """The list, and for the security administrator the open invitations."""

    async def read(tx: Tx) -> Response:
        page, enrolled = await page_for(tx, request, "账号与权限"), await store.enrolled_accounts(tx)
        managing, everybody = may(tx.actor, "account.change"), await store.all_accounts(tx)
        rows = [_row(one, enrolled=one.account_id in enrolled, managing=managing) for one in everybody]
        waiting = await store.open_invitations(tx) if managing else ()
        shown: dict[str, Any] = {"rows": rows, "managing": managing, "invitations": _lines(waiting)}
        return render(request, "office/accounts.html", page, columns=_COLUMNS, **shown)

    return await act.read(read)


@router.get("/office/invitations/new")
async def invitation_form(request: Request, act: Act = acting("account.create")) -> Response:
    """The form of an invitation."""
    return await act.read(lambda tx: _invitation_form(tx, request))


async def _invitation_form(tx: Tx, request: Request) -> Response:
    page = await page_for(tx, request, "邀请", crumbs=(Link(label="账号与权限", href="/office/accounts"),))
    departments = [(name, name) for name in consulted_departments(iter(load_shipped().values()))]
    shown: dict[str, Any] = {"departments": departments, "role_options": list(ROLE_WORDS.items())}
    return render(request, "office/new_invitation.html", page, **shown)


@router.post("/office/invitations/new")
async def invite(
    display_name: Required,
    roles: Roles,
    login: Text = "",
    email: Text = "",
    mobile: Text = "",
    department: Text = "",
    enterprise: Text = "",
    act: Act = acting_form("account.create", page=_invitation_form),
) -> Response:
    """Make an invitation and show its link."""

    async def do(tx: Tx) -> dict[str, UUID]:
        acts_for = [derived_id("department", department)] if department else []
        acts_for += [derived_id("enterprise", check_credit_code(enterprise))] if enterprise else []
        invited = Invited(display_name, roles, acts_for, login or None, email or None, mobile or None)
        return {"invitation_id": (await invitations.invite(tx, invited)).invitation_id}

    made = await act(do)
    return see(f"/office/invitations/{made['invitation_id']}")


@router.get("/office/invitations/{invitation_id}")
async def invitation(invitation_id: UUID, request: Request, act: Act = acting("account.create")) -> Response:
    """One open invitation with its link."""

    async def read(tx: Tx) -> Response:
        row = await store.invitation_row(tx, invitation_id)
        url = link_url(service_of(request), INVITATION, invitation_id)
        page = await page_for(tx, request, f"邀请：{row.display_name}", next_step="把链接交给本人；本人设置账号和密码")
        return render(request, "office/invitation.html", page, invitation=row, roles=role_words(row.roles), url=url)

    return await act.read(read)


@router.post("/office/invitations/{invitation_id}/withdraw")
async def withdraw(invitation_id: UUID, act: Act = acting_form("account.create")) -> Response:
    """Take an invitation back."""

    async def do(tx: Tx) -> str:
        await invitations.withdraw_invitation(tx, invitation_id)
        return "/office/accounts"

    return see(await act(do))


@router.get("/office/accounts/{account_id}")
async def account(account_id: UUID, request: Request, act: Act = acting("account.change")) -> Response:
    """One account, and what can be done with it."""
    return await act.read(lambda tx: _account_page(tx, request))


async def _account_page(tx: Tx, request: Request, recovery_url: str | None = None) -> Response:
    account_id = path_id(request, "account_id")
    row, enrolled = await store.account_row(tx, account_id), await store.enrolled_accounts(tx)
    page = await page_for(tx, request, row.display_name, crumbs=(Link(label="账号与权限", href="/office/accounts"),))
    shown: dict[str, Any] = {
        "account": row,
        "roles": role_words(row.roles),
        "enrolled": account_id in enrolled,
        "own": account_id == tx.actor.account_id,
        "role_options": list(ROLE_WORDS.items()),
        "recovery_url": recovery_url,
    }
    return render(request, "office/account.html", page, **shown)


@router.post("/office/accounts/{account_id}/roles")
async def change_roles(
    account_id: UUID, roles: Roles, reason: Required, act: Act = acting_form("account.change", page=_account_page)
) -> Response:
    """Give an account other roles."""

    async def do(tx: Tx) -> str:
        await people.change_roles(tx, account_id, roles, reason)
        return f"/office/accounts/{account_id}"

    return see(await act(do))


@router.post("/office/accounts/{account_id}/revoke")
async def revoke(
    account_id: UUID, reason: Required, act: Act = acting_form("account.revoke", page=_account_page)
) -> Response:
    """End an account for good."""

    async def do(tx: Tx) -> str:
        await people.revoke_account(tx, account_id, reason)
        return f"/office/accounts/{account_id}"

    return see(await act(do))


@router.post("/office/accounts/{account_id}/recover")
async def recover(
    account_id: UUID,
    reason: Required,
    request: Request,
    act: Act = acting_form("account.recover", page=_account_page),
) -> Response:
    """Let somebody who lost password or phone begin anew, and show the link to hand over."""

    async def do(tx: Tx) -> dict[str, UUID]:
        return {"recovery_id": (await people.recover_account(tx, account_id, reason)).recovery_id}

    recovery_id = UUID(str((await act(do))["recovery_id"]))
    url = link_url(service_of(request), RECOVERY, recovery_id)
    return await act.read(lambda tx: _account_page(tx, request, url))


def _lines(waiting: Sequence[Invitation]) -> list[dict[str, object]]:
    return [
        {"id": one.invitation_id, "name": one.display_name, "roles": role_words(one.roles), "until": one.expires_at}
        for one in waiting
    ]


def _row(account: Account, *, enrolled: bool, managing: bool) -> Row:
    state = Badge(text="已停用", tone=Tone.BAD) if account.revoked_at else Badge(text="有效", tone=Tone.GOOD)
    factor = Badge(text="已绑定" if enrolled else "未绑定")
    return Row(
        cells=(account.login, account.display_name, role_words(account.roles), factor, state),
        struck=account.revoked_at is not None,
        href=f"/office/accounts/{account.account_id}" if managing else None,
    )
