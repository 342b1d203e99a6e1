"""A procedure with a script instead of a database: what ``load`` answers, what steps do, and what was seen of both."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from temporalio import activity, workflow

from shared.contracts.workflows import CaseRef, Todo

with workflow.unsafe.imports_passed_through():
    from shared.contracts.procedure import Procedure
    from shared.infra.telemetry import current_trace


class ProbeActivities:
    """The names and types of the probe's activities, as a service's holder has them."""

    @activity.defn(name="probe.load")
    async def load(self, ref: CaseRef) -> Todo:
        raise NotImplementedError

    @activity.defn(name="probe.work")
    async def work(self, ref: CaseRef) -> None:
        raise NotImplementedError

    @activity.defn(name="probe.stuck")
    async def stuck(self, ref: CaseRef) -> None:
        raise NotImplementedError


@workflow.defn
class ProbeLifecycle(Procedure):
    """Work as often as the script says."""

    @workflow.run
    async def run(self, ref: CaseRef) -> None:
        await self.follow(ProbeActivities.load, ProbeActivities.stuck, ref, work=self._work)

    async def _work(self, ref: CaseRef) -> None:
        await self.ask(ProbeActivities.work, ref)


DONE = Todo(step="done")
WORK = Todo(step="work")


def wait(seconds: float | None = None) -> Todo:
    """Nothing to do for so many seconds, or until nudged."""
    return Todo(step="wait", wait_seconds=seconds)


@dataclass
class Script:
    """What the database would say: one answer a ``load``, the last one for ever."""

    now: Callable[[], Awaitable[datetime]]
    answers: list[Todo] = field(default_factory=lambda: [DONE])
    failures: list[Exception] = field(default_factory=list)
    loads: list[datetime] = field(default_factory=list)
    traces: set[str] = field(default_factory=set)
    worked: int = 0
    stuck_times: int = 0
    loading: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    @activity.defn(name="probe.load")
    async def load(self, _ref: CaseRef) -> Todo:
        self.loads.append(await self.now())
        self.traces.add(current_trace.get())
        self.loading.set()
        await self.may_answer.wait()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @activity.defn(name="probe.work")
    async def work(self, _ref: CaseRef) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.worked += 1

    @activity.defn(name="probe.stuck")
    async def stuck(self, _ref: CaseRef) -> None:
        self.stuck_times += 1
