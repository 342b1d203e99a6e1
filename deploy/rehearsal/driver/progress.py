"""What the terminal shows while the year goes by: a live board for people, plain lines for a log."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.rehearsal.driver.world import SHANGHAI, CategoryView, Stage, World

_MARKS: Final = {"closed": ("●", "green"), "planned": ("○", "dim"), "cancelled": ("×", "red")}
_WHO: Final = {
    "office": "办公室",
    "enterprise": "企业",
    "expert": "专家",
    "experts": "专家",
    "co_chair": "指导委员会主任",
    "guidance": "指导委员会",
    "department": "部门",
    "review_chair": "审查委员会主任",
    "custodian": "密钥保管人",
    "supervisor": "监督员",
}
_DAYS: Final = "一二三四五六日"


class Progress:
    """Shows where the year stands; on anything but a terminal only what changed, one line each."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._began = time.monotonic()
        self._live = (
            Live(console=self.console, refresh_per_second=8, transient=True) if self.console.is_terminal else None
        )
        self._world: World | None = None
        self._waiting = ""
        self._stages: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Start the live board."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the board away."""
        if self._live:
            self._live.stop()

    def say(self, text: str) -> None:
        """One line that stays."""
        self.console.print(f"[dim]{self._clock()}[/dim] {text}", highlight=False, soft_wrap=True)

    def waiting(self, text: str) -> None:
        """What is waited for now."""
        self._waiting = text
        self._draw()

    def show(self, world: World) -> None:
        """The state of all stages; stages that opened or closed are said in a line of their own."""
        self._world = world
        for category in world.categories():
            for stage in category.stages:
                self._note(category, stage)
        self._draw()

    def _note(self, category: CategoryView, stage: Stage) -> None:
        before = self._stages.get(stage.stage_id, "planned")
        self._stages[stage.stage_id] = stage.state
        if before == stage.state or stage.state in ("planned", "started"):
            return
        words = {"open": "开始", "closed": "结束", "paused": "暂停", "cancelled": "终止"}
        until = ""
        if stage.state == "open" and stage.closes_at is not None:
            until = f"，至{_last(stage.closes_at)}，{len(stage.counted_days)}个工作日"
        now = stage.closed_at if stage.state == "closed" else stage.opens_at
        self.say(
            f"{_day(now) if now else ''} {category.name}·{stage.title} {words.get(stage.state, stage.state)}{until}"
        )

    def _clock(self) -> str:
        return f"{time.monotonic() - self._began:6.1f}s"

    def _draw(self) -> None:
        if self._live and self._world:
            self._live.update(self._board(self._world))

    def _board(self, world: World) -> Group:
        head = Text.assemble(
            ("演练 ", "bold red"), (_day(world.now, clock=True), "bold"), f"   已用 {self._clock().strip()}"
        )
        table = Table.grid(padding=(0, 1))
        for category in world.categories():
            table.add_row(Text(category.name), _line(category), _waits(category))
        return Group(head, table, Text(f"等待：{self._waiting}" if self._waiting else "", style="dim"))


def _line(category: CategoryView) -> Text:
    line = Text()
    for stage in category.stages:
        mark, style = _MARKS.get(stage.state, ("◐", "bold yellow"))
        line.append(f"{mark}{stage.title} ", style)
    return line


def _waits(category: CategoryView) -> Text:
    words = []
    for stage in category.current:
        if stage.waits_for:
            words.append(f"等{_WHO.get(stage.waits_for, stage.waits_for)}")
        elif stage.closes_at:
            words.append(f"至{_last(stage.closes_at)}")
    return Text("，".join(words), style="cyan")


def _last(closes_at: datetime) -> str:
    """The last day of a term that ends at 24:00."""
    return _day(closes_at - timedelta(seconds=1))


def _day(instant: datetime, *, clock: bool = False) -> str:
    local = instant.astimezone(SHANGHAI)
    day = f"{local:%Y-%m-%d}（{_DAYS[local.weekday()]}）"
    return f"{day} {local:%H:%M}" if clock else day
