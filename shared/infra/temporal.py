"""Temporal: the client, the worker, and the trace id that travels in headers.

Workers are made one after another in the main thread, with the workflow modules imported before
(temporalio pull request 1833: the sandbox's import lock on Python 3.10 and 3.11); creation is tried twice.
"""

import asyncio
import tracemalloc  # noqa: F401 - see above
import warnings  # noqa: F401 - imported before any worker is made, see above
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn

from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ContinueAsNewInput,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.worker import Interceptor as WorkerInterceptor
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from shared.infra.killpoints import reach
from shared.infra.telemetry import current_trace
from shared.kernel.refusals import Refusal

HEADER = "fangbang-trace"
BEAT_SECONDS = 2.0
PASSED_THROUGH = (
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "sqlalchemy",
    "sqlmodel",
    "asyncpg",
    "alembic",
    "greenlet",
    "minio",
    "urllib3",
    "structlog",
    "prometheus_client",
    "nats",
    "faststream",
    "yaml",
    "httpx",
    "cryptography",
    "jwt",
    "typst",
    "openpyxl",
)


class RunningActivities:
    """How many activities this process runs now; the rehearsal waits until there are none."""

    def __init__(self) -> None:
        self.count = 0
        self.finished = 0


class _ActivityTrace(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, running: RunningActivities) -> None:
        super().__init__(following)
        self._running = running

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        token = current_trace.set(_read(input.headers))
        self._running.count += 1
        beating = asyncio.create_task(_beat())
        try:
            reach("activity.begun")
            answer = await super().execute_activity(input)
            reach("activity.done")
            return answer
        except Refusal as refusal:
            raise ApplicationError(refusal.message, type=refusal.code, non_retryable=True) from refusal
        finally:
            beating.cancel()
            self._running.count -= 1
            self._running.finished += 1
            current_trace.reset(token)


async def _beat() -> None:
    """Show that this worker lives, for as long as the activity runs."""
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        activity.heartbeat()


class _WorkflowTrace(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self._out = _WorkflowTraceOut(outbound)
        super().init(self._out)

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
        self._out.headers = {name: value for name, value in input.headers.items() if name == HEADER}
        return await super().execute_workflow(input)


class _WorkflowTraceOut(WorkflowOutboundInterceptor):
    headers: Mapping[str, Payload] = {}

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 - the SDK's name
        input.headers = {**input.headers, **self.headers}
        return super().start_activity(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:  # noqa: A002 - the SDK's name
        input.headers = {**input.headers, **self.headers}
        super().continue_as_new(input)

    async def start_child_workflow(
        self,
        input: StartChildWorkflowInput,  # noqa: A002 - the SDK's name
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        input.headers = {**input.headers, **self.headers}
        return await super().start_child_workflow(input)


class _ClientTrace(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002 - the SDK's name
        trace = current_trace.get()
        if trace:
            input.headers = {**input.headers, HEADER: Payload(data=trace.encode())}
        return await super().start_workflow(input)


class TraceInterceptor(Interceptor, WorkerInterceptor):
    """Carries the trace id from a command through workflows into activities, and turns refusals into
    non-retryable errors."""

    def __init__(self, running: RunningActivities | None = None) -> None:
        self.running = running or RunningActivities()

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        """Client side."""
        return _ClientTrace(next)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Activity side."""
        return _ActivityTrace(next, self.running)

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002
        """Workflow side."""
        return _WorkflowTrace


def _read(headers: Mapping[str, Payload]) -> str:
    payload = headers.get(HEADER)
    return payload.data.decode() if payload is not None else ""


async def connect_temporal(address: str, namespace: str, trace: TraceInterceptor, *, lazy: bool = True) -> Client:
    """Connect; lazily for everything but workers, so that a service accepts filings while Temporal is down."""
    return await Client.connect(
        address, namespace=namespace, data_converter=pydantic_data_converter, interceptors=[trace], lazy=lazy
    )


def activities_of(*holders: object) -> list[Callable[..., Any]]:
    """The methods of the holders that are activities."""
    found = []
    for holder in holders:
        for name in dir(type(holder)):
            method = getattr(holder, name)
            if callable(method) and hasattr(method, "__temporal_activity_definition"):
                found.append(method)
    return found


def workflow_runner() -> SandboxedWorkflowRunner:
    """The sandbox in which workflows run and replay."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


def build_worker(
    client: Client, queue: str, workflows: Sequence[type], activities: Sequence[Callable[..., Any]]
) -> Worker:
    """A worker on a service's queue; explicit slots, 25 s to finish what runs."""

    def build() -> Worker:
        return Worker(
            client,
            task_queue=queue,
            workflows=workflows,
            activities=activities,
            workflow_runner=workflow_runner(),
            graceful_shutdown_timeout=timedelta(seconds=25),
            max_concurrent_activities=16,
            max_concurrent_workflow_tasks=16,
            max_cached_workflows=500,
            # What a killed worker had in its cache goes to the others after this long.
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=3),
        )

    try:
        return build()
    except RuntimeError:  # temporalio#1833: a second try loads the already imported modules
        return build()


def attempt() -> int:
    """Which attempt of the running activity this is."""
    return activity.info().attempt
