"""A refusal as a page for people: what was wrong, where, which id to quote, and the way on."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from fastapi.templating import Jinja2Templates
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from shared.infra.tickets import FRESH_AUTHENTICATION
from shared.kernel.clock import Clock
from shared.kernel.refusals import Refusal
from shared.web.act import SESSION_COOKIE, TOKEN_COOKIE
from shared.web.field_names import field_name
from shared.web.page import PageContext, RefusalPage
from shared.web.parts import FieldError, Link

RefusalRenderer = Callable[[Request, Refusal, str], Response]

HOME = Link(label="回到首页", href="/")
_WORK = Link(label="回到我的工作", href="/account/home")
_SIGN_IN = Link(label="登录", href="/account/sign-in")
_PROVE = "请先验证身份"
_MALFORMED = "有的内容没有填写或者不符合要求，请更正后再提交。"
_HEADINGS = {
    401: "请先登录",
    403: "您的身份不能办理此事项",
    404: "没有找到",
    409: "现在不能这样办理",
    413: "文件或内容过大",
    422: "填写的内容需要更正",
    503: "系统暂时无法处理",
}


def describe_refusal(refusal: Refusal, quote_id: str, ways_on: Sequence[Link] = (HOME,)) -> RefusalPage:
    """The refusal as the page shows it; the field at fault is listed even when it is the only problem."""
    problems = tuple(FieldError(field=p.field, message=p.message) for p in refusal.problems)
    if not problems and refusal.field:
        problems = (FieldError(field=refusal.field, message=refusal.message),)
    named = tuple(FieldError(field=field_name(one.field), message=one.message) for one in problems)
    return RefusalPage(
        status=refusal.status,
        heading=_PROVE if refusal.code == FRESH_AUTHENTICATION else _HEADINGS.get(refusal.status, "不能办理"),
        message=_MALFORMED if refusal.code == "invalid_request" and problems else refusal.message,
        code=refusal.code,
        quote_id=quote_id,
        article=refusal.article,
        problems=named,
        ways_on=tuple(ways_on),
    )


def page_before(request: Request) -> str:
    """Where somebody goes on after proving who they are: here, or for a form the page it stood on."""
    here = request.url if request.method == "GET" else URL(request.headers.get("referer", "/"))
    return here.path + (f"?{here.query}" if here.query else "")


def _way_back(request: Request) -> Sequence[Link]:
    """A refused form leads back to the page it stood on, where the browser has kept what was typed."""
    if request.scope.get("method") != "POST" or "referer" not in request.headers:
        return ()
    return (Link(label="回到刚才的页面", href=page_before(request)),)


def _ways_home(request: Request) -> Sequence[Link]:
    """Where this person's work begins, whoever they are; never a page of the room that has just refused them."""
    signed_in = TOKEN_COOKIE in request.cookies or SESSION_COOKIE in request.cookies
    return (_WORK,) if signed_in else (HOME, _SIGN_IN)


def _way_to_prove(request: Request, refusal: Refusal) -> Sequence[Link]:
    """An act that wants a fresh proof leads to it, and from there back to the page the act stood on."""
    if refusal.code != FRESH_AUTHENTICATION:
        return ()
    return (Link(label="验证身份后继续", href=f"/account/prove?{urlencode({'next': page_before(request)})}"),)


def make_refusal_renderer(
    templates: Jinja2Templates, clock: Clock, *, base_template: str = "base.html"
) -> RefusalRenderer:
    """What ``app.state.render_refusal`` takes: renders error.html with the refusal's own status.

    Args:
        templates: from make_templates.
        clock: business time, shown in the header.
        base_template: ``public_base.html`` on public pages.
    """

    def render(request: Request, refusal: Refusal, quote_id: str) -> Response:
        ways_on = [*_way_to_prove(request, refusal), *_way_back(request), *_ways_home(request)]
        view = describe_refusal(refusal, quote_id, ways_on)
        page = PageContext(title=view.heading, server_time=clock.now())
        context = {"page": page, "refusal": view, "base_template": base_template}
        return templates.TemplateResponse(request, "error.html", context, status_code=refusal.status)

    return render
