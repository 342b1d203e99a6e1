"""A large file on its way in parts, as a browser sends it."""

from typing import Any

import httpx

from services.submission.domain.evidence import IN_ONE
from tests.integration.servers import key
from tests.integration.submission.desk import API, Desk, Enterprise, good


def progress(one: Enterprise, case_id: str, evidence_id: str) -> dict[str, Any]:
    """What has come, and where the rest goes."""
    found: dict[str, Any] = good(
        one.client.post(f"{API}/applications/{case_id}/evidence/{evidence_id}/parts", headers=key())
    )
    return found


def put(part: dict[str, Any], content: bytes) -> httpx.Response:
    """One part to the file origin."""
    start = (part["number"] - 1) * IN_ONE
    return httpx.put(part["url"], content=content[start : start + part["size"]], timeout=30)


def send(desk: Desk, one: Enterprise, case_id: str, content: bytes, **more: Any) -> dict[str, Any]:
    """A large file from its announcement to the locked bucket."""
    announced = good(desk.announce(one, case_id, size=len(content), **more))
    for part in progress(one, case_id, announced["evidence_id"])["missing"]:
        assert put(part, content).is_success
    kept: dict[str, Any] = good(desk.finalise(one, case_id, announced["evidence_id"]))
    return kept
