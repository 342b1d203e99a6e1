"""Cycles as the overview draws them: a row a track, with its stage line, counts, who is waited for, risks. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from services.office.cycles.domain import CategoryState, PlanState
from services.office.cycles.reads import CategoryView, CycleView, StageView
from shared.kernel.stages import over_at
from shared.rulebook import StageKind
from shared.web.formats import local_date
from shared.web.parts import Badge, Link, StageStep, StepState, Term, Tone
from shared.web.patterns import Count, Overview, OverviewGroup, OverviewRow, Risk

SHORT = {
    StageKind.CALL: "启动",
    StageKind.APPLICATION_WINDOW: "申报",
    StageKind.INTAKE: "采集",
    StageKind.NOMINATION: "提名",
    StageKind.SCREENING: "初审",
    StageKind.PUBLIC_VOTE: "投票",
    StageKind.PANEL_REVIEW: "专家审查",
    StageKind.EVENT_ORDERING: "评议排序",
    StageKind.EVALUATION: "评价计分",
    StageKind.DECISION: "研究决定",
    StageKind.CONSULTATION: "意见征询",
    StageKind.PUBLICITY: "公示",
    StageKind.RELEASE: "发布",
}
WAITED_FOR = {
    "office": "办公室",
    "enterprise": "申报企业",
    "expert": "专家",
    "supervisor": "监督员",
    "review_chair": "审查委员会主任",
    "custodian": "密钥保管人",
    "guidance": "指导委员会",
    "co_chair": "指导委员会两位主任",
    "department": "征询部门",
    "media": "媒体",
    "public": "公众",
}
OWNERS = {
    "office": "办公室",
    "submission": "申报与初审",
    "review": "专家审查",
    "ranking": "排序与决定",
    "publication": "公示与发布",
}
CHANGES = {"extend": "延长", "pause": "暂停", "resume": "恢复", "advance": "提前结束", "cancel": "终止"}
_BADGES = {
    CategoryState.PLANNED: Badge(text="准备启动", tone=Tone.NEUTRAL),
    CategoryState.OPEN: Badge(text="进行中", tone=Tone.WORKING),
    CategoryState.AWAITING_RELEASE: Badge(text="待发布", tone=Tone.WORKING),
    CategoryState.RELEASED: Badge(text="已发布", tone=Tone.FINAL),
    CategoryState.CANCELLED: Badge(text="已终止", tone=Tone.BAD),
}
_STEPS = {
    PlanState.PLANNED: StepState.FUTURE,
    PlanState.STARTED: StepState.CURRENT,
    PlanState.OPEN: StepState.CURRENT,
    PlanState.PAUSED: StepState.PAUSED,
    PlanState.CLOSED: StepState.DONE,
    PlanState.CANCELLED: StepState.CANCELLED,
}
_RUNNING = (PlanState.STARTED, PlanState.OPEN, PlanState.PAUSED)
_SOON = timedelta(days=1)


def overview_of(cycles: Sequence[CycleView], now: datetime, first_step: Link | None = None) -> Overview:
    """Everything that runs or ran."""
    groups = tuple(OverviewGroup(title=f"{cycle.title}（{cycle.year}）", rows=rows_of(cycle, now)) for cycle in cycles)
    return Overview(groups=groups, totals=totals_of(cycles) if cycles else (), first_step=first_step)


def rows_of(cycle: CycleView, now: datetime) -> tuple[OverviewRow, ...]:
    """The categories of a cycle, each refilled seat as a row of its own beneath."""
    return tuple(
        row_of(cycle, category, supplement, now)
        for category in cycle.categories
        for supplement in sorted({stage.supplement for stage in category.stages})
    )


def row_of(cycle: CycleView, category: CategoryView, supplement: int, now: datetime) -> OverviewRow:
    """One track of a category."""
    stages = [stage for stage in category.stages if stage.supplement == supplement]
    running = [stage for stage in stages if stage.state in _RUNNING]
    return OverviewRow(
        key=f"{category.category_id}-{supplement}",
        name=f"{category.name}（增补{supplement}）" if supplement else category.name,
        href=f"/office/cycles/{cycle.cycle_id}#category-{category.category_id}-{supplement}",
        stages=tuple(step_of(stage) for stage in stages),
        badge=_BADGES[CategoryState(category.state)] if not supplement else None,
        counts=counts_of(category, stages, supplement),
        waiting_for=_waits_for(running) or _ended_waits_for(cycle, category, supplement),
        risks=(*_track_risks(category, supplement), *(risk for stage in running for risk in risks_of(stage, now))),
    )


def _track_risks(category: CategoryView, supplement: int) -> list[Risk]:
    stuck = Badge(text="受阻", tone=Tone.BAD)
    found = [Risk(badge=stuck, text="下一阶段未能开始，请查看运行页", href="/office/operations")]
    return found if supplement in category.stuck_tracks else []


def _waits_for(running: Sequence[StageView]) -> str | None:
    """Whom the running stages name; a stage nobody has taken up yet names its owner."""
    named = [WAITED_FOR.get(stage.waits_for, stage.waits_for) for stage in running if stage.waits_for]
    unanswered = [f"{OWNERS[stage.owner]}受理" for stage in running if stage.state == PlanState.STARTED]
    return "、".join(dict.fromkeys([*named, *unanswered])) or None


def _ended_waits_for(cycle: CycleView, category: CategoryView, supplement: int) -> str | None:
    if category.state == CategoryState.RELEASED:
        return "已发布，没有待办"
    if category.state == CategoryState.CANCELLED:
        return "已终止，没有待办"
    if supplement or category.state != CategoryState.AWAITING_RELEASE:
        return None
    others = sum(one.state == CategoryState.OPEN for one in cycle.categories)
    return f"其余 {others} 个项目完成后一并发布" if others else "办公室（发布）"


def step_of(stage: StageView) -> StageStep:
    """A stage as a step of the line; stuck is louder than its state."""
    note = f"已请求{CHANGES.get(stage.requested, stage.requested)}" if stage.requested else None
    return StageStep(
        name=SHORT.get(StageKind(stage.kind), stage.title),
        state=StepState.STUCK if stage.stuck else _STEPS[PlanState(stage.state)],
        opens_on=local_date(stage.opens_at) if stage.opens_at else None,
        closes_at=_ends(stage),
        provisional=stage.provisional and stage.state in _RUNNING,
        note=note or ("等待受理" if stage.state == PlanState.STARTED else None),
    )


def _ends(stage: StageView) -> datetime | None:
    if stage.state != PlanState.CLOSED or stage.closed_at is None:
        return stage.closes_at
    return over_at(stage.kind, stage.closes_at, stage.closed_at)


def counts_of(category: CategoryView, stages: Iterable[StageView], supplement: int) -> tuple[Count, ...]:
    """Cases of the newest manifest; entries once released, of the list itself and not of its supplements."""
    handed = [stage for stage in stages if stage.cases is not None and stage.manifest_id is not None]
    found = [Count(label=f"{SHORT[StageKind(handed[-1].kind)]}后", value=handed[-1].cases or 0)] if handed else []
    if category.entries is not None and not supplement:
        found.append(Count(label="发布", value=category.entries))
    return tuple(found)


def risks_of(stage: StageView, now: datetime) -> list[Risk]:
    """What may go wrong soon with a running stage."""
    name, found = SHORT.get(StageKind(stage.kind), stage.title), []
    if stage.stuck:
        found.append(
            Risk(
                badge=Badge(text="受阻", tone=Tone.BAD), text=f"{name}未能继续，请查看运行页", href="/office/operations"
            )
        )
    if stage.closes_at is not None and stage.state == PlanState.OPEN and timedelta(0) <= stage.closes_at - now <= _SOON:
        found.append(Risk(badge=Badge(text="将届满", tone=Tone.WARNING), text=f"{name}一日内届满"))
    if stage.provisional:
        found.append(Risk(badge=Badge(text="预计", tone=Tone.WARNING), text=f"{name}期限跨入放假安排未公布的年度"))
    if stage.requested:
        found.append(
            Risk(
                badge=Badge(text="已请求", tone=Tone.WORKING),
                text=f"{name}：{CHANGES.get(stage.requested, stage.requested)}，待答复",
            )
        )
    return found


_AFFECTED = {
    StageKind.CALL: "拟申报的企业",
    StageKind.APPLICATION_WINDOW: "正在填写和拟申报的企业",
    StageKind.INTAKE: "办公室",
    StageKind.NOMINATION: "提名的媒体",
    StageKind.SCREENING: "已申报和正在整改的企业、办公室",
    StageKind.PUBLIC_VOTE: "投票的公众",
    StageKind.PANEL_REVIEW: "专家、审查委员会",
    StageKind.EVENT_ORDERING: "参加评议排序的人员、审查委员会",
    StageKind.EVALUATION: "办公室",
    StageKind.DECISION: "指导委员会、办公室",
    StageKind.CONSULTATION: "征询的部门",
    StageKind.PUBLICITY: "列入名单的对象、提出异议的公众",
    StageKind.RELEASE: "列入名单的对象",
}


def affected_by(category: CategoryView, stage: StageView) -> str:
    """Whom a change of the stage concerns, with the number of cases it works on where office knows it."""
    before = [one for one in category.stages if one.supplement == stage.supplement and one.position < stage.position]
    counts = [one.cases for one in before if one.manifest_id is not None and one.cases is not None]
    return _AFFECTED[StageKind(stage.kind)] + (f"；本阶段办理 {counts[-1]} 件" if counts else "")


def totals_of(cycles: Sequence[CycleView]) -> tuple[Count, ...]:
    """The line of figures above the rows."""
    categories = [category for cycle in cycles for category in cycle.categories]
    running = [stage for category in categories for stage in category.stages if stage.state in _RUNNING]
    stuck = sum(stage.stuck for stage in running) + sum(len(category.stuck_tracks) for category in categories)
    return (
        Count(label="进行中的项目", value=sum(one.state == CategoryState.OPEN for one in categories)),
        Count(label="等待办公室", value=sum(stage.waits_for == "office" for stage in running)),
        Count(label="待发布", value=sum(one.state == CategoryState.AWAITING_RELEASE for one in categories)),
        Count(label="已发布", value=sum(one.state == CategoryState.RELEASED for one in categories)),
        Count(label="受阻", value=stuck, href="/office/operations" if stuck else None, alert=bool(stuck)),
    )


def term_of(stage: StageView, today: date) -> Term | None:
    """The stage's term with its counted days, if it has one."""
    if stage.closes_at is None:
        return None
    counted = tuple(date.fromisoformat(day) for day in stage.counted_days)
    return Term(
        label=stage.title,
        ends_at=stage.closes_at,
        working_days_left=sum(day >= today for day in counted) if stage.state == PlanState.OPEN else None,
        counted=counted,
        today=today,
        provisional=stage.provisional,
        rule="自起算日次日起逐日计算，末日 24:00 届满",
        article=stage.article,
    )
