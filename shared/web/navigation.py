"""One menu for all rooms: what somebody may do, in the order of the procedure, the same wherever they stand."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shared.infra.database import Actor
from shared.web.page import NavItem
from shared.web.rights import may

INBOX, NOTICES, TICKETS = "/portal/inbox", "/office/notices", "/office/tickets"

ROLE_WORDS = {
    "enterprise": "企业",
    "office": "办公室",
    "supervisor": "监督员",
    "expert": "专家",
    "review_chair": "审查委员会主任",
    "co_chair": "指导委员会主任",
    "guidance": "指导委员会",
    "department": "征询部门",
    "media": "媒体",
    "operator": "系统管理员",
    "security": "安全管理员",
    "auditor": "审计员",
}


class _Entry(NamedTuple):
    label: str
    href: str
    act: str
    unless: str = ""
    """An act of those who have another entry for the same."""


_MENU = (
    _Entry("我的申报", "/portal", "application.withdraw"),
    _Entry("消息", INBOX, "application.withdraw"),
    _Entry("我的企业", "/account/enterprises", "enterprise.people"),
    _Entry("提名", "/portal", "nomination.record"),
    _Entry("我的任务", "/expert", "sheet.write"),
    _Entry("利害关系", "/expert/ties", "tie.declare"),
    _Entry("总览", "/office", "cycle.read"),
    _Entry("初审", "/screening", "screening.decide"),
    _Entry("协助调查", "/portal/investigations", "investigation.answer"),
    _Entry("专家库", "/expert/pool", "pool.manage"),
    _Entry("审查组", "/expert/panels", "panel.read"),
    _Entry("密钥保管", "/expert/custody", "custody.hold"),
    _Entry("研究决定", "/committee", "ranking.read"),
    _Entry("评分稳定性", "/committee/stability", "stability.read"),
    _Entry("意见征询", "/committee/consultations", "consultation.read"),
    _Entry("发布登记", "/lists/manage", "posting.record"),
    _Entry("异议", "/lists/manage/objections", "objection.read"),
    _Entry("发布", "/lists/manage/releases", "release.confirm"),
    _Entry("双人复核", TICKETS, "ticket.confirm"),
    _Entry("规则", "/office/rules", "cycle.read"),
    _Entry("日历", "/office/calendar", "cycle.read"),
    _Entry("通知", NOTICES, "notice.read", unless="application.withdraw"),  # an enterprise has its inbox
    _Entry("发件箱", "/office/deliveries", "delivery.read"),
    _Entry("企业注册", "/office/registrations", "registration.decide"),
    _Entry("账号", "/office/accounts", "account.read"),
    _Entry("工作交接", "/office/handovers", "work.hand_over"),
    _Entry("总账", "/office/ledger", "cycle.read"),
    _Entry("审计", "/office/audit", "audit.read"),
    _Entry("运行", "/office/operations", "operations.read"),
)


def menu(actor: Actor, path: str, waiting: Mapping[str, int] | None = None) -> tuple[NavItem, ...]:
    """The entries that an actor may open.

    Args:
        actor: who is signed in.
        path: the page shown; the entry it stands beneath is marked, the longest address that leads to it.
        waiting: what waits for the actor, by address, as far as this room knows.
    """
    open_to = [one for one in _MENU if may(actor, one.act) and not (one.unless and may(actor, one.unless))]
    here = max((one.href for one in open_to if _beneath(path, one.href)), key=len, default=None)
    counts = waiting or {}
    return tuple(
        NavItem(label=one.label, href=one.href, current=one.href == here, count=counts.get(one.href) or None)
        for one in open_to
    )


def role_words(roles: Iterable[str]) -> str:
    """Roles as people read them, always in the same order."""
    held = set(roles)
    return "、".join(word for role, word in ROLE_WORDS.items() if role in held)


def _beneath(path: str, href: str) -> bool:
    return path == href or path.startswith(href + "/")
