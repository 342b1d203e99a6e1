"""The account on the terminal: scores of the 28, lists, terms, bundles, promises, timings, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.rehearsal.account.gather import Outcome, Released
from deploy.rehearsal.account.promises import Judged
from deploy.rehearsal.account.scores import compare
from deploy.rehearsal.driver.client import Traffic
from deploy.rehearsal.driver.world import SHANGHAI, CategoryView, Stage, World
from shared.kernel.canonical import plain_decimal


def print_account(console: Console, world: World, outcome: Outcome, judged: list[Judged]) -> None:
    """Everything but timings and addresses."""
    console.rule("绩效自评：规则得分与印定得分")
    console.print(_scores(world, outcome))
    for category in world.categories():
        console.rule(f"{category.name}　项目编号 {category.category_id}")
        for released in (one for one in outcome.released if one.category.key == category.key):
            console.print(_list(released, outcome.decisions.get(category.key, {})))
    console.rule("期限")
    console.print(_terms(world, outcome))
    console.rule("证明包核验（仅用标准库）")
    for one in outcome.verified:
        console.print(f"  {_mark(one.held)} {one.title}　{one.audience}", highlight=False)
    console.rule("承诺")
    for promise in judged:
        console.print(f"  {_mark(promise.held)} {promise.name}", highlight=False)
        for trouble in promise.troubles[:10]:
            console.print(f"      {escape(trouble)}", style="red", highlight=False, soft_wrap=True)


def print_timings(console: Console, timings: Mapping[str, float], traffic: Traffic, moves: int) -> None:
    """How long it took, and how much was asked."""
    console.rule("用时")
    parts = [f"{name} {seconds:.1f} 秒" for name, seconds in timings.items()]
    console.print("，".join([*parts, f"合计 {sum(timings.values()):.1f} 秒"]), highlight=False)
    retried = "、".join(f"{why}×{count}" for why, count in sorted(traffic.retried.items()))
    asked = f"{traffic.requests} 次请求，时钟拨动 {moves} 次，重试 {traffic.retries} 次"
    slowest = f"最慢 {traffic.slowest:.2f} 秒（{traffic.slowest_where.split('?')[0]}）"
    console.print(f"{asked}{f'（{retried}）' if retried else ''}，{slowest}", highlight=False, soft_wrap=True)


def _scores(world: World, outcome: Outcome) -> Table:
    table = Table("附表", "名称", "规则得分", "印定得分", "差异说明", show_lines=False)
    for one in compare(world, outcome):
        same = one.computed == one.printed.official_total
        table.add_row(
            one.printed.form,
            one.printed.current_name,
            plain_decimal(one.computed),
            plain_decimal(one.printed.official_total),
            "一致" if same else "；".join(one.differences) or "未能说明",
            style=None if same else "yellow",
        )
    return table


def _list(released: Released, decision: Mapping[str, Any]) -> Table:
    scores = {row["number"]: row["score"] for row in decision.get("ranking", ())}
    table = Table("序", "名称", "编号", "得分", "意见", title=f"{released.title}　{len(released.numbers)}家")
    for entry in released.content["entries"]:
        opinion = "：".join(filter(None, (entry.get("recommendation"), entry.get("reason"))))
        score = entry.get("score") or scores.get(entry["number"], "")
        table.add_row(str(entry["place"]), entry["name"], entry["number"], score, opinion)
    return table


def _terms(world: World, outcome: Outcome) -> Table:
    table = Table("项目", "阶段", "开始", "计入的工作日", "日数", "结束")
    for category in world.categories():
        for stage in category.stages:
            if stage.counted_days:
                table.add_row(*_term(category, stage))
    for case in outcome.cases:
        if case["rectification"]:
            days = case["rectification"]["counted_days"]
            table.add_row(
                case["category"], f"整改 {case['number']}", "", _days(days), str(len(days)), case["state_text"]
            )
    return table


def _term(category: CategoryView, stage: Stage) -> tuple[str, ...]:
    begins = stage.opens_at.astimezone(SHANGHAI).strftime("%m-%d") if stage.opens_at else ""
    ends = stage.closed_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if stage.closed_at else ""
    count = str(len(stage.counted_days))
    return (category.name, stage.title, begins, _days(list(stage.counted_days)), count, ends)


def _days(days: list[str]) -> str:
    """Runs of days as `01-06…01-09`, so that weekends and holidays show as gaps."""
    runs: list[list[str]] = []
    for day in days:
        if runs and int(day[8:]) == int(runs[-1][-1][8:]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return " ".join(run[0][5:] if len(run) == 1 else f"{run[0][5:]}…{run[-1][8:]}" for run in runs)


def _mark(held: bool) -> str:
    return "[green]✓[/green]" if held else "[red]✗[/red]"
