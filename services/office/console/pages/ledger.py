"""总账: the newest checkpoint, how far each service stands in it, the last entries."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.office.console.overview import OWNERS
from services.office.ledger import store as ledger
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.web.act import Act, acting
from shared.web.parts import Column, Row

router = APIRouter()


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
