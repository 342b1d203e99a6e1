"""Accounts from a workbook: an invitation a row; nobody's password is ever in a file."""

from uuid import UUID

from services.office.accounts.actions.invitations import Invited, invite
from shared.infra.database import Tx
from shared.infra.workbook_rows import SheetColumn
from shared.kernel.refusals import Refusal
from shared.web.importing.acts import ImportKind, Prepared, Values
from shared.web.navigation import ROLE_WORDS

_COLUMNS = (
    SheetColumn("display_name", "姓名", required=True),
    SheetColumn("roles", "身份（多个用顿号隔开）", required=True),
    SheetColumn("login", "账号（可由本人填写）"),
    SheetColumn("email", "邮箱"),
    SheetColumn("mobile", "手机"),
)
_ENTERPRISE = "enterprise"


def _roles(text: str) -> list[str]:
    """Role words as ids; people of enterprises come in by registration, not here."""
    known = {word: role for role, word in ROLE_WORDS.items() if role != _ENTERPRISE}
    given = [one.strip() for one in text.split("、") if one.strip()]
    unknown = [one for one in given if one not in known]
    if unknown:
        raise Refusal("unknown_role", f"没有“{unknown[0]}”这个身份；可填：{'、'.join(known)}。", field="roles")
    return [known[one] for one in given]


async def _invite(tx: Tx, values: Values, _source: str) -> UUID:
    texts = {name: str(values[name]).strip() for name in values}
    invited = Invited(
        display_name=texts["display_name"],
        roles=_roles(texts["roles"]),
        login=texts.get("login"),
        email=texts.get("email"),
        mobile=texts.get("mobile"),
    )
    return (await invite(tx, invited)).invitation_id


async def _prepare(_tx: Tx, _place: UUID) -> Prepared:
    return Prepared("账号邀请", _COLUMNS, _invite, {})


KINDS = {
    "accounts": ImportKind(
        "accounts",
        "账号邀请",
        "account.create",
        "导入后每人一份邀请，在账号页取得链接，由本人设置密码。",
        _prepare,
    )
}
