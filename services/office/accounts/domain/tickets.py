"""Rules of two persons' agreement. Times are system time and arguments."""

from collections.abc import Collection
from datetime import datetime, timedelta

from shared.kernel.refusals import Conflict, NotAllowed

TICKET_LIFE = timedelta(minutes=30)

PAIRS: dict[str, frozenset[str]] = {
    "panel.void": frozenset({"office", "supervisor"}),
    "panel.unseal": frozenset({"office", "supervisor", "review_chair"}),
    "panel.renew_key": frozenset({"office", "review_chair"}),
    "panel.share_lost": frozenset({"office", "supervisor", "review_chair"}),
}
"""Acts whose two persons must hold two different ones of these roles."""


def require_waiting(state: str, asked_at: datetime, now: datetime) -> None:
    """Refuse to answer a ticket twice or after its time."""
    if state != "waiting":
        raise Conflict("ticket_answered", "这张复核单已经有人处理。")
    if now - asked_at > TICKET_LIFE:
        raise Conflict("ticket_expired", "这张复核单已过期，请重新申请。")


def require_second_person(
    act: str, asker: object, asker_roles: Collection[str], second: object, roles: Collection[str]
) -> None:
    """Refuse the same person, and two persons who do not hold two of the act's roles."""
    if asker == second:
        raise NotAllowed("复核必须由另一人办理。", "same_person")
    needed = PAIRS.get(act, frozenset())
    first_fits, second_fits = needed & set(asker_roles), needed & set(roles)
    if needed and not (first_fits and second_fits and len(first_fits | second_fits) > 1):
        raise NotAllowed("此事项须由两种不同身份的人共同办理。", "wrong_pair")
