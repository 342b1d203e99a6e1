"""Work on what strangers sent, in a process of its own: no secrets in its environment, little time and memory."""

import asyncio
import contextlib
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY = b"ready\n"
AT_ONCE = 2

_places = asyncio.Semaphore(AT_ONCE)


class Crashed(Exception):
    """The process began its work and ended without an answer: too long, too much memory, or a crash."""


@dataclass(frozen=True)
class Limits:
    """What a confined process may use: seconds on the processor and on the clock, bytes of memory and of files."""

    cpu_seconds: int
    wall_seconds: int
    memory: int
    file_bytes: int = 0


LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory=1536 * 1024 * 1024)
"""For one file of at most 50 MB."""


def confine(limits: Limits = LIMITS) -> None:
    """Called by the process itself when everything it needs is imported, before it touches what was sent."""
    for what, most in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()


async def run_confined(module: str, *arguments: str, limits: Limits = LIMITS) -> bytes:
    """Run ``python -m module arguments`` to its end; what it printed. Two at once, the others wait.

    Raises:
        Crashed: what it was given broke it.
        RuntimeError: it could not even begin; that is our fault, not that of what was sent.
    """
    async with _places:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
        )
        try:
            said, troubles = await asyncio.wait_for(process.communicate(), limits.wall_seconds)
        except TimeoutError as late:
            raise Crashed(f"{module} took longer than {limits.wall_seconds} s") from late
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if not said.startswith(READY):
        raise RuntimeError(f"{module} did not begin: {troubles.decode(errors='replace')[-2000:]}")
    if process.returncode != 0:
        raise Crashed(f"{module} ended with {process.returncode}: {troubles.decode(errors='replace')[-500:]}")
    return said.removeprefix(READY)
