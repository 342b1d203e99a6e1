"""总览, and a cycle with its stages, what was asked of them and what came of it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.office.console.overview import CHANGES, overview_of, rows_of, term_of
from services.office.cycles import store
from services.office.cycles.domain import PlanState
from services.office.cycles.reads import CycleView, StageView, read_cycle, read_cycles
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.kernel.calendar import business_date
from shared.web.act import Act, acting
from shared.web.formats import shanghai_datetime
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.rights import may

router = APIRouter()


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
        return render(request, "office/cycle.html", page, **await _cycle_context(tx, found))

    return await act.read(read)


async def _cycle_context(tx: Tx, found: CycleView) -> dict[str, Any]:
    today = business_date(tx.now)
    running = [
        (category, stage, term_of(stage, today))
        for category in found.categories
        for stage in category.stages
        if stage.state in (PlanState.OPEN, PlanState.PAUSED)
    ]
    return {
        "cycle": found,
        "rulebook": load_shipped().get(found.rulebook_id),
        "rows": rows_of(found, tx.now),
        "running": running,
        "may_change": may(tx.actor, "stage.change"),
        "changes": changes_for,
        "history": await _history(tx, found),
        "history_columns": HISTORY,
    }


def changes_for(stage: StageView) -> list[tuple[str, str]]:
    """What may be asked of a stage as it stands, for its list of choices."""
    names = ("resume", "cancel") if stage.state == PlanState.PAUSED else ("extend", "pause", "advance", "cancel")
    return [(name, CHANGES[name]) for name in names]


HISTORY = tuple(Column(label=label) for label in ("阶段", "变更", "理由", "请求", "答复"))


async def _history(tx: Tx, cycle: CycleView) -> list[Row]:
    """What was asked of the cycle's stages, newest first, with their owners' answers."""
    titles = {
        stage.stage_id: f"{category.name} {stage.title}" for category in cycle.categories for stage in category.stages
    }
    asked = await store.changes_of_stages(tx, list(titles))
    return [
        Row(
            cells=(
                titles[one.stage_id],
                CHANGES[one.change] + (f" {one.days} 日" if one.days else ""),
                one.reason,
                shanghai_datetime(one.asked_at),
                answer_of(one.state, one.refused),
            )
        )
        for one in asked
    ]


REFUSED = {
    "stage_state": "本阶段当时的状态不允许此项变更",
    "lawful_minimum": "短于法定最低期限",
    "no_term": "本阶段没有期限",
    "term_over": "本阶段期限已届满",
}


def answer_of(state: str, refused: str | None) -> Badge:
    """The owner's answer in a word; a refusal with its reason."""
    if state == "refused":
        return Badge(text=f"未受理：{REFUSED.get(refused or '', refused or '原因未说明')}", tone=Tone.BAD)
    return {
        "applied": Badge(text="已生效", tone=Tone.GOOD),
        "drafted": Badge(text="待双人复核", tone=Tone.WARNING),
    }.get(state, Badge(text="已请求，待答复", tone=Tone.WORKING))
