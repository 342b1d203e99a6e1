"""Rules of API tokens."""

from collections.abc import Collection, Set
from datetime import datetime, timedelta

from shared.kernel.refusals import NotSignedIn, Refusal

PREFIX = "fbt_"
LONGEST_DAYS = 365
MOST = 20
PERSONAL = frozenset({"account.own"})
"""What no program does for its person."""


def check_scopes(scopes: Collection[str], own: Set[str]) -> None:
    """Refuse a token for nothing, or for an act that the person may not do or must do in person."""
    if not scopes:
        raise Refusal("no_scope", "请至少选择一个事项。", field="scopes")
    if not set(scopes) <= own - PERSONAL:
        raise Refusal("bad_scope", "令牌只能包含您自己有权办理的事项。", field="scopes")


def expiry(now: datetime, days: int) -> datetime:
    """When a token ends; refuses one without end in sight."""
    if not 1 <= days <= LONGEST_DAYS:
        raise Refusal("bad_days", f"有效期为1至{LONGEST_DAYS}天。", field="days")
    return now + timedelta(days=days)


def require_usable(
    expires_at: datetime, revoked_at: datetime | None, account_revoked_at: datetime | None, now: datetime
) -> None:
    """Refuse a token that has ended in any way, without saying which."""
    if revoked_at is not None or account_revoked_at is not None or expires_at <= now:
        raise NotSignedIn("令牌无效或已过期。")


def require_few(count: int) -> None:
    """Refuse to pile up tokens."""
    if count >= MOST:
        raise Refusal("too_many_tokens", f"最多同时持有{MOST}个令牌，请先撤回不用的。")
