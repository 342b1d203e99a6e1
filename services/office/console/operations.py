"""How the five services stand, asked through the public origin with the operator's own token."""

import asyncio
from datetime import datetime
from typing import Any

import httpx
from pydantic import BaseModel

from shared.contracts.names import ServiceName

_SECONDS = 3.0


class ServicePulse(BaseModel):
    """The pulse of a service; None in ``state`` that it did not answer."""

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


async def ask_pulses(origin: str, token: str) -> list[ServicePulse]:
    """The pulses of all services; one that is down is shown as not answering."""
    async with httpx.AsyncClient(base_url=origin, timeout=_SECONDS) as client:
        return list(await asyncio.gather(*(_ask(client, name, token) for name in ServiceName)))


async def _ask(client: httpx.AsyncClient, name: str, token: str) -> ServicePulse:
    try:
        answer = await client.get(f"/api/{name}/pulse", headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
    except httpx.HTTPError:
        return ServicePulse(service=name, answered=False)
    body: dict[str, Any] = answer.json()
    return ServicePulse.model_validate({**body, "answered": True})
