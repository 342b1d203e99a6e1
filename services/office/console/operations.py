"""How everything stands, asked with the operator's own token: the five services, and Temporal for its workflows.

Whatever is down is shown as not answering; nothing here waits longer than a few seconds.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
from pydantic import BaseModel
from temporalio.client import Client

from shared.contracts.names import ServiceName
from shared.contracts.stubs import STAGE_WORKFLOWS
from shared.kernel.refusals import Conflict
from shared.web.operations import Operations

_SECONDS = 5.0
STATES = {
    "Running": "在办",
    "Completed": "已办结",
    "Failed": "失败",
    "Terminated": "已终止",
    "TimedOut": "超时",
    "Canceled": "已取消",
    "ContinuedAsNew": "已续办",
}
WORKFLOWS = {
    "CycleLifecycle": "活动年度",
    "CategoryLifecycle": "发布项目",
    "ApplicationLifecycle": "申报案件",
    "ConfirmStanding": "核对案件现状",
    "Call": "征集公告",
    "ApplicationWindow": "申报窗口",
    "Intake": "收取推荐",
    "Nomination": "媒体提名",
    "Screening": "材料初审",
    "PublicVote": "公众投票",
    "PanelReview": "专家审查",
    "EventOrdering": "事件排序",
    "Evaluation": "绩效评价",
    "Decision": "研究决定",
    "Consultation": "意见征询",
    "Publicity": "公示",
    "Release": "发布",
}
"""What a workflow is about, by its type."""
_NOT_WELL = "ExecutionStatus = 'Failed' OR ExecutionStatus = 'TimedOut' OR ExecutionStatus = 'Terminated'"


class ServicePulse(BaseModel):
    """The pulse of a service; ``answered`` False: it did not answer."""

    service: str
    answered: bool
    outbox: int = 0
    unnumbered: int = 0
    unstored: int = 0
    inbox: int = 0
    activities: int = 0
    open_work: int = 0
    overdue: int = 0
    dead_letters: int = 0
    stuck: list[str] = []
    earliest_due: datetime | None = None


class Stood(BaseModel):
    """A service: its pulse, and what it says of its parts and work; None where it did not answer."""

    pulse: ServicePulse
    operations: Operations | None


class WorkflowLine(BaseModel):
    """A workflow that ended badly; ``service``: whose work it is, by its queue."""

    service: str
    workflow_id: str
    workflow: str
    state: str
    closed_at: datetime | None


class Workflows(BaseModel):
    """Temporal's executions by state, and the newest that ended badly; ``answered`` False: Temporal did not."""

    answered: bool
    counts: dict[str, int] = {}
    unwell: list[WorkflowLine] = []


async def ask_services(origin: str, token: str) -> list[Stood]:
    """All services side by side; one that is down is shown as not answering."""
    async with httpx.AsyncClient(base_url=origin, timeout=_SECONDS) as client:
        return list(await asyncio.gather(*(_ask(client, name, token) for name in ServiceName)))


async def _ask(client: httpx.AsyncClient, name: str, token: str) -> Stood:
    pulse, operations = await asyncio.gather(
        _json(client, f"/api/{name}/pulse", token), _json(client, f"/api/{name}/operations", token)
    )
    return Stood(
        pulse=ServicePulse.model_validate({**(pulse or {"service": name}), "answered": pulse is not None}),
        operations=Operations.model_validate(operations) if operations is not None else None,
    )


async def _json(client: httpx.AsyncClient, path: str, token: str) -> dict[str, Any] | None:
    try:
        answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
    except httpx.HTTPError:
        return None
    body: dict[str, Any] = answer.json()
    return body


async def ask_workflows(temporal: Client | None) -> Workflows:
    """Executions by state, from Temporal's visibility; None: not connected."""
    if temporal is None:
        return Workflows(answered=False)
    asked = asyncio.wait_for(_workflows(temporal), _SECONDS)
    (found,) = await asyncio.gather(asked, return_exceptions=True)
    return found if isinstance(found, Workflows) else Workflows(answered=False)


async def _workflows(temporal: Client) -> Workflows:
    counted = await temporal.count_workflows("GROUP BY ExecutionStatus")
    unwell = [one async for one in temporal.list_workflows(_NOT_WELL, limit=20)]
    return Workflows(
        answered=True,
        counts={str(group.group_values[0]): group.count for group in counted.groups},
        unwell=[
            WorkflowLine(
                service=one.task_queue,
                workflow_id=one.id,
                workflow=one.workflow_type,
                state=one.status.name.title().replace("_", "") if one.status else "",
                closed_at=one.close_time,
            )
            for one in unwell
        ],
    )


async def mend(origin: str, token: str, path: str, body: dict[str, str] | None = None) -> None:
    """Ask a service to look at a workflow again, or to take a message in that it had set aside."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    try:
        async with httpx.AsyncClient(base_url=origin, timeout=_SECONDS) as client:
            answer = await client.post(path, json=body, headers=headers)
    except httpx.HTTPError as trouble:
        raise Conflict("service_down", "该服务没有应答，请稍后再试。") from trouble
    if answer.status_code >= 400:
        problem: dict[str, str] = answer.json()
        raise Conflict(problem.get("code", "not_mended"), problem.get("title", "未能办理。"))


def named(workflow: str) -> str:
    """A workflow's type in words; an unknown one as it is."""
    return WORKFLOWS.get(workflow, workflow)


def stage_named(kind: str) -> str:
    """A stage's kind in words."""
    return named(STAGE_WORKFLOWS[kind][1]) if kind in STAGE_WORKFLOWS else kind


def parts_of(stood: Sequence[Stood]) -> dict[str, list[str]]:
    """Each part with the services that do not reach it; PostgreSQL, NATS, Temporal and S3 in this order."""
    found: dict[str, list[str]] = {"database": [], "nats": [], "temporal": [], "s3": []}
    for one in stood:
        parts = one.operations.parts if one.operations else {}
        for name, missing in found.items():
            if parts.get(name) is False:
                missing.append(one.pulse.service)
    return found
