"""Several web processes on one socket: both answer, one that dies is begun anew, none outlives the first."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.stack import Stack
from tests.integration.servers import ServiceProcess, eventually


@pytest.fixture
def pair(stack: Stack, tmp_path: Path) -> Iterator[ServiceProcess]:
    process = ServiceProcess(stack, "review", "tests.integration.infra.echo", tmp_path / "log")
    process.env["FANGBANG_WEB_PROCESSES"] = "2"
    process.start("migrate", "web")
    yield process
    if process.process is not None and process.process.poll() is None:
        process.stop()


def second_of(pair: ServiceProcess) -> int | None:
    """The second process, once it has been started."""
    assert pair.process is not None
    children = Path(f"/proc/{pair.process.pid}/task/{pair.process.pid}/children").read_text().split()
    return int(children[0]) if children else None


def answers_on_its_own(pair: ServiceProcess, second: int) -> bool:
    """Whether the second process answers while the first stands still."""
    assert pair.process is not None
    pair.process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(8):  # a connection may wait with the process that stands still
            try:
                if httpx.get(f"{pair.origin}/healthz", timeout=0.5).status_code == 200:
                    return True
            except httpx.HTTPError:
                continue
        return False
    finally:
        pair.process.send_signal(signal.SIGCONT)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_second_process_answers_too_and_is_begun_anew_when_it_dies(pair: ServiceProcess) -> None:
    first = second_of(pair)
    assert first is not None
    eventually(lambda: answers_on_its_own(pair, first), "the second process does not answer")

    os.kill(first, signal.SIGKILL)

    eventually(lambda: second_of(pair) not in (None, first), "no other was begun")
    assert httpx.get(f"{pair.origin}/healthz").status_code == 200


def test_the_second_process_ends_with_the_first_however_that_ends(pair: ServiceProcess) -> None:
    second = second_of(pair)
    assert second is not None
    pair.stop()
    assert not lives(second)

    pair.start("web")
    second = second_of(pair)
    assert second is not None
    pair.kill()
    eventually(lambda: not lives(second), "the second process outlived the first")
