"""What was done with a case, told in a sentence: for its history, and for whoever decided on what has changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from shared.kernel.calendar import CHINA_TIME
from shared.rulebook import Category

WORDS = {
    "application.opened": "开始申报",
    "application.figures_entered": "填写申报数据",
    "application.accepted": "提交申报，已受理",
    "application.left_blank": "声明没有的数据",
    "application.saved": "保存申报数据",
    "application.stuck": "流程停住，待运行人员处理",
    "case.assigned": "分配经办人",
    "case.decided": "作出初审结论",
    "case.disqualified": "取消资格",
    "case.ended": "项目终止",
    "case.reinstated": "恢复资格",
    "case.withdrawn": "申报单位撤回",
    "checklist.ticked": "核对初审要点",
    "checklist.unticked": "取消已核对的要点",
    "evidence.announced": "准备上传材料",
    "evidence.held": "文件收到，待查毒",
    "evidence.kept": "上传证明材料",
    "evidence.refused": "文件未被接收",
    "evidence.removed": "移除证明材料",
    "evidence.bound": "更正材料所证明的数据",
    "inconsistency.waived": "认可一处前后不一致",
    "intake.recorded": "采集登记",
    "investigation.answered": "部门回复调查",
    "investigation.asked": "请部门协助调查",
    "investigation.corrected": "更正调查记录",
    "investigation.recorded": "记录核查结果",
    "message.read": "申报单位看过消息",
    "nomination.recorded": "媒体提名",
    "paper.opened": "代录纸质申报",
    "rectification.asked": "要求限期整改",
    "rectification.fulfilled": "整改后重新提交",
    "rectification.held": "整改期限暂停",
    "rectification.recounted": "整改期限重新计算",
    "rectification.reminded": "整改到期提醒",
    "rectification.resumed": "整改期限恢复计算",
}
_PREPARATION = {
    "application.opened",
    "application.figures_entered",
    "application.saved",
    "application.left_blank",
    "evidence.announced",
    "evidence.refused",
    "message.read",
}
_ASIDE = {"case.assigned", "checklist.ticked", "message.read", "rectification.reminded", "rectification.recounted"}
MATTERS = frozenset(WORDS) - _ASIDE - {"evidence.announced", "evidence.refused"}
"""What a person who decides must know of when somebody else did it meanwhile."""
SHOWN = frozenset(WORDS) - _PREPARATION
"""What the history of a case shows to the office."""


class Done(Protocol):
    """An audit row, as far as it is told."""

    @property
    def action(self) -> str:
        """What was done."""

    @property
    def actor_id(self) -> UUID | None:
        """By whom; None: by the system."""

    @property
    def occurred_at(self) -> datetime:
        """When (business time)."""

    @property
    def details(self) -> dict[str, Any]:
        """Further words."""


def told(category: Category, people: Mapping[UUID, str], done: Done) -> str:
    """Who did what when, in one line."""
    local = done.occurred_at.astimezone(CHINA_TIME)
    return f"{local.month}月{local.day}日 {local:%H:%M} {who(people, done.actor_id)}{words(category, people, done)}"


def words(category: Category, people: Mapping[UUID, str], done: Done) -> str:
    """What was done, without who and when."""
    return WORDS.get(done.action, done.action) + _more(category, people, done)


def who(people: Mapping[UUID, str], account_id: UUID | None) -> str:
    """The name of somebody of the office; others are not named here."""
    if account_id is None:
        return "系统"
    return people.get(account_id, "有人")


def _more(category: Category, people: Mapping[UUID, str], done: Done) -> str:
    details = done.details
    if done.action.startswith("checklist."):
        points = {point.id: point.label for point in category.checklist}
        return f"：{points.get(str(details.get('point')), '')}"
    if done.action in ("application.figures_entered", "application.saved"):
        facts = [fact.label for fact in category.facts if fact.id in details.get("figures", {})]
        return f"：{'、'.join(facts)}"
    if done.action == "case.assigned":
        to = details.get("assignee")
        return f"：{who(people, UUID(to)) if to else '无人'}" + (
            f"（{details['note']}）" if details.get("note") else ""
        )
    words = [str(details[name]) for name in ("article", "reason", "source") if details.get(name)]
    return f"（{'，'.join(words)}）" if words else ""
