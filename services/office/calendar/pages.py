"""The working calendar as pages: a year in strips, importing the next year's notice by two persons."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.accounts.actions.tickets import ask_ticket, signed_content
from services.office.accounts.store import confirmed_ticket, display_names
from services.office.calendar import store
from services.office.calendar.actions import IMPORT, hand_in_notice, import_handed_in
from services.office.calendar.preview import MoveView, Preview, preview_of
from services.office.calendar.strips import month_strip
from services.office.calendar.tables import CalendarImport
from services.office.calendar.terms import open_terms, places_of_open_terms
from services.office.site import errors_of, page_for, render
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.kernel.calendar import WorkingCalendar, arrangement_alarm, business_date
from shared.kernel.refusals import NotFound, Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.formats import shanghai_date, shanghai_datetime, term_end
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.rights import may

router = APIRouter(include_in_schema=False)

MOST_OCTETS = 200_000
PASTED = "粘贴的全文"
Text = Annotated[str, Form(max_length=50_000)]
_IMPORTS = tuple(Column(label=label) for label in ("年份", "文号", "来源", "提出", "状态"))
_DAYS = tuple(Column(label=label, sortable=False) for label in ("日期", "安排", "节日"))
_MOVES = tuple(Column(label=label, sortable=False) for label in ("期限", "目前届满", "导入后届满", "变化"))
_KINDS = {"rest": Badge(text="放假", tone=Tone.NEUTRAL), "work": Badge(text="调休上班", tone=Tone.WORKING)}


@router.get("/office/calendar")
async def calendar(request: Request, act: Act = acting("cycle.read")) -> Response:
    """日历: what is in force, the notices handed in, the form for the next one."""
    return await act.read(lambda tx: _page(tx, request))


@router.get("/office/calendar/years/{year}")
async def year(year: int, request: Request, stage: UUID | None = None, act: Act = acting("cycle.read")) -> Response:
    """A year as strips; with ``stage`` the counted days of its running term."""

    async def read(tx: Tx) -> Response:
        found = await current_calendar(tx)
        if year not in found.years:
            raise NotFound(f"工作日历没有{year}年的数据。")
        terms, places = await open_terms(tx), await places_of_open_terms(tx)
        counted = next((one.term.counted_days for one in terms if one.stage_id == stage), ())
        numbers = {day: at for at, day in enumerate(counted, 1)}
        today = business_date(tx.now)
        page = await page_for(tx, request, f"{year}年工作日历", crumbs=(Link(label="日历", href="/office/calendar"),))
        return render(
            request,
            "office/calendar_year.html",
            page,
            year=year,
            years=found.years,
            months=[month_strip(found, date(year, month, 1), today, numbers) for month in range(1, 13)],
            terms=[(one.stage_id, places[one.stage_id]) for one in terms],
            chosen=stage,
            papers=[notice for notice in found.notices if notice.year == year],
            calendar=found,
        )

    return await act.read(read)


@router.post("/office/calendar/preview")
async def preview(
    request: Request,
    notice: Text = "",
    file: UploadFile | None = None,
    act: Act = acting_form("calendar.import"),
) -> Response:
    """What a pasted notice, or one from a file, would change; a refusal comes back beside its field."""
    try:
        text, name = await _given(notice, file)
    except Refusal as refusal:
        refused = refusal
        return await act.read(lambda tx: _page(tx, request, notice, refusal=refused))

    async def read(tx: Tx) -> Response:
        try:
            return await _page(tx, request, text, name, await preview_of(tx, text))
        except Refusal as refusal:
            return await _page(tx, request, text, name, refusal=refusal)

    return await act.read(read)


@router.post("/office/calendar/tickets")
async def ask(
    notice: Text, source: Annotated[str, Form(max_length=200)] = PASTED, act: Act = acting_form("calendar.import")
) -> Response:
    """Hand the notice in and ask for the second person."""

    async def do(tx: Tx) -> str:
        found = await preview_of(tx, notice)
        kept = await hand_in_notice(tx, notice, source)
        way_on = f"/office/calendar/imports/{kept.import_id}"
        await ask_ticket(tx, found.act, found.digest, found.subject, way_on)
        return way_on

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


@router.get("/office/calendar/imports/{import_id}")
async def handed_in(import_id: UUID, request: Request, act: Act = acting("calendar.import")) -> Response:
    """A notice as handed in: its source, what it would change, and the import once the second person has agreed."""

    async def read(tx: Tx) -> Response:
        kept = await store.import_row(tx, import_id)
        names = await display_names(tx, _persons(kept))
        page = await page_for(
            tx, request, f"{kept.year}年放假安排", crumbs=(Link(label="日历", href="/office/calendar"),)
        )
        context: dict[str, Any] = {"preview": None, "errors": (), "confirmed": False}
        if kept.imported_at is None:
            try:
                context["preview"] = await preview_of(tx, kept.source)
                context["confirmed"] = await confirmed_ticket(tx, IMPORT, kept.digest) is not None
            except Refusal as refusal:
                context["errors"] = errors_of(refusal)
        return render(
            request,
            "office/calendar_import.html",
            page,
            kept=kept,
            names=names,
            **_tables(context["preview"]),
            **context,
        )

    return await act.read(read)


@router.post("/office/calendar/imports/{import_id}")
async def import_year(import_id: UUID, act: Act = acting_form("calendar.import")) -> Response:
    """Import with the ticket that the second person has confirmed."""

    async def do(tx: Tx) -> str:
        kept = await store.import_row(tx, import_id)
        ticket = await confirmed_ticket(tx, IMPORT, kept.digest)
        await import_handed_in(tx, import_id, signed_content(ticket) if ticket else None)
        return "/office/calendar"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


async def _given(notice: str, file: UploadFile | None) -> tuple[str, str]:
    """The text and where it came from; a file wins over what was pasted."""
    if file is None or not file.filename:
        return notice, PASTED
    content = await file.read(MOST_OCTETS + 1)
    if len(content) > MOST_OCTETS:
        raise Refusal("file_too_large", "文件超过 200 KB，请只选择通知全文或数据文件。", field="file")
    try:
        return content.decode("utf-8-sig"), file.filename[:200]
    except UnicodeDecodeError as error:
        raise Refusal(
            "not_text", "文件不是 UTF-8 文本（txt 或 json），请另存后再选，或直接粘贴全文。", field="file"
        ) from error


async def _page(
    tx: Tx,
    request: Request,
    notice: str = "",
    source: str = PASTED,
    found: Preview | None = None,
    refusal: Refusal | None = None,
) -> Response:
    calendar = await current_calendar(tx)
    imports = await store.all_imports(tx)
    names = await display_names(tx, [one for kept in imports for one in _persons(kept)])
    return render(
        request,
        "office/calendar.html",
        await page_for(tx, request, "工作日历"),
        status=refusal.status if refusal else 200,
        calendar=calendar,
        alarm=arrangement_alarm(calendar, business_date(tx.now)).value,
        notice=notice,
        source=source,
        preview=found,
        may_import=may(tx.actor, "calendar.import"),
        imports=[_import(one, names, calendar) for one in imports],
        import_columns=_IMPORTS,
        errors=errors_of(refusal) if refusal else (),
        **_tables(found),
    )


def _tables(found: Preview | None) -> dict[str, Any]:
    """The days and moved terms of a preview as tables."""
    if found is None:
        return {"days": (), "day_columns": _DAYS, "moves": (), "move_columns": _MOVES}
    return {
        "days": [Row(cells=(shanghai_date(one.day), _KINDS[one.kind], one.name)) for one in found.days],
        "day_columns": _DAYS,
        "moves": [_move(one) for one in found.moves],
        "move_columns": _MOVES,
    }


def _move(one: MoveView) -> Row:
    change = "由预计转为确定" if one.provisional_before and not one.provisional_after else "届满日变动"
    before, after = _end(one.before, one.provisional_before), _end(one.after, one.provisional_after)
    return Row(cells=(one.place, before, after, change))


def _end(at: datetime, provisional: bool) -> str:
    return term_end(at) + ("（预计）" if provisional else "")


def _import(kept: CalendarImport, names: dict[UUID, str], calendar: WorkingCalendar) -> Row:
    known = any(notice.paper == kept.paper for notice in calendar.notices)
    state = Badge(text="已导入", tone=Tone.GOOD) if known else Badge(text="待复核", tone=Tone.WARNING)
    paper = Link(label=kept.paper, href=f"/office/calendar/imports/{kept.import_id}")
    asked = f"{names[kept.asked_by]}，{shanghai_datetime(kept.asked_at)}"
    return Row(cells=(str(kept.year), paper, kept.source_name, asked, state))


def _persons(kept: CalendarImport) -> list[UUID]:
    return [one for one in (kept.asked_by, kept.imported_by) if one is not None]
