"""Several web processes on one port: both answer, one that dies is begun anew, none outlives the first."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.stack import Stack
from shared.web.siblings import listening_socket
from tests.integration.servers import ServiceProcess, eventually


@pytest.fixture(scope="module")
def pair(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(stack, "review", "tests.integration.infra.echo", tmp_path_factory.mktemp("pair") / "log")
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


def connections_of(pid: int, port: int) -> int:
    """How many connections to the port a process has taken."""
    lines = psutil.Process(pid).net_connections("tcp")
    return sum(line.status == psutil.CONN_ESTABLISHED and line.laddr.port == port for line in lines)


def test_both_processes_answer_and_connections_that_come_at_once_are_dealt_out(pair: ServiceProcess) -> None:
    second = second_of(pair)
    assert second is not None
    eventually(lambda: answers_on_its_own(pair, second), "the second process does not answer")
    assert pair.process is not None
    port = int(pair.env["FANGBANG_HTTP_PORT"])

    with ExitStack() as lines:
        for _ in range(64):
            lines.enter_context(socket.create_connection(("127.0.0.1", port)))

        def held() -> tuple[int, int]:
            return connections_of(pair.process.pid, port), connections_of(second, port)  # type: ignore[union-attr]

        eventually(lambda: sum(held()) >= 64, "not all connections were taken")
        assert min(held()) >= 10, held()


def test_the_second_process_is_begun_anew_when_it_dies(pair: ServiceProcess) -> None:
    second = second_of(pair)
    assert second is not None

    os.kill(second, signal.SIGKILL)

    eventually(lambda: second_of(pair) not in (None, second), "no other was begun")
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


def test_a_port_on_which_somebody_listens_is_refused_although_it_could_be_shared() -> None:
    with listening_socket("127.0.0.1", 0, several=True, sibling=False) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listening_socket("127.0.0.1", port, several=True, sibling=False)
        listening_socket("127.0.0.1", port, several=True, sibling=True).close()
