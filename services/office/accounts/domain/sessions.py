"""Rules of signing in and of sessions. Times are system time and arguments."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.office.accounts.domain.passwords import Profile
from shared.kernel.refusals import Conflict, NotFound, NotSignedIn, Refusal

LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=15)
FORGET_FAILURES_AFTER = timedelta(days=1)
UNFINISHED_LIFE = timedelta(minutes=10)
LINK_LIFE = timedelta(hours=12)
RECOVERY_LIFE = timedelta(hours=24)


class Step(StrEnum):
    """What a sign-in still wants before it is a session, in this order."""

    CODE = "code"
    ENROLMENT = "enrolment"
    PASSWORD = "password"  # noqa: S105 - a step's name


class WrongPassword(NotSignedIn):
    """Login or password is wrong; never says which."""

    def __init__(self) -> None:
        super().__init__("账号或密码不正确。", "wrong_password")


class WrongCode(Refusal):
    """A one-time code that does not fit, or did already; never says which."""

    status = 401

    def __init__(self) -> None:
        super().__init__("wrong_code", "动态口令不正确或已经用过，请输入下一个口令。", field="code")


class CodeMissing(Refusal):
    """The account has a second factor and no code came."""

    status = 401

    def __init__(self) -> None:
        super().__init__("code_missing", "请输入动态口令。", field="code")


class LockedOut(Refusal):
    """Too many wrong passwords or codes in a row."""

    status = 429

    def __init__(self, until: datetime, now: datetime) -> None:
        minutes = max(1, -int((now - until).total_seconds() // 60))
        super().__init__("locked_out", f"连续{LOCK_AFTER}次验证失败，账号已锁定，请约{minutes}分钟后再试。")


def require_unlocked(locked_until: datetime | None, now: datetime) -> None:
    """Refuse to check anything while the login is locked."""
    if locked_until is not None and now < locked_until:
        raise LockedOut(locked_until, now)


def locks_after(failures: int, now: datetime) -> datetime | None:
    """Until when a login is locked after so many failures in a row; None while it is not."""
    return now + LOCK_FOR if failures >= LOCK_AFTER else None


def first_step(*, enrolled: bool, factor_needed: bool, password_stale: bool) -> Step | None:
    """What a sign-in wants after the right password; None when it is a session at once."""
    if enrolled:
        return Step.CODE
    if factor_needed:
        return Step.ENROLMENT
    return last_step(password_stale=password_stale)


def last_step(*, password_stale: bool) -> Step | None:
    """What a sign-in wants when the second factor is given or not needed."""
    return Step.PASSWORD if password_stale else None


def require_alive(
    profile: Profile,
    opened_at: datetime,
    used_at: datetime,
    ended_at: datetime | None,
    revoked_at: datetime | None,
    now: datetime,
) -> None:
    """Refuse a session that was ended, idle too long, too old, or whose account was revoked."""
    if revoked_at is not None:
        raise NotSignedIn("该账号已停用。")
    if ended_at is not None or now - used_at > profile.idle or now - opened_at > profile.absolute:
        raise NotSignedIn("登录已过期，请重新登录。")


def require_step(wants: str | None, *steps: Step) -> None:
    """Refuse a step of the sign-in out of its turn."""
    if wants not in steps:
        raise Conflict("sign_in_step", "登录步骤已变化，请重新登录。")


def require_finished(wants: str | None) -> None:
    """Refuse to take an unfinished sign-in for a session."""
    if wants is not None:
        raise NotSignedIn("登录还差一步，请继续完成登录。", "sign_in_unfinished")


def require_link(made_at: datetime, used_at: datetime | None, now: datetime, life: timedelta) -> None:
    """Refuse a link that was used or is too old, as one that never was."""
    if used_at is not None or now - made_at > life:
        raise DeadLink


class DeadLink(NotFound):
    """A link that is forged, used, withdrawn or too old; never says which."""

    def __init__(self) -> None:
        super().__init__(
            "这个链接无效、已经用过或已过期。请向发出链接的人索取新的链接；忘记密码的，请联系安全管理员重新发出。",
            "dead_link",
        )
