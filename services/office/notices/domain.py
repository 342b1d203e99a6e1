"""What a notice says, and who may read it."""

from collections.abc import Collection
from uuid import UUID

from shared.contracts.notices import notice_title


def title_of(template: str) -> str:
    """The heading of a notice."""
    return notice_title(template)


def number_of(year: int, serial: int) -> str:
    """The number printed on a notice, such as 通知〔2026〕17号."""
    return f"通知〔{year}〕{serial}号"


def is_addressed(
    kind: str,
    recipient_id: UUID | None,
    recipient_role: str | None,
    account_id: UUID | None,
    acts_for: Collection[UUID],
    roles: Collection[str],
) -> bool:
    """Whether a notice is for this person: by role, for whom they act, or for themselves."""
    if kind == "role":
        return recipient_role in roles
    return recipient_id is not None and (recipient_id in acts_for or recipient_id == account_id)
