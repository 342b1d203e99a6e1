"""Who may be an account."""

import re
from collections.abc import Collection

from shared.kernel.refusals import Refusal

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}")


def normal_login(login: str) -> str:
    """A login as it is kept: lower case, trimmed."""
    return login.strip().casefold()


def check_login(login: str) -> str:
    """The normal form of a new login; refuses other than 3 to 64 letters, digits and ``._@-``."""
    normal = normal_login(login)
    if not _LOGIN.fullmatch(normal):
        raise Refusal("bad_login", "账号须为3至64位小写字母、数字或 . _ @ -，并以字母或数字开头。", field="login")
    return normal


def check_roles(roles: Collection[str], exclusive: Collection[str]) -> None:
    """Refuse an account without a role, or one with two of the administrators that exclude each other."""
    if not roles:
        raise Refusal("no_role", "请至少选择一个身份。", field="roles")
    if len(set(roles) & set(exclusive)) > 1:
        raise Refusal(
            "exclusive_roles", "系统、安全、审计三类管理身份互相排斥，一个账号只能有其中一个。", field="roles"
        )
