"""取消参评资格 and taking it back: article and reason, a second person's agreement, then the act."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.submission import store
from services.submission.actions import exclusion
from services.submission.actions.exclusion import DISQUALIFY, REINSTATE, agreed_digest
from services.submission.actions.rules import book_of, category_of
from services.submission.domain.cases import WORDS, CaseState
from services.submission.site import errors_of, page_for, render
from services.submission.tables import Case
from shared.infra.database import Tx
from shared.infra.tickets import FRESH_AUTHENTICATION
from shared.kernel.refusals import Refusal
from shared.rulebook import StageKind
from shared.web.act import Act, acting, acting_form
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


@router.get("/screening/cases/{case_id}/disqualify")
async def disqualification(
    request: Request, case_id: UUID, grounds: Annotated[Grounds, Query()], act: Act = acting("case.disqualify")
) -> Response:
    """What it rests on, then what the second person is asked."""
    return await act.read(lambda tx: _page(tx, request, case_id, _DISQUALIFY, grounds))


@router.post("/screening/cases/{case_id}/disqualify")
async def disqualify(
    request: Request, case_id: UUID, grounds: Annotated[Grounds, Form()], act: Act = acting_form("case.disqualify")
) -> Response:
    """Disqualify with the ticket of two persons."""
    return await _carry_out(act, request, case_id, _DISQUALIFY, grounds)


@router.get("/screening/cases/{case_id}/reinstate")
async def reinstatement(
    request: Request, case_id: UUID, grounds: Annotated[Grounds, Query()], act: Act = acting("case.reinstate")
) -> Response:
    """What it rests on, then what the second person is asked."""
    return await act.read(lambda tx: _page(tx, request, case_id, _REINSTATE, grounds))


@router.post("/screening/cases/{case_id}/reinstate")
async def reinstate(
    request: Request, case_id: UUID, grounds: Annotated[Grounds, Form()], act: Act = acting_form("case.reinstate")
) -> Response:
    """Take it back with the ticket of two persons."""
    return await _carry_out(act, request, case_id, _REINSTATE, grounds)


async def _carry_out(act: Act, request: Request, case_id: UUID, way: _Way, grounds: Grounds) -> Response:
    carry_out = exclusion.disqualify_case if way.act == DISQUALIFY else exclusion.reinstate_case

    async def do(tx: Tx) -> str:
        return (await carry_out(tx, case_id, grounds.article, grounds.reason, act.ticket)).state

    try:
        await act(do)
    except Refusal as refusal:
        return await _refused(act, request, case_id, way, grounds, refusal)
    return RedirectResponse(f"/screening/cases/{case_id}", HTTPStatus.SEE_OTHER)


async def _refused(
    act: Act, request: Request, case_id: UUID, way: _Way, grounds: Grounds, refusal: Refusal
) -> Response:
    """A refusal on the page itself; one that wants a fresh proof leads to it and back to the page with the ticket."""
    if refusal.code == FRESH_AUTHENTICATION:
        raise refusal
    return await act.read(lambda tx: _page(tx, request, case_id, way, grounds, refusal))


async def _page(
    tx: Tx, request: Request, case_id: UUID, way: _Way, grounds: Grounds, refusal: Refusal | None = None
) -> Response:
    case = await store.case_of(tx, case_id)
    name = f"{case.number or '未编号'} {case.subject['name']}"
    if grounds.given and refusal is None:
        refusal = await _objection(tx, case, way, grounds)
    agreed = None
    if grounds.given and refusal is None:
        subject = f"{way.word}：{name}（{grounds.article}）。{grounds.reason}"
        digest = agreed_digest(way.act, case_id, grounds.article, grounds.reason)
        agreed = agreement(request, way.act, digest, subject[:300], f"{request.url.path}?{grounds.query}")
    page = page_for(
        tx,
        request,
        f"{way.word}：{name}",
        programme=book_of(case).short_title,
        category=category_of(case).name,
        next_step="另一人在“双人复核”确认后办理" if agreed and not agreed.ticket else None,
        crumbs=(Link(label="初审台", href="/screening"), Link(label=name, href=f"/screening/cases/{case_id}")),
    )
    return render(
        request,
        "screening/exclusion.html",
        page,
        status=refusal.status if refusal else 200,
        way=way,
        state=WORDS[CaseState(case.state)],
        path=request.url.path,
        grounds=grounds,
        articles=[(one.number, f"{one.number} {one.label}") for one in book_of(case).articles],
        article=grounds.article or _usual_article(case),
        agreed=agreed,
        errors=errors_of(refusal),
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
