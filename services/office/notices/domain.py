"""What a notice says, and who may read it."""

from collections.abc import Collection
from uuid import UUID

TITLES = {
    "window_reminder": "申报即将截止",
    "application_accepted": "申报已受理",
    "rectification_asked": "请在期限内整改",
    "rectification_reminder": "整改即将到期",
    "rectification_resumed": "整改期限恢复计算",
    "rectification_fulfilled": "企业已提交整改材料",
    "case_passed": "材料初审通过",
    "case_rejected": "材料初审未通过",
    "case_lapsed": "逾期未整改，申报终止",
    "case_withdrawn": "申报已撤回",
    "case_disqualified": "已取消参评资格",
    "undertaking_due": "请签署承诺书",
    "scoring_open": "请开始评分",
    "scoring_reminder": "评分即将截止",
    "decision_due": "请召开会议研究决定",
    "seat_open": "有名额空缺，请研究是否递补",
    "consultation_asked": "请反馈意见",
    "consultation_reminder": "意见征询即将截止",
    "objection_filed": "收到异议",
}


def title_of(template: str) -> str:
    """The heading of a notice; one whose template is newer than this list is still delivered."""
    return TITLES.get(template, "请查看办理事项")


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
