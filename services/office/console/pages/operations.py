"""运行: parts, workflows, what is stuck, set aside or late, and the way to mend it.

The page needs nobody: without the database it has no names and no menu, without Temporal no workflows, and says so.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.console.operations import (
    STATES,
    Stood,
    Workflows,
    ask_services,
    ask_workflows,
    mend,
    named,
    parts_of,
    stage_named,
)
from services.office.console.overview import OWNERS
from services.office.ledger import store as ledger
from services.office.notices.store import delivery_counts
from services.office.site import page_for, render
from shared.contracts.names import ServiceName
from shared.infra.backups import LastBackup, last_backup
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound, Refusal
from shared.web.act import TOKEN_COOKIE, Act, acting, acting_form
from shared.web.formats import file_size, time_apart
from shared.web.operations import DueWork, Work, in_time
from shared.web.page import PageContext
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.rights import may

router = APIRouter()

_SOON = {"over": "已到期", "day": "一天之内到", "week": "一周之内到"}

PARTS = {"database": "PostgreSQL", "nats": "NATS", "temporal": "Temporal", "s3": "文件（S3）"}
MEANS = {
    "database": "连不上数据库的服务暂时不能办理事项；恢复后自行继续，已经受理的都在。",
    "nats": "事项照常受理；各服务之间的消息留在发件箱里，恢复后自行补发。",
    "temporal": "事项照常受理；到期的步骤在恢复后自行补办。",
    "s3": "暂时不能上传、下载和预览文件；其他事项照常，恢复后自行继续。",
}
"""What it means to people that a part does not answer."""
_PULSE = (
    "服务",
    "状态",
    "待发出",
    "最久",
    "待收入",
    "待编号",
    "待存卷",
    "在办步骤",
    "在办流程",
    "已到期",
    "搁置",
    "指标",
)
PULSE_COLUMNS = tuple(Column(label=label, numeric=1 < at < 11) for at, label in enumerate(_PULSE))


@router.get("/office/operations")
async def operations(request: Request, act: Act = acting("operations.read")) -> Response:
    """How everything stands; the page opens when the database does not, for whoever has a token."""
    service = request.app.state.service

    async def read(tx: Tx) -> tuple[PageContext, dict[str, Any]]:
        backup = backup_told(await last_backup(tx), tx.system_now, service.settings.backup_hours)
        found = {"gaps": await ledger.gaps(tx), "letters": await delivery_counts(tx), "backup": backup}
        return await page_for(tx, request, "运行"), found

    stood, workflows, (own,) = await asyncio.gather(
        ask_services(service.settings.public_origin, request.cookies.get(TOKEN_COOKIE, "")),
        ask_workflows(request.app.state.temporal),
        asyncio.gather(in_time(act.read(read)), return_exceptions=True),
    )
    if isinstance(own, Refusal):
        raise own
    if isinstance(own, BaseException):
        own = (
            PageContext(title="运行", server_time=service.database.now()),
            dict.fromkeys(("gaps", "letters", "backup")),
        )
    page, found = own
    return render(
        request,
        "office/operations.html",
        page,
        **_sections(stood, workflows),
        **found,
        temporal=service.settings.temporal_ui_url,
        may_mend=may(act.actor, "operations.mend") and bool(page.actor),
    )


@router.post("/office/operations/retries")
async def retry(
    request: Request,
    service: Annotated[ServiceName, Form()],
    workflow_id: Annotated[str, Form(max_length=200)],
    act: Act = acting_form("operations.mend"),
) -> Response:
    """Have a workflow look again."""
    await _mend(request, act, f"/api/{service}/operations/retries", {"workflow_id": workflow_id})
    return RedirectResponse("/office/operations", HTTPStatus.SEE_OTHER)


@router.post("/office/operations/dead-letters")
async def resend(
    request: Request,
    service: Annotated[ServiceName, Form()],
    letter_id: Annotated[str, Form(pattern=r"^[0-9a-f-]{36}$")],
    act: Act = acting_form("operations.mend"),
) -> Response:
    """Take a message in that was set aside."""
    await _mend(request, act, f"/api/{service}/operations/dead-letters/{letter_id}/resend")
    return RedirectResponse("/office/operations", HTTPStatus.SEE_OTHER)


async def _mend(request: Request, act: Act, path: str, body: dict[str, str] | None = None) -> None:
    token = request.cookies.get(TOKEN_COOKIE)
    if token is None or act.actor.scopes is not None:
        raise NotFound("请在页面上办理。")
    await mend(request.app.state.service.settings.public_origin, token, path, body)


def _sections(stood: list[Stood], workflows: Workflows) -> dict[str, Any]:
    answering = [one for one in stood if one.operations and one.operations.work]
    works = [(one.pulse.service, one.operations.work) for one in answering if one.operations and one.operations.work]
    counts = workflows.counts
    return {
        "columns": PULSE_COLUMNS,
        "rows": [_pulse_row(one) for one in stood],
        "parts": [_part(name, missing, bool(stood)) for name, missing in parts_of(stood).items()],
        "unknown": [
            OWNERS[one.pulse.service] for one in stood if one.operations is None or one.operations.work is None
        ],
        "silent": [OWNERS[one.pulse.service] for one in stood if not one.pulse.answered and not one.operations],
        "workflows": workflows,
        "counts": [(STATES.get(state, state), count) for state, count in sorted(counts.items())],
        "unwell": workflows.unwell,
        "states": STATES,
        "owners": OWNERS,
        "stuck": [(service, OWNERS[service], one) for service, work in works for one in work.stuck],
        "set_aside": [(service, OWNERS[service], one) for service, work in works for one in work.set_aside],
        "errors": [(OWNERS[service], work.last_error) for service, work in works if work.last_error],
        "due": timers(works),
        "due_soon": [(word, sum(getattr(work.due_soon, name) for _, work in works)) for name, word in _SOON.items()],
        "named": named,
        "stage_named": stage_named,
    }


def timers(works: Sequence[tuple[str, Work]]) -> list[tuple[str, str, DueWork, str, bool]]:
    """The nearest timers of all services, the earliest first: service, its name, what, how far off, whether past."""
    found = [
        (service, OWNERS[service], one, time_apart(one.due_at, work.now), one.due_at <= work.now)
        for service, work in works
        for one in work.due
    ]
    return sorted(found, key=lambda line: line[2].due_at)


def backup_told(last: LastBackup, now: datetime, hours: int) -> dict[str, Any]:
    """The newest backup in words, and what is to be done about it."""
    made = last.made
    told: dict[str, Any] = {"last": last, "size": file_size(made.octets) if made else ""}
    if made is None:
        return told | {"badge": Badge(text="还没有备份", tone=Tone.WARNING), "ask": True}
    if made.damaged:
        return told | {"badge": Badge(text=f"{made.damaged} 个文件在备份之前已损坏", tone=Tone.BAD), "ask": False}
    if last.late(now, hours):
        return told | {"badge": Badge(text=f"已超过 {hours} 小时没有新备份", tone=Tone.WARNING), "ask": True}
    return told | {"badge": Badge(text="已逐字节核对", tone=Tone.GOOD), "ask": False}


def _part(name: str, missing: list[str], asked: bool) -> tuple[str, Badge, str]:
    """A part, how it stands, and who does not reach it and what that means."""
    if missing:
        told = "、".join(OWNERS[one] for one in missing) + f"。{MEANS[name]}"
        return PARTS[name], Badge(text="连不上", tone=Tone.BAD), told
    return PARTS[name], Badge(text="正常", tone=Tone.GOOD) if asked else Badge(text="未知", tone=Tone.NEUTRAL), ""


def _pulse_row(one: Stood) -> Row:
    pulse, name = one.pulse, OWNERS[one.pulse.service]
    metrics = Link(label="指标", href=f"/api/{pulse.service}/operations/metrics")
    work = one.operations.work if one.operations else None
    oldest = f"{work.oldest_unsent_seconds} 秒" if work and work.oldest_unsent_seconds is not None else "—"
    if not pulse.answered:
        unsent = str(sum(work.unsent.values())) if work else "—"
        return Row(cells=(name, _no_pulse(one), unsent, oldest, *("—" for _ in range(7)), metrics))
    state = Badge(text="受阻", tone=Tone.BAD) if pulse.stuck else Badge(text="正常", tone=Tone.GOOD)
    figures = (pulse.inbox, pulse.unnumbered, pulse.unstored, pulse.activities, pulse.open_work, pulse.overdue)
    cells = (str(pulse.outbox), oldest, *(str(figure) for figure in figures), str(pulse.dead_letters))
    return Row(cells=(name, state, *cells, metrics))


def _no_pulse(one: Stood) -> Badge:
    """Why a service has no pulse: it does not answer, or its database or NATS, which both are asked for it."""
    if one.operations is None:
        return Badge(text="无应答", tone=Tone.BAD)
    if one.operations.work is None:
        return Badge(text="数据库无应答", tone=Tone.BAD)
    return Badge(text="不全：NATS 无应答" if one.operations.parts.get("nats") is False else "不全", tone=Tone.WARNING)
