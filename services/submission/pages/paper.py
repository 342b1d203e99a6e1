"""代录: the office begins a filing that came on paper; it is then filled in like any other."""

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import reading
from services.submission.actions.paper import open_paper
from services.submission.site import case_path, page_for, render
from shared.contracts.subjects import Subject
from shared.infra.database import Tx
from shared.kernel.calendar import business_date
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.parts import Link

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]


@router.get("/screening/paper")
async def paper(request: Request, act: Act = acting("paper.open")) -> Response:
    """Which window, which enterprise, when it came."""
    return await act.read(lambda tx: _page(tx, request))


async def _page(tx: Tx, request: Request) -> Response:
    calls = await reading.calls(tx)
    page = page_for(
        tx,
        request,
        "代录纸质申报",
        next_step="随后录入申报数据、上传盖章申报书的扫描件，再提交",
        crumbs=(Link(label="初审台", href="/screening"),),
    )
    return render(
        request,
        "screening/paper.html",
        page,
        windows=[(str(one.stage_id), f"{one.category}（{one.programme}）") for one in calls],
        variants=sorted({(key, name) for one in calls for key, name in one.variants.items()}),
        titles=sorted({one.title_label for one in calls if one.title_label}),
        today=business_date(tx.now).isoformat(),
    )


@router.post("/screening/paper")
async def begin(
    stage_id: Annotated[UUID, Form()],
    name: Text,
    credit_code: Text,
    paper_on: Text,
    variant: Text = "",
    title: Text = "",
    industry: Text = "",
    district: Text = "",
    act: Act = acting_form("paper.open", page=_page),
) -> Response:
    """Begin the draft and go to it."""

    async def do(tx: Tx) -> str:
        who = Subject(name=name, credit_code=credit_code, industry=industry or None, district=district or None)
        case = await open_paper(tx, stage_id, who, day_of(paper_on), variant or None, title or None)
        return case_path(case.case_id)

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


def day_of(text: str) -> date:
    """A date as typed; refuses what is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal("date", "日期格式不正确，应为 2026-05-07。", field="paper_on") from None
