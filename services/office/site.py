"""What every page of office has: templates, who is signed in, where they may go, and how a refusal looks."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from services.office.accounts.reads import tickets_for_me
from services.office.accounts.store import account_row
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.kernel.refusals import FieldProblem, Refusal
from shared.web.act import csrf_token
from shared.web.page import Actor as Person
from shared.web.page import NavItem, PageContext
from shared.web.parts import FieldError, Link
from shared.web.refusal_page import make_refusal_renderer
from shared.web.rights import may
from shared.web.templating import make_templates

TEMPLATES = Path(__file__).parent / "templates"

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
HOMES = (
    ("enterprise", "/portal"),
    ("expert", "/expert"),
    ("department", "/committee"),
    ("co_chair", "/committee"),
    ("guidance", "/committee"),
    ("review_chair", "/expert"),
    ("media", "/portal"),
    ("security", "/office/accounts"),
    ("auditor", "/office/audit"),
    ("operator", "/office/operations"),
)
_INBOX, _NOTICES = "/portal/inbox", "/office/notices"
_NAV = (
    ("我的申报", "/portal", "application.withdraw"),
    ("消息", _INBOX, "application.withdraw"),
    ("总览", "/office", "cycle.read"),
    ("双人复核", "/office/tickets", "ticket.confirm"),
    ("初审", "/screening", "screening.decide"),
    ("研究决定", "/committee", "decision.record"),
    ("日历", "/office/calendar", "cycle.read"),
    ("通知", _NOTICES, "notice.read"),
    ("发件箱", "/office/deliveries", "delivery.read"),
    ("企业注册", "/office/registrations", "registration.decide"),
    ("我的企业", "/account/enterprises", "enterprise.people"),
    ("账号", "/office/accounts", "account.read"),
    ("工作交接", "/office/handovers", "work.hand_over"),
    ("总账", "/office/ledger", "ledger.read"),
    ("审计", "/office/audit", "audit.read"),
    ("运行", "/office/operations", "operations.read"),
)


def install(app: FastAPI, service: Service) -> None:
    """Templates, and how a refusal looks to people."""
    app.state.templates = make_templates(TEMPLATES, rehearsal=service.rehearsal)
    ways_on = (Link(label="回到总览", href="/office"), Link(label="登录", href="/account/sign-in"))
    app.state.render_refusal = make_refusal_renderer(app.state.templates, service.database, ways_on=ways_on)


async def page_for(tx: Tx, request: Request, title: str, **answers: Any) -> PageContext:
    """The page's context for whoever is signed in; ``answers`` are further fields of ``PageContext``."""
    actor = tx.actor
    account = await account_row(tx, actor.account_id) if actor.account_id else None
    waiting = await tickets_for_me(tx) if may(actor, "ticket.confirm") else 0
    nav = tuple(
        NavItem(
            label=label,
            href=href,
            current=request.url.path == href,
            count=waiting or None if href == "/office/tickets" else None,
        )
        for label, href, act in _NAV
        if may(actor, act)
        and not (href == _NOTICES and may(actor, "application.withdraw"))  # an enterprise has its inbox
    )
    person = Person(name=account.display_name, role=role_words(account.roles)) if account else None
    return PageContext(title=title, server_time=tx.now, actor=person, nav=nav, **answers)


def role_words(roles: list[str]) -> str:
    """Roles as people read them."""
    return "、".join(ROLE_WORDS.get(role, role) for role in roles)


def home_of(roles: list[str]) -> str:
    """Where somebody with these roles begins."""
    return next((href for role, href in HOMES if role in roles), "/office")


def render(request: Request, template: str, page: PageContext, *, status: int = 200, **context: Any) -> Response:
    """A page; forms in it find ``csrf`` and a fresh ``key``."""
    templates: Jinja2Templates = request.app.state.templates
    hidden = {"csrf": csrf_token(request) if page.actor else "", "key": str(new_id())}
    return templates.TemplateResponse(request, template, {"page": page, **hidden, **context}, status_code=status)


def errors_of(refusal: Refusal) -> tuple[FieldError, ...]:
    """A refusal as errors beside their fields; one without a field stands at the first."""
    problems = refusal.problems or (FieldProblem(refusal.field or "form", refusal.code, refusal.message),)
    return tuple(FieldError(field=one.field, message=one.message) for one in problems)


def own_path(target: str | None, otherwise: str) -> str:
    """A path of this site to go on to; anything that leads elsewhere is not followed."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target
