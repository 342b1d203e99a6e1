"""Running a short command to its end, and starting a process as another user."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict


async def run(
    command: tuple[str, ...],
    *,
    log: Path,
    given: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    uid: int | None = None,
) -> int:
    """Run a command to its end, its output added to `log`; returns its exit code."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            **as_user(uid),
        )
        await process.communicate(given)
    return process.returncode or 0


class UserOptions(TypedDict, total=False):
    """How a process is started as another user."""

    user: int
    group: int
    extra_groups: list[int]


def as_user(uid: int | None) -> UserOptions:
    """The options that start a process under `uid`, or none for this user."""
    return {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
