"""取消参评资格 and taking it back: article and reason, a second person's agreement, then the act."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from starlette.datastructures import FormData
from starlette.responses import Response

from services.submission import store
from services.submission.actions import exclusion
from services.submission.actions.exclusion import DISQUALIFY, REINSTATE, agreed_digest
from services.submission.actions.rules import book_of, category_of
from services.submission.domain.cases import WORDS, CaseState
from services.submission.site import page_for, render
from services.submission.tables import Case
from shared.infra.database import Tx
from shared.infra.tickets import Ticket
from shared.kernel.refusals import Refusal
from shared.rulebook import StageKind
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import FormAgain, form_of, path_id
from shared.web.parts import Link
from shared.web.two_persons import agreement

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class _Way:
    """One of the two acts in words: what it is called and what follows from it."""

    act: str
    word: str
    consequence: str


_DISQUALIFY = _Way(
    DISQUALIFY,
    "取消参评资格",
    "此案不再参评，申报单位即刻收到通知；已移交的，后续阶段会收到更正。恢复须由两人另行办理。",
)
_REINSTATE = _Way(
    REINSTATE,
    "恢复参评资格",
    "已通过初审的回到原处，尚无结论的回到初审；申报单位即刻收到通知，已移交的，后续阶段会收到更正。",
)

_WAYS = {"disqualify": _DISQUALIFY, "reinstate": _REINSTATE}
_CarryOut = Callable[[Tx, UUID, str, str, Ticket | None], Awaitable[Case]]


class Grounds(BaseModel):
    """Article and reason; empty before they were given."""

    article: str = Field("", max_length=100)
    reason: str = Field("", max_length=200)

    @property
    def given(self) -> bool:
        """Whether anything was said yet."""
        return bool(self.article or self.reason)

    @property
    def query(self) -> str:
        """As they stand in an address."""
        return urlencode(self.model_dump())


async def _page(tx: Tx, request: Request) -> Response:
    """What it rests on; once that is in order, what the second person is asked."""
    case, path = await store.case_of(tx, path_id(request, "case_id")), request.url.path
    way, asked = _WAYS[path.rpartition("/")[2]], request.query_params
    again = form_of(request, path)
    article, reason = (again.typed(name, asked.get(name, "")) for name in ("article", "reason"))
    grounds = Grounds.model_construct(article=article, reason=reason)
    name = f"{case.number or '未编号'} {case.subject['name']}"
    if grounds.given and again.refusal is None:
        objection = await _objection(tx, case, way, grounds)
        again = request.state.again = FormAgain(path, FormData(dict(asked)), objection)
    agreed = None
    if grounds.given and again.refusal is None:
        subject = f"{way.word}：{name}（{grounds.article}）。{grounds.reason}"
        digest = agreed_digest(way.act, case.case_id, grounds.article, grounds.reason)
        agreed = agreement(request, way.act, digest, subject[:300], f"{path}?{grounds.query}")
    page = page_for(
        tx,
        request,
        f"{way.word}：{name}",
        programme=book_of(case).short_title,
        category=category_of(case).name,
        next_step="另一人在“双人复核”确认后办理" if agreed and not agreed.ticket else None,
        crumbs=(Link(label="初审台", href="/screening"), Link(label=name, href=f"/screening/cases/{case.case_id}")),
    )
    return render(
        request,
        "screening/exclusion.html",
        page,
        status=again.refusal.status if again.refusal else HTTPStatus.OK,
        way=way,
        state=WORDS[CaseState(case.state)],
        path=path,
        grounds=grounds,
        articles=[(one.number, f"{one.number} {one.label}") for one in book_of(case).articles],
        article=grounds.article or _usual_article(case),
        agreed=agreed,
    )


def _usual_article(case: Case) -> str:
    """The article of the screening; of the category where cases come without one."""
    screening = category_of(case).stage(StageKind.SCREENING)
    return str(screening.article if screening else category_of(case).article)


async def _objection(tx: Tx, case: Case, way: _Way, grounds: Grounds) -> Refusal | None:
    """Why it cannot be done on these grounds, said before anybody is asked."""
    try:
        await exclusion.check_grounds(tx, case, way.act, grounds.article, grounds.reason)
    except Refusal as refusal:
        return refusal
    return None


@router.get("/screening/cases/{case_id}/disqualify")
async def disqualification(
    request: Request, _grounds: Annotated[Grounds, Query()], act: Act = acting("case.disqualify")
) -> Response:
    """What it rests on, then what the second person is asked."""
    return await act.read(lambda tx: _page(tx, request))


@router.post("/screening/cases/{case_id}/disqualify")
async def disqualify(
    case_id: UUID, grounds: Annotated[Grounds, Form()], act: Act = acting_form("case.disqualify", page=_page)
) -> Response:
    """Disqualify with the ticket of two persons."""
    return await _carry_out(act, case_id, exclusion.disqualify_case, grounds)


@router.get("/screening/cases/{case_id}/reinstate")
async def reinstatement(
    request: Request, _grounds: Annotated[Grounds, Query()], act: Act = acting("case.reinstate")
) -> Response:
    """What it rests on, then what the second person is asked."""
    return await act.read(lambda tx: _page(tx, request))


@router.post("/screening/cases/{case_id}/reinstate")
async def reinstate(
    case_id: UUID, grounds: Annotated[Grounds, Form()], act: Act = acting_form("case.reinstate", page=_page)
) -> Response:
    """Take it back with the ticket of two persons."""
    return await _carry_out(act, case_id, exclusion.reinstate_case, grounds)


async def _carry_out(act: Act, case_id: UUID, carry_out: _CarryOut, grounds: Grounds) -> Response:
    async def do(tx: Tx) -> str:
        return (await carry_out(tx, case_id, grounds.article, grounds.reason, act.ticket)).state

    await act(do)
    return RedirectResponse(f"/screening/cases/{case_id}", HTTPStatus.SEE_OTHER)
