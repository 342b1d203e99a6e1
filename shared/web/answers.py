"""Refusal → answer: problem+json for programs, a plain page for people; every answer carries an id to quote."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote as quote_path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.infra.clocks import new_id
from shared.infra.telemetry import REFUSALS, current_trace, log
from shared.kernel.refusals import FieldProblem, NotFound, NotSignedIn, Refusal
from shared.web.act import RENEWED_COOKIE
from shared.web.form_again import page_again
from shared.web.refusal_page import page_before

_FAULT_TOLD = "fangbang.fault_told"

Answering = Callable[[Request, Refusal], Awaitable[Response]]
_log = log(__name__)

_WORDS = {
    "missing": "此项必填。",
    "extra_forbidden": "没有这个字段。",
    "json_invalid": "请求内容不是有效的 JSON。",
    "uuid_parsing": "编号格式不正确。",
    "int_parsing": "请填写整数。",
    "decimal_parsing": "请填写数字。",
    "date_parsing": "日期格式不正确，应为 2026-05-07。",
    "string_type": "请填写文字。",
    "enum": "不是可选的值。",
    "literal_error": "不是可选的值。",
    "string_too_long": "内容过长。",
    "string_too_short": "内容过短。",
}


# A zero character, or half of a surrogate pair: text that PostgreSQL does not keep.
_UNSTORABLE = frozenset({"22021", "22P05"})


def _unstorable() -> Refusal:
    return Refusal("invalid_text", "内容中有不能保存的字符，请删除后重试。")


def problem_body(refusal: Refusal, quote: str) -> dict[str, Any]:
    """RFC 9457 body: code, sentence, field, article, further problems, id to quote."""
    body: dict[str, Any] = {
        "type": f"urn:fangbang:refusal:{refusal.code}",
        "title": refusal.message,
        "status": refusal.status,
        "code": refusal.code,
        "field": refusal.field,
        "article": refusal.article,
        "id": quote,
    }
    if refusal.problems:
        body["problems"] = [vars(problem) for problem in refusal.problems]
    return body


def wants_page(request: Request) -> bool:
    """A person's browser asks for a page; an API path never answers with one."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def from_validation(error: RequestValidationError) -> Refusal:
    """A malformed request as a refusal with its fields, in plain Chinese."""
    problems = tuple(
        FieldProblem(
            ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0]),
            str(one["type"]),
            _WORDS.get(_kind(one), "填写的内容不符合要求。"),
        )
        for one in error.errors()
    )
    first = problems[0]
    return Refusal(
        "invalid_request", f"填写的内容有误：{first.field}，{first.message}", field=first.field, problems=problems
    )


def _kind(error: dict[str, Any]) -> str:
    """What is wrong; a text that must not be blank and is, is missing."""
    blank = error["type"] == "string_too_short" and error["ctx"]["min_length"] == 1
    return "missing" if blank else str(error["type"])


def _to_renew(request: Request) -> Response:
    """To a fresh token and back. A form goes along as it was sent (307), so that nothing typed is lost with the token;
    one that was renewed just now and still is not let in goes back to its page."""
    back = quote_path(page_before(request))
    if request.method == "GET" or RENEWED_COOKIE in request.cookies:
        return RedirectResponse(f"/account/renew?next={back}", HTTPStatus.SEE_OTHER)
    here = quote_path(request.url.path)
    return RedirectResponse(f"/account/renew?next={here}&back={back}", HTTPStatus.TEMPORARY_REDIRECT)


def install_answers(app: FastAPI, service: str) -> None:
    """Register the handlers that turn refusals, bad requests and faults into answers."""

    async def answer(request: Request, refusal: Refusal) -> Response:
        quote = current_trace.get() or str(new_id())
        REFUSALS.labels(service, refusal.code).inc()
        _log.info("refused", code=refusal.code, path=request.scope["route"].path if "route" in request.scope else "")
        if not wants_page(request):
            return JSONResponse(problem_body(refusal, quote), refusal.status, media_type="application/problem+json")
        if isinstance(refusal, NotSignedIn):
            return _to_renew(request)
        page: Response = await page_again(request, refusal) or request.app.state.render_refusal(request, refusal, quote)
        return page

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        return await answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # An address with no number where one belongs is, to a person, a page that is not there.
        if wants_page(request) and all(one["loc"][:1] == ("path",) for one in error.errors()):
            return await answer(request, NotFound("没有这个页面。"))
        return await answer(request, from_validation(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.NOT_FOUND:
            return await answer(request, NotFound("没有这个页面或接口。"))
        refusal = Refusal(f"http_{error.status_code}", "请求的方式不正确。")
        refusal.status = error.status_code
        return await answer(request, refusal)

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Response:
        quote = current_trace.get() or str(new_id())
        _log.error("fault", id=quote, exc_info=error)
        request.scope[_FAULT_TOLD] = True
        refusal = Refusal("fault", "系统暂时无法处理，您的内容没有丢失，请稍后重试，并告知编号。")
        refusal.status = HTTPStatus.SERVICE_UNAVAILABLE
        return await answer(request, refusal)

    _install_text_answers(app, answer, fault)


class ToldFaults:
    """A fault that was logged and answered ends here.

    The framework raises it once more after the answer, and the server then closes the connection under the proxy in
    front, which may have sent somebody else's request on it already: their form would fail with a 502.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a fault that nobody was told of is raised."""
        try:
            await self.app(scope, receive, send)
        except Exception:
            if not scope.get(_FAULT_TOLD):
                raise


def _install_text_answers(app: FastAPI, answer: Answering, fault: Callable[..., Awaitable[Response]]) -> None:
    """Text that cannot be kept is the sender's to mend, not a fault."""

    @app.exception_handler(DBAPIError)
    async def unstorable(request: Request, error: DBAPIError) -> Response:
        if getattr(error.orig, "sqlstate", None) in _UNSTORABLE:
            return await answer(request, _unstorable())
        return await fault(request, error)

    @app.exception_handler(UnicodeEncodeError)
    async def no_text(request: Request, _error: UnicodeEncodeError) -> Response:
        return await answer(request, _unstorable())
