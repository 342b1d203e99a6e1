"""运行: parts, open work, what is stuck, set aside or late."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.office.console.operations import ServicePulse, ask_pulses
from services.office.console.overview import OWNERS
from services.office.ledger import store as ledger
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.web.act import TOKEN_COOKIE, Act, acting
from shared.web.parts import Badge, Column, Row, Tone

router = APIRouter()


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
