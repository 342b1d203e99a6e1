"""What a notice says, who may read it, and how its letters stand."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
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


class Channel(StrEnum):
    """How a letter travels."""

    MAIL = "mail"
    SMS = "sms"


class DeliveryState(StrEnum):
    """A letter's states: waiting → sending → sent; failed for good; uncertain when the answer was lost; bounced when
    somebody says that it came back."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"


STATE_WORDS = {
    DeliveryState.WAITING: "待发",
    DeliveryState.SENDING: "正在发出",
    DeliveryState.SENT: "已发",
    DeliveryState.FAILED: "失败",
    DeliveryState.UNCERTAIN: "结果不明",
    DeliveryState.BOUNCED: "退信",
}
HELD_WORD = "已暂停"
MOST_ATTEMPTS = 30
LONGEST_PAUSE = timedelta(hours=1)


def retry_at(attempts: int, first_pause: timedelta, now: datetime) -> datetime | None:
    """When to try again after so many attempts: pauses double up to an hour; None when enough were made."""
    if attempts >= MOST_ATTEMPTS:
        return None
    doubled: int = 2 ** min(max(attempts - 1, 0), 16)
    return now + min(first_pause * doubled, LONGEST_PAUSE)


def letter_text(title: str, number: str, case_number: str | None, stage_title: str | None, until: str, url: str) -> str:
    """The body of a letter: number, case, stage, term and a link; nobody's data, not even the addressee's name."""
    lines = [f"{number}：{title}", ""]
    lines += [f"案号：{case_number}"] if case_number else []
    lines += [f"阶段：{stage_title}"] if stage_title else []
    lines += [f"截止：{until}"] if until else []
    return "\n".join([*lines, "", f"请登录查看和办理：{url}", "", "本邮件由系统自动发出，请勿回复。", ""])


def masked(address: str) -> str:
    """An address as the outbox shows it: z***@example.com, 138****0000."""
    name, at, host = address.rpartition("@")
    if at:
        return f"{name[:1]}***@{host}"
    return f"{address[:3]}****{address[-4:]}" if len(address) > 7 else "***"
