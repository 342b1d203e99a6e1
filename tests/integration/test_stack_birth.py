"""What a stack refuses before it starts anything."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.stack import Stack, StackRefusal, birth, ports
from deploy.stack.layout import REPOSITORY, DataDir
from deploy.stack.leftovers import alive


def test_status_of_nothing_says_so(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "none")

    assert stack.status() == []
    assert not stack.is_running()
    with pytest.raises(StackRefusal, match="No stack was ever started"):
        _ = stack.birth


def test_unknown_names_are_refused_by_naming_the_known(tmp_path: Path) -> None:
    with pytest.raises(StackRefusal, match="rehearsal, real"):
        Stack(tmp_path, profile="practice", services=False).start()
    with pytest.raises(StackRefusal, match="office, submission"):
        Stack(tmp_path, services=["offices"])
    with pytest.raises(StackRefusal, match="pages, files"):
        Stack(tmp_path, services=False, ports={"page": 8080}).start()


def test_birth_is_kept_and_another_profile_refused(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.make()
    first = birth.born(data, profile="real", storage=None, fixed={})
    birth.save(data, first, {})

    assert birth.born(data, profile=None, storage=None, fixed={}) == first
    with pytest.raises(StackRefusal, match="born with profile 'real'"):
        birth.born(data, profile="rehearsal", storage=None, fixed={})
    with pytest.raises(StackRefusal, match="born with storage 'seaweedfs'"):
        birth.born(data, profile="real", storage="minio", fixed={})


def test_real_stack_has_no_offset(tmp_path: Path) -> None:
    real = birth.born(DataDir(tmp_path), profile="real", storage=None, fixed={})

    assert real.rehearsal_offset_seconds == 0


def test_port_taken_meanwhile_is_replaced_unless_it_was_set() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]

        chosen = ports.choose({"pages": taken})

        with pytest.raises(StackRefusal, match=f"Port {taken} \\(pages\\) is taken"):
            ports.rechoose(chosen, ["pages"])
        assert ports.rechoose(chosen, [])["pages"] != taken


STARTING = """
import json, sys
from deploy.stack import ports

print(json.dumps(list(ports.rechoose(json.loads(sys.argv[1]), []).values())), flush=True)
sys.stdin.read()
"""


def test_stacks_that_start_together_share_no_port() -> None:
    """Both were born with the same free ports, and neither has a server that listens yet."""
    born = json.dumps(ports.choose({}))
    chosen: list[list[int]] = []
    with ExitStack() as running:
        for _ in range(2):
            starting = running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", STARTING, born],
                    cwd=REPOSITORY,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            assert starting.stdout is not None
            chosen.append(json.loads(starting.stdout.readline()))

    first, second = chosen
    assert set(first) & set(json.loads(born).values())
    assert not set(first) & set(second)


def test_failed_start_names_the_part_shows_its_log_and_leaves_nothing(tmp_path: Path) -> None:
    # A Python that cannot find its library ends at once, so the three tries take no time.
    stack = Stack(tmp_path, services=["office"], settings={"PYTHONHOME": "/nowhere"})

    with pytest.raises(StackRefusal, match=r"(?s)did not start.*office: migrate ended with exit code 1"):
        stack.start()

    assert not stack.is_running()
    assert alive(stack.data) == []


ORPHANS = """
import subprocess, time
from deploy.stack.processes import adopt_orphans, end_children, end_orphans

adopt_orphans()
part = subprocess.Popen(["sleep", "60"], start_new_session=True)
command = subprocess.Popen(["sleep", "60"])
crashed = subprocess.Popen(["sh", "-c", "setsid sleep 60 & sleep 0.2"], start_new_session=True)
crashed.wait()
assert end_orphans([part.pid]) == 1
assert (part.poll(), command.poll()) == (None, None)
while end_children():
    time.sleep(0.05)
"""


def test_only_what_a_crashed_part_left_is_an_orphan() -> None:
    """A part that lives and a short command of the supervisor's own are left alone."""
    ran = subprocess.run([sys.executable, "-c", ORPHANS], cwd=REPOSITORY, timeout=30, check=False)

    assert ran.returncode == 0
