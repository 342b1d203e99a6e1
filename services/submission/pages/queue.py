"""初审台: running stages, the queue with its filters, assignment, decisions in bulk, ending a stage."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import URL
from starlette.responses import Response

from services.submission import reading, store
from services.submission.actions import desk as work
from services.submission.actions import screening, stages
from services.submission.actions.rules import book_of, category_of, stage_article
from services.submission.actions.screening import Verdict
from services.submission.actions.targets import has_targets
from services.submission.domain.cases import UNDECIDED, WORDS, CaseState
from services.submission.domain.queue import Wanted
from services.submission.reads.queue import DeskLine, DeskPage, desk_page, every_line
from services.submission.site import case_badge, page_for, render
from shared.infra.database import Tx
from shared.infra.stages import running_stages
from shared.kernel.refusals import NotFound, Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.formats import short_term_end
from shared.web.listing import listing_file, wanted_format
from shared.web.parts import Badge, Column, Link, Part, Row, Tone

router = APIRouter(include_in_schema=False)

_STAGE_WORDS = {"screening": "初审", "intake": "采集", "nomination": "提名"}
_COLUMNS = (
    ("number", Column(label="案号")),
    ("name", Column(label="参评对象")),
    (None, Column(label="项目")),
    ("state", Column(label="状态")),
    ("waiting", Column(label="已等待", numeric=True, hint="交到办公室以来的工作日")),
    ("term", Column(label="整改截止")),
    ("assignee", Column(label="经办人")),
    ("findings", Column(label="待处理疑点", numeric=True)),
    (None, Column(label="来源")),
)
COLUMNS = tuple(column for _, column in _COLUMNS)

Text = Annotated[str, Form(max_length=400)]
Filters = Annotated[Wanted, Query()]
OnCase = Callable[[Tx, UUID], Awaitable[str]]


class Head(Part):
    """A column head that orders the queue on the server."""

    column: Column
    href: str | None
    ordered: str | None


class Chosen(Part):
    """How an act on one of several chosen cases ended."""

    number: str
    name: str
    href: str
    badge: Badge
    message: str


@router.get("/screening")
async def desk(request: Request, act: Act = acting("screening.decide")) -> Response:
    """The stages that the office works on, with what is left to do in each."""

    async def do(tx: Tx) -> Response:
        rows = []
        for kind in _STAGE_WORDS:
            for stage in await running_stages(tx, kind):
                counts = await store.count_states(tx, stage.category_id)
                rows.append((stage, book_of(stage).short_title, category_of(stage).name, counts))
        page = page_for(tx, request, "初审台", expected_of_me="逐案作出初审结论" if rows else None)
        return render(request, "screening/desk.html", page, rows=rows, targets=await _targets(tx))

    return await act.read(do)


async def _targets(tx: Tx) -> list[tuple[UUID, str, bool]]:
    """Open windows for which the office records targets: stage, category, and whether they are locked."""
    return [
        (stage.stage_id, category_of(stage).name, await store.target_lock(tx, stage.category_id) is not None)
        for stage in await running_stages(tx, "application_window")
        if has_targets(category_of(stage))
    ]


@router.get("/screening/cases")
async def cases(request: Request, wanted: Filters, act: Act = acting("screening.decide")) -> Response:
    """The queue over all categories."""
    if wanted_format(request):
        return await _file(request, act, wanted, "案件")

    return await act.read(lambda tx: _all_page(tx, request, wanted))


async def _all_page(tx: Tx, request: Request, wanted: Wanted) -> Response:
    found = await desk_page(tx, wanted)
    page = page_for(
        tx,
        request,
        "全部案件",
        expected_of_me=_left(found.counts),
        crumbs=(Link(label="初审台", href="/screening"),),
    )
    context = _queue_context(wanted, found, "/screening/cases")
    return render(request, "screening/queue.html", page, stage=None, ending=None, **context)


@router.get("/screening/{stage_id}")
async def queue(request: Request, stage_id: UUID, wanted: Filters, act: Act = acting("screening.decide")) -> Response:
    """The queue of a stage."""
    if wanted_format(request):
        stage = await act.read(lambda tx: reading.stage_of(tx, stage_id))
        of_stage = wanted.model_copy(update={"category": stage.category_id})
        return await _file(request, act, of_stage, f"{category_of(stage).name}{_STAGE_WORDS.get(stage.kind, '')}")
    return await act.read(lambda tx: _queue_page(tx, request, wanted, stage_id))


async def _file(request: Request, act: Act, wanted: Wanted, title: str) -> Response:
    """The whole queue as filtered and ordered, as a file."""

    async def rows() -> AsyncIterator[Row]:
        async with act.transaction() as tx:
            async for line in every_line(tx, wanted):
                yield row_of(line)

    await act.read(_may_read)
    answer = await listing_file(request, title, COLUMNS, rows())
    assert answer is not None
    return answer


async def _may_read(_tx: Tx) -> None:
    """Opening a transaction has checked it."""


def row_of(line: DeskLine) -> Row:
    """A case as a row of the queue."""
    kind = f"{line.category}·{line.variant_name}" if line.variant_name else line.category
    until = "—"
    if line.closes_at:
        left = f"（剩 {line.days_left} 个工作日）" if line.days_left is not None else ""
        until = short_term_end(line.closes_at) + left
    return Row(
        cells=(
            line.number or "—",
            str(line.subject.get("honoured") or line.subject["name"]),
            kind,
            case_badge(line.state, line.state_text),
            "—" if line.waited is None else str(line.waited),
            until,
            line.assignee_name or ("未署名人员" if line.assignee else "—"),
            str(line.open_findings),
            "代录" if line.paper else "网上",
        ),
        href=f"/screening/cases/{line.case_id}",
    )


def _left(counts: Mapping[str, int]) -> str:
    undecided = sum(counts.get(state.value, 0) for state in UNDECIDED)
    return f"还有{undecided}案没有结论" if undecided else "没有等待结论的案件"


def _queue_context(wanted: Wanted, found: DeskPage, path: str) -> dict[str, Any]:
    """What the queue's template needs besides its page."""
    return {
        "path": path,
        "wanted": wanted,
        "heads": _heads(wanted, path),
        "lines": [(line, row_of(line)) for line in found.lines],
        "found": found,
        "states": [("undecided", "没有结论"), *((s.value, WORDS[s]) for s in CaseState if s is not CaseState.DRAFT)],
        "people": [(str(one.account_id), one.name) for one in found.assignable],
        "districts": [(one, one) for one in found.districts],
        "before": _link(wanted, path, page=found.page - 1) if found.page > 1 else None,
        "next": _link(wanted, path, page=found.page + 1) if found.page < found.pages else None,
        "filtered": wanted.model_dump(exclude={"category", "sort", "page"})
        != Wanted().model_dump(exclude={"category", "sort", "page"}),
        "back": _link(wanted, path),
    }


def _link(wanted: Wanted, path: str, **changed: object) -> str:
    """This page with something about it changed."""
    kept = wanted.model_dump(mode="json", exclude_defaults=True, exclude={"page"})
    query = urlencode({**kept, **changed})
    return f"{path}?{query}" if query else path


def _heads(wanted: Wanted, path: str) -> list[Head]:
    name, descending = wanted.order
    found = []
    for key, column in _COLUMNS:
        current = key is not None and key == name
        href = None if key is None else _link(wanted, path, sort=f"-{key}" if current and not descending else key)
        ordered = ("descending" if descending else "ascending") if current else None
        found.append(Head(column=column, href=href, ordered=ordered))
    return found


async def _queue_page(tx: Tx, request: Request, wanted: Wanted, stage_id: UUID) -> Response:
    stage = await reading.stage_of(tx, stage_id)
    found = await desk_page(tx, wanted.model_copy(update={"category": stage.category_id}))
    counts = await store.count_states(tx, stage.category_id)
    undecided = sum(counts.get(state.value, 0) for state in UNDECIDED)
    category = category_of(stage)
    page = page_for(
        tx,
        request,
        f"{category.name}·{_STAGE_WORDS[stage.kind]}",
        programme=book_of(stage).short_title,
        category=category.name,
        expected_of_me=f"还有{undecided}案没有结论" if undecided else "全部已有结论，可以结束本阶段",
        next_step="结束后冻结移交清单，交下一阶段",
        crumbs=(Link(label="初审台", href="/screening"),),
    )
    return render(
        request,
        "screening/queue.html",
        page,
        stage=stage,
        ending=await store.closing_of(tx, stage_id),
        **_queue_context(wanted, found, f"/screening/{stage_id}"),
    )


async def _ending_page(tx: Tx, request: Request) -> Response:
    return await _queue_page(tx, request, Wanted(), path_id(request, "stage_id"))


async def _sent_page(tx: Tx, request: Request) -> Response:
    """The queue from which several cases were sent, as it was filtered."""
    back = URL(str((await request.form()).get("back", "")))
    try:
        wanted = Wanted.model_validate(dict(parse_qsl(back.query)))
        place = back.path.removeprefix("/screening/")
        stage_id = None if place == "cases" else UUID(place)
    except ValueError:
        raise NotFound from None
    return await (_all_page(tx, request, wanted) if stage_id is None else _queue_page(tx, request, wanted, stage_id))


@router.post("/screening/{stage_id}/close")
async def end_stage(stage_id: UUID, act: Act = acting_form("screening.close", page=_ending_page)) -> Response:
    """End the stage."""

    async def do(tx: Tx) -> str:
        return str((await stages.end_stage(tx, stage_id)).stage_id)

    await act(do)
    return RedirectResponse(f"/screening/{stage_id}", HTTPStatus.SEE_OTHER)


@router.post("/screening/bulk/assign")
async def assign_chosen(
    request: Request,
    assignee: Text = "",
    note: Text = "",
    back: Text = "",
    act: Act = acting_form("case.assign", page=_sent_page),
) -> Response:
    """Give all chosen cases to one person; each for itself."""

    async def do(tx: Tx, case_id: UUID) -> str:
        await work.assign_case(tx, case_id, assignee_of(tx, assignee), note)
        return "已分配"

    return await _each(request, act, "分配经办人", do, back)


def assignee_of(tx: Tx, given: str) -> UUID | None:
    """``me``, nobody, or an account."""
    if given == "me":
        return tx.actor.account_id
    if given in ("", "none"):
        return None
    try:
        return UUID(given)
    except ValueError:
        raise Refusal("unknown_colleague", "办公室没有这位人员。", field="assignee") from None


@router.post("/screening/bulk/pass")
async def pass_chosen(
    request: Request, confirmed: Text = "", back: Text = "", act: Act = acting_form("screening.decide", page=_sent_page)
) -> Response:
    """Pass the chosen cases that need no further look: checklist complete, nothing open; each for itself."""
    if confirmed != "yes":
        raise Refusal("not_confirmed", "请先逐案核对，并勾选确认。", field="confirmed")
    form = await request.form()
    versions = {
        name.removeprefix("version-"): str(value) for name, value in form.items() if name.startswith("version-")
    }

    async def do(tx: Tx, case_id: UUID) -> str:
        case = await store.case_of(tx, case_id)
        version = versions.get(str(case_id), "")
        verdict = Verdict("pass", stage_article(case, "screening"), "", int(version) if version.isdecimal() else -1)
        await screening.decide_case(tx, case_id, verdict)
        return "已通过"

    return await _each(request, act, "批量通过", do, back)


async def _each(request: Request, act: Act, title: str, do: OnCase, back: str) -> Response:
    """Act on every chosen case in a transaction of its own, and say of each how it ended."""
    form = await request.form()
    sent = list(dict.fromkeys(str(value) for value in form.getlist("case")))
    if not sent:
        raise Refusal("none_chosen", "请在列表中勾选要办理的案件，至少一件。", field="case")
    chosen = [await _one(act, one, do) for one in sent]
    done = sum(one.badge.tone == "good" for one in chosen)

    async def shown(tx: Tx) -> Response:
        crumbs = (Link(label="初审台", href="/screening"),)
        page = page_for(tx, request, f"{title}：{done} 案已办，{len(chosen) - done} 案未办", crumbs=crumbs)
        safe = back if back.startswith("/screening") else "/screening/cases"
        return render(request, "screening/bulk.html", page, chosen=chosen, back=safe)

    return await act.read(shown)


async def _one(act: Act, chosen: str, do: OnCase) -> Chosen:
    """One of the chosen cases, under a key of its own: a repeat of the whole does nothing twice."""
    try:
        case_id = UUID(chosen)
    except ValueError:
        return Chosen(
            number="—", name="—", href="/screening/cases", badge=Badge(text="未办", tone=Tone.BAD), message=""
        )
    own = replace(act, key=f"{act.key}/{case_id}")
    try:
        message, tone = await own(lambda tx: do(tx, case_id)), Tone.GOOD
    except Refusal as refusal:
        message, tone = refusal.message, Tone.BAD
    number, name = await act.read(lambda tx: _named(tx, case_id))
    badge = Badge(text="已办" if tone is Tone.GOOD else "未办", tone=tone)
    return Chosen(number=number, name=name, href=f"/screening/cases/{case_id}", badge=badge, message=message)


async def _named(tx: Tx, case_id: UUID) -> tuple[str, str]:
    try:
        case = await store.case_of(tx, case_id)
    except NotFound:
        return "—", "—"
    return case.number or "—", str(case.subject["name"])
