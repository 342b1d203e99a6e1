"""审计: what was done in all services, filtered, paged and exported; how each row stands to the ledger."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from services.office.console import auditing
from services.office.console.auditing import Done, Filters, Log, Place, Standing, ask_log, whole_log
from services.office.console.overview import OWNERS
from services.office.ledger.checking import check_ledger
from services.office.site import errors_of, page_for, render
from shared.contracts.acts import DONE, called, said_of
from shared.contracts.details import told_in_words
from shared.contracts.names import ServiceName
from shared.infra.database import Tx
from shared.kernel.calendar import end_of_day
from shared.kernel.refusals import FieldProblem, NotFound, Refusal
from shared.web.act import TOKEN_COOKIE, Act, acting
from shared.web.audit import ACTION
from shared.web.formats import shanghai_datetime
from shared.web.listing import listing_file, wanted_format
from shared.web.parts import Badge, Column, Link, Row, Tone

router = APIRouter()

PATH, PAGE, SHOWN = "/office/audit", 50, 160
COLUMNS = (
    Column(label="时间"),
    Column(label="服务"),
    Column(label="事项"),
    Column(label="代码"),
    Column(label="办理人"),
    Column(label="案"),
    Column(label="内容"),
    Column(label="总账序号", numeric=True),
    Column(label="核对"),
)
_BADGES = {
    Standing.HOLDS: Badge(text="相符", tone=Tone.GOOD),
    Standing.WAITS: Badge(text="尚未入账", tone=Tone.NEUTRAL),
    Standing.BROKEN: Badge(text="不符", tone=Tone.BAD),
}
Found = TypeVar("Found")


class Asked(BaseModel):
    """The filters as typed; an empty field asks for nothing. ``before``: where the page begins."""

    source: str = Field("", max_length=20)
    action: str = Field("", max_length=100)
    person: str = Field("", max_length=100)
    case: str = Field("", max_length=100)
    since: str = Field("", max_length=20)
    until: str = Field("", max_length=20)
    before: str = Field("", max_length=100)


@router.get(PATH)
async def audit(request: Request, asked: Annotated[Asked, Query()], act: Act = acting("audit.read")) -> Response:
    """The log's page, or with ``format`` all of what the filters name."""
    origin = request.app.state.service.settings.public_origin
    try:
        place = place_of(asked.before)
        filters = await act.read(lambda tx: filters_of(tx, asked))
        token = _token(request, act)
        if wanted_format(request):
            return await _file(request, act, whole_log(origin, token, filters))
    except Refusal as refusal:
        refused = refusal
        return await act.read(lambda tx: _page(tx, request, asked, Log(done=[], more=False, silent=[]), refused))
    log = await ask_log(origin, token, filters, place, PAGE)
    return await act.read(lambda tx: _page(tx, request, asked, log))


@router.get(f"{PATH}/ledger")
async def ledger_check(request: Request, act: Act = acting("audit.read")) -> Response:
    """The whole ledger computed again, now."""

    async def read(tx: Tx) -> Response:
        page = await page_for(tx, request, "核对总账", crumbs=(Link(label="审计", href=PATH),))
        checked = await check_ledger(tx, request.app.state.service.verifier)
        return render(request, "office/ledger_check.html", page, checked=checked)

    return await act.read(read)


def _token(request: Request, act: Act) -> str:
    """The visitor's own token, with which the services are asked; programs ask them directly."""
    token = request.cookies.get(TOKEN_COOKIE)
    if token is None or act.actor.scopes is not None:
        raise NotFound("请在页面上查看；程序请直接读取各服务的 /audit 接口。")
    return token


async def _page(tx: Tx, request: Request, asked: Asked, log: Log, refusal: Refusal | None = None) -> Response:
    rows = await rows_of(tx, log.done)
    return render(
        request,
        "office/audit.html",
        await page_for(tx, request, "审计"),
        status=refusal.status if refusal else 200,
        asked=asked,
        errors=errors_of(refusal) if refusal else (),
        sources=tuple((name.value, OWNERS[name]) for name in ServiceName),
        acts=sorted(set(DONE.values())),
        columns=COLUMNS,
        rows=rows,
        silent=[OWNERS[one] for one in log.silent],
        older=_older(asked, log.done[-1].place) if log.more else None,
        newest=_address(asked.model_copy(update={"before": ""})) if asked.before else None,
        filtered=any(asked.model_dump(exclude={"before"}).values()),
    )


def _older(asked: Asked, place: Place) -> str:
    return _address(asked.model_copy(update={"before": f"{place.at.isoformat()} {place.source} {place.id}"}))


def _address(asked: Asked) -> str:
    return f"{PATH}?{urlencode({name: value for name, value in asked.model_dump().items() if value})}"


async def _file(request: Request, act: Act, blocks: AsyncIterator[Sequence[Done]]) -> Response:
    """Everything the filters name as a file; a service that is down is known before the first byte."""
    first = await anext(blocks)

    async def rows() -> AsyncIterator[Row]:
        async with act.transaction() as tx:
            for row in await rows_of(tx, first, whole=True):
                yield row
            async for block in blocks:
                for row in await rows_of(tx, block, whole=True):
                    yield row

    answer = await listing_file(request, "审计记录", COLUMNS, rows())
    assert answer is not None
    return answer


async def rows_of(tx: Tx, done: Sequence[Done], *, whole: bool = False) -> list[Row]:
    """Rows of the log; ``whole``: with all of each row's details."""
    people, cases = await auditing.names_of(tx, done), await auditing.case_numbers(tx, done)
    stand = await auditing.standings(tx, done)
    return [
        _row(one, people, cases, stand.get((one.source, one.row.id), (None, Standing.WAITS)), whole) for one in done
    ]


def _row(
    one: Done,
    people: Mapping[UUID, str],
    cases: Mapping[UUID, str],
    stands: tuple[int | None, Standing],
    whole: bool,
) -> Row:
    row, (index, standing) = one.row, stands
    who = people.get(row.actor_id, str(row.actor_id)) if row.actor_id else "系统"
    case: str | Link = "—"
    if row.case_id:
        label = cases.get(row.case_id) or (str(row.case_id) if whole else str(row.case_id)[:8])
        case = Link(label=label, href=f"{PATH}?case={row.case_id}")
    details = _details(row.details, whole)
    act = (said_of(row.action), row.action)
    cells = (shanghai_datetime(row.occurred_at), OWNERS[one.source], *act, who, case, details)
    return Row(cells=(*cells, str(index) if index else "—", _BADGES[standing]))


def _details(details: Mapping[str, object], whole: bool) -> str:
    """What the row says besides: as JSON in a file, in short on the page."""
    if whole:
        return json.dumps(details, ensure_ascii=False, sort_keys=True) if details else ""
    said = told_in_words(details)
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}…"


def place_of(typed: str) -> Place:
    """The place named by an address of this page."""
    if not typed:
        return Place()
    at, _, rest = typed.partition(" ")
    source, _, number = rest.partition(" ")
    try:
        place = Place(at=datetime.fromisoformat(at), source=ServiceName(source), id=int(number))
    except (ValueError, ValidationError) as trouble:
        raise Refusal("place", "翻页的位置无效，请从第一页看起。", field="before") from trouble
    if place.at.tzinfo is None or place.id < 0:
        raise Refusal("place", "翻页的位置无效，请从第一页看起。", field="before")
    return place


async def filters_of(tx: Tx, asked: Asked) -> Filters:
    """What was typed as filters.

    Raises:
        Refusal: with every field that is wrong.
    """
    problems: list[FieldProblem] = []

    def tried(field: str, said: str, make: Callable[[], Found]) -> Found | None:
        try:
            return make()
        except ValueError:
            problems.append(FieldProblem(field, field, said))
            return None

    day = "日期应写成 2026-05-07。"
    since = tried("since", day, lambda: _day(asked.since))
    until = tried("until", day, lambda: _day(asked.until))
    sources = tried(
        "source", "没有这个服务。", lambda: (ServiceName(asked.source),) if asked.source else tuple(ServiceName)
    )
    action = called(asked.action.strip()) or asked.action.strip()
    if action and not re.fullmatch(ACTION, action):
        said = "没有这个事项。请从列表中选择，或填代码，例如 application 或 application.accepted。"
        problems.append(FieldProblem("action", "action", said))
    case = await _found(tx, asked.case, auditing.case_called)
    actor = await _found(tx, asked.person, auditing.account_called)
    if asked.case and case is None:
        problems.append(FieldProblem("case", "case", "没有通知提到过这个案号；也可以填案的内部编号。"))
    if asked.person and actor is None:
        problems.append(FieldProblem("person", "person", "没有这个登录名；也可以填账号的内部编号。"))
    if since and until and since > until:
        problems.append(FieldProblem("until", "until", "终止日期早于起始日期。"))
    if problems:
        raise Refusal("filters", problems[0].message, field=problems[0].field, problems=tuple(problems))
    return Filters(
        sources=sources or (),
        action=action or None,
        actor_id=actor,
        case_id=case,
        since=end_of_day(since - timedelta(days=1)) if since else None,
        until=end_of_day(until) if until else None,
    )


def _day(typed: str) -> date | None:
    """A day as typed, between the years that an instant can have here."""
    day = date.fromisoformat(typed.strip()) if typed.strip() else None
    if day and not 1970 < day.year < 3000:
        raise ValueError(typed)
    return day


async def _found(tx: Tx, typed: str, called: Callable[[Tx, str], Awaitable[UUID | None]]) -> UUID | None:
    """What was typed as an id, or what is called so."""
    try:
        return UUID(typed.strip()) if typed.strip() else None
    except ValueError:
        return await called(tx, typed.strip())
