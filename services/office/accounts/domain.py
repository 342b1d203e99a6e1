"""Rules of accounts, sessions and tickets. Times are system time and arguments."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from shared.kernel.refusals import Conflict, NotAllowed, NotSignedIn, Refusal

IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=15)
LINK_LIFE = timedelta(hours=12)
TICKET_LIFE = timedelta(minutes=30)

PAIRS: dict[str, frozenset[str]] = {
    "panel.draw": frozenset({"office", "supervisor"}),
    "panel.void": frozenset({"office", "supervisor"}),
    "panel.unseal": frozenset({"office", "review_chair"}),
}
"""Acts whose two persons must hold these roles between them."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}")


class WrongPassword(NotSignedIn):
    """Login or password is wrong; never says which."""

    def __init__(self) -> None:
        super().__init__("账号或密码不正确。", "wrong_password")


class LockedOut(Refusal):
    """Too many wrong passwords in a row."""

    status = 429

    def __init__(self, until: datetime, now: datetime) -> None:
        minutes = max(1, -int((now - until).total_seconds() // 60))
        super().__init__("locked_out", f"密码连续错误{LOCK_AFTER}次，账号已锁定，请约{minutes}分钟后再试。")


def normal_login(login: str) -> str:
    """A login as it is kept: lower case, trimmed."""
    return login.strip().casefold()


def check_login(login: str) -> str:
    """The normal form of a new login; refuses other than 3 to 64 letters, digits and ``._@-``."""
    normal = normal_login(login)
    if not _LOGIN.fullmatch(normal):
        raise Refusal("bad_login", "账号须为3至64位小写字母、数字或 . _ @ -，并以字母或数字开头。", field="login")
    return normal


def check_password(password: str) -> None:
    """Refuse a password that is too short to be one, or too long to be hashed at leisure."""
    if not 10 <= len(password) <= 200:
        raise Refusal("bad_password", "密码须为10至200个字符。", field="password")


def check_roles(roles: Collection[str], exclusive: Collection[str]) -> None:
    """Refuse an account without a role, or one with two of the administrators that exclude each other."""
    if not roles:
        raise Refusal("no_role", "请至少选择一个身份。", field="roles")
    if len(set(roles) & set(exclusive)) > 1:
        raise Refusal(
            "exclusive_roles", "系统、安全、审计三类管理身份互相排斥，一个账号只能有其中一个。", field="roles"
        )


def require_unlocked(locked_until: datetime | None, now: datetime) -> None:
    """Refuse to check a password while the login is locked."""
    if locked_until is not None and now < locked_until:
        raise LockedOut(locked_until, now)


def locks_after(failures: int, now: datetime) -> datetime | None:
    """Until when a login is locked after so many failures in a row; None while it is not."""
    return now + LOCK_FOR if failures >= LOCK_AFTER else None


def require_alive(
    opened_at: datetime, used_at: datetime, ended_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> None:
    """Refuse a session that was ended, idle too long, too old, or whose account was revoked."""
    if revoked_at is not None:
        raise NotSignedIn("该账号已停用。")
    if ended_at is not None or now - used_at > IDLE or now - opened_at > ABSOLUTE:
        raise NotSignedIn("登录已过期，请重新登录。")


def require_waiting(state: str, asked_at: datetime, now: datetime) -> None:
    """Refuse to answer a ticket twice or after its time."""
    if state != "waiting":
        raise Conflict("ticket_answered", "这张复核单已经有人处理。")
    if now - asked_at > TICKET_LIFE:
        raise Conflict("ticket_expired", "这张复核单已过期，请重新申请。")


def require_second_person(
    act: str, asker: object, asker_roles: Collection[str], second: object, roles: Collection[str]
) -> None:
    """Refuse the same person, and two persons who do not hold the act's roles between them."""
    if asker == second:
        raise NotAllowed("复核必须由另一人办理。", "same_person")
    needed = PAIRS.get(act, frozenset())
    first_fits, second_fits = needed & set(asker_roles), needed & set(roles)
    if needed and not (first_fits and second_fits and len(first_fits | second_fits) == len(needed)):
        raise NotAllowed("此事项须由两种不同身份的人共同办理。", "wrong_pair")
