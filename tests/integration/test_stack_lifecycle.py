"""The local stack as people and tests use it: start, look, crash, restart, stop."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from deploy.stack import Stack, StackRefusal
from deploy.stack.leftovers import alive

SERVERS = ["postgres", "nats", "temporal", "s3-master", "s3-volume", "s3-filer", "s3", "caddy"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of this module's own, because its tests kill them."""
    with Stack(tmp_path_factory.mktemp("stack"), profile="rehearsal", services=False) as running:
        yield running


def fangbang(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would."""
    command = [sys.executable, "-m", "deploy", words[0], "--data", str(data), *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_status_shows_every_server_ready(stack: Stack) -> None:
    shown = fangbang("status", "--json", data=stack.data.root)

    rows = json.loads(shown.stdout)
    assert [(row["part"], row["state"], row["ready"]) for row in rows] == [(name, "ready", True) for name in SERVERS]
    assert all(row["memory"] > 0 for row in rows)
    assert shown.returncode == 0


def test_second_up_says_that_it_runs(stack: Stack) -> None:
    before = [row.pid for row in stack.status()]

    again = fangbang("up", "--servers-only", data=stack.data.root)

    assert "already runs" in again.stdout
    assert again.returncode == 0
    assert [row.pid for row in stack.status()] == before


def test_other_profile_is_refused_by_a_sentence(stack: Stack) -> None:
    refused = fangbang("up", "--profile", "real", data=stack.data.root)

    assert "rehearsal" in refused.stderr
    assert refused.returncode == 1


def test_rehearsal_begins_on_its_fixed_morning(stack: Stack) -> None:
    offset = int(stack.settings_for("office")["FANGBANG_REHEARSAL_OFFSET_SECONDS"])

    assert offset == stack.birth.rehearsal_offset_seconds
    assert stack.settings_for("office")["FANGBANG_PROFILE"] == "rehearsal"
    written = (stack.data.env / "office.env").read_text()
    assert f"FANGBANG_REHEARSAL_OFFSET_SECONDS={offset}\n" in written


def test_secrets_are_readable_by_their_owner_only(stack: Stack) -> None:
    private = [stack.data.birth_file, *stack.data.env.iterdir(), *stack.data.keys.glob("*.key")]
    private += [stack.keys.token_private, stack.data.keys / "secrets.json"]

    assert {path.name: oct(path.stat().st_mode & 0o777) for path in private} == {path.name: "0o600" for path in private}


async def test_a_role_enters_only_its_own_database(stack: Stack) -> None:
    own = stack.settings_for("review")["FANGBANG_DATABASE_URL"]

    connection = await asyncpg.connect(own)
    durable = await connection.fetchval("SHOW synchronous_commit")
    await connection.close()

    assert durable == "on"
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(own.removesuffix("/review") + "/office")


@pytest.mark.parametrize("part", SERVERS)
def test_killed_server_is_recorded_and_back_soon(stack: Stack, part: str) -> None:
    before = next(row.restarts for row in stack.status() if row.part == part)

    killed = stack.kill(part)
    row = stack.wait_ready(part, seconds=60, other_than=killed)

    assert row.restarts == before + 1
    assert row.last_exit == "signal SIGKILL"


def test_one_part_is_restarted_alone(stack: Stack) -> None:
    before = {row.part: row.pid for row in stack.status()}

    answer = fangbang("restart", "nats", data=stack.data.root)

    after = {row.part: row.pid for row in stack.status()}
    assert answer.returncode == 0
    assert {name for name in before if before[name] != after[name]} == {"nats"}


def test_only_what_can_be_rebuilt_is_wiped(stack: Stack) -> None:
    monitor = f"http://127.0.0.1:{stack.birth.port('nats_monitor')}"
    mark = stack.data.of("nats") / "mark"
    mark.touch()

    stack.wipe("nats")

    assert not mark.exists()
    assert httpx.get(f"{monitor}/jsz").json()["config"]["sync_always"] is True
    with pytest.raises(StackRefusal, match="nothing else can bring back"):
        stack.wipe("postgres")


def test_unknown_part_is_refused_by_naming_the_parts(stack: Stack) -> None:
    with pytest.raises(StackRefusal, match="postgres, nats, temporal"):
        stack.restart("redis")


def test_down_leaves_no_process_and_data_survives(stack: Stack) -> None:
    processes = alive(stack.data)

    stopped = fangbang("down", data=stack.data.root)

    assert stopped.returncode == 0
    assert len(processes) > len(SERVERS)
    assert [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert alive(stack.data) == []
    assert not stack.data.sockets.exists()


def test_start_after_the_supervisor_was_killed_ends_what_it_left(stack: Stack) -> None:
    if not stack.is_running():
        stack.start()
    supervisor = json.loads(stack.data.state_file.read_text())["supervisor"][0]
    left = {row.part: row.pid for row in stack.status()}

    psutil.Process(supervisor).kill()
    psutil.Process(supervisor).wait(5)
    stack.start()

    assert all(row.ready for row in stack.status())
    assert [pid for pid in left.values() if psutil.pid_exists(pid or 0) and not _is_zombie(pid or 0)] == []


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
