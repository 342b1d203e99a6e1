"""总览, a cycle with its stages, 运行, 总账: plain pages for the office, operators and auditors."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.console.operations import ServicePulse, ask_pulses
from services.office.console.overview import CHANGES, OWNERS, overview_of, rows_of, term_of
from services.office.cycles.actions import ask_change
from services.office.cycles.domain import PlanState
from services.office.cycles.reads import CycleView, read_cycle, read_cycles
from services.office.ledger import store as ledger
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.kernel.calendar import business_date
from shared.kernel.stages import StageChange
from shared.web.act import TOKEN_COOKIE, Act, acting, acting_form
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.rights import may

router = APIRouter(include_in_schema=False)


@router.get("/office")
async def overview(request: Request, act: Act = acting("cycle.read")) -> Response:
    """总览: each category a row."""

    async def read(tx: Tx) -> Response:
        page = await page_for(tx, request, "总览")
        first = Link(label="启动活动年度", href="/office/cycles/new") if may(tx.actor, "cycle.open") else None
        found = overview_of(await read_cycles(tx), tx.now, first)
        return render(request, "office/overview.html", page, overview=found, may_open=may(tx.actor, "cycle.open"))

    return await act.read(read)


@router.get("/office/cycles/{cycle_id:uuid}")
async def cycle(cycle_id: UUID, request: Request, act: Act = acting("cycle.read")) -> Response:
    """A cycle: every category's stage line, the terms that run and how they were counted, changes to ask for."""

    async def read(tx: Tx) -> Response:
        found = await read_cycle(tx, cycle_id)
        page = await page_for(
            tx,
            request,
            found.title,
            year=found.year,
            until=found.release_at,
            crumbs=(Link(label="总览", href="/office"),),
        )
        return render(request, "office/cycle.html", page, **_cycle_context(tx, found))

    return await act.read(read)


def _cycle_context(tx: Tx, found: CycleView) -> dict[str, Any]:
    today = business_date(tx.now)
    running = [
        (category, stage, term_of(stage, today))
        for category in found.categories
        for stage in category.stages
        if stage.state in (PlanState.OPEN, PlanState.PAUSED)
    ]
    return {
        "cycle": found,
        "rows": rows_of(found, tx.now),
        "running": running,
        "may_change": may(tx.actor, "stage.change"),
        "changes": [(name, CHANGES[name]) for name in ("extend", "pause", "resume", "advance")],
    }


@router.post("/office/stages/{stage_id}/changes")
async def change(
    stage_id: UUID,
    cycle_id: Annotated[UUID, Form()],
    change: Annotated[StageChange, Form()],
    reason: Annotated[str, Form(min_length=1, max_length=500)],
    days: Annotated[str, Form()] = "",
    act: Act = acting_form("stage.change"),
) -> Response:
    """Ask a stage's owner for a change."""

    async def do(tx: Tx) -> str:
        await ask_change(tx, stage_id, change, int(days) if days.isdecimal() else None, reason, act.ticket)
        return f"/office/cycles/{cycle_id}"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


@router.get("/office/operations")
async def operations(request: Request, act: Act = acting("operations.read")) -> Response:
    """运行: parts, open work, what is stuck, set aside or late."""
    service = request.app.state.service
    pulses = await ask_pulses(service.settings.public_origin, request.cookies.get(TOKEN_COOKIE, ""))

    async def read(tx: Tx) -> Response:
        page = await page_for(tx, request, "运行")
        columns = tuple(Column(label=label, numeric=bool(at > 1)) for at, label in enumerate(_PULSE_COLUMNS))
        stuck = [(one.service, kind) for one in pulses for kind in one.stuck]
        return render(
            request,
            "office/operations.html",
            page,
            columns=columns,
            rows=[_pulse_row(pulse) for pulse in pulses],
            stuck=stuck,
            dead=sum(pulse.dead_letters for pulse in pulses),
            gaps=await ledger.gaps(tx),
            temporal=service.settings.temporal_ui_url,
        )

    return await act.read(read)


_PULSE_COLUMNS = ("服务", "状态", "待发出", "待收入", "待编号", "待存卷", "在办步骤", "在办流程", "已到期", "搁置")


def _pulse_row(pulse: ServicePulse) -> Row:
    name = OWNERS[pulse.service]
    if not pulse.answered:
        return Row(cells=(name, Badge(text="无应答", tone=Tone.BAD), *("—" for _ in range(8))))
    state = Badge(text="受阻", tone=Tone.BAD) if pulse.stuck else Badge(text="正常", tone=Tone.GOOD)
    figures = (
        pulse.outbox,
        pulse.inbox,
        pulse.unnumbered,
        pulse.unstored,
        pulse.activities,
        pulse.open_work,
        pulse.overdue,
        pulse.dead_letters,
    )
    return Row(cells=(name, state, *(str(figure) for figure in figures)))


@router.get("/office/ledger")
async def ledger_page(request: Request, act: Act = acting("ledger.read")) -> Response:
    """总账: the newest checkpoint, how far each service stands in it, the last entries."""

    async def read(tx: Tx) -> Response:
        page = await page_for(tx, request, "总账")
        whole = await ledger.head_of(tx)
        newest = await ledger.entries_from(tx, max(1, whole.number - 49), 50)
        rows = [
            Row(
                cells=(
                    str(entry.index),
                    OWNERS[entry.source],
                    str(entry.number),
                    entry.type,
                    entry.digest[:16],
                )
            )
            for entry in reversed(newest)
        ]
        return render(
            request,
            "office/ledger.html",
            page,
            checkpoint=await ledger.newest_checkpoint(tx),
            heads=[(OWNERS[head.source], head.number, head.chain) for head in await ledger.heads(tx)],
            gaps=await ledger.gaps(tx),
            columns=_LEDGER_COLUMNS,
            rows=rows,
        )

    return await act.read(read)


_LEDGER_COLUMNS = (
    Column(label="序号", numeric=True),
    Column(label="来源"),
    Column(label="来源序号", numeric=True),
    Column(label="事项"),
    Column(label="摘要"),
)
