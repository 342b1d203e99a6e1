"""Rules of handing over the work of somebody absent."""

from collections.abc import Collection
from datetime import datetime, timedelta

from shared.kernel.refusals import NotAllowed, Refusal

HANDED_OVER = frozenset({"office", "department"})
"""Work that another person of the same role can do; what is judged or decided in person is never handed over."""

LONGEST = timedelta(days=180)


def require_handable(roles: Collection[str], to_roles: Collection[str]) -> None:
    """Refuse to hand over what is personal, and to somebody who may not do that work anyway."""
    handed = set(roles) & HANDED_OVER
    if not handed:
        raise NotAllowed("评审、决定等须由本人办理，不能交接。", "personal_work")
    if not handed <= set(to_roles):
        raise NotAllowed("接收人须有相同的身份。", "other_role")


def require_period(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse a period that ends before it begins, or never."""
    if not timedelta(0) < ends_at - starts_at <= LONGEST:
        raise Refusal("bad_period", f"结束时间须晚于开始时间，最长{LONGEST.days}天。", field="ends_at")
