"""Named points at which a fault test may kill the process; no effect unless armed on a local stack.

A test puts an empty file ``<service>.<point>`` into the armed folder; whoever reaches the point removes the file and
kills itself with SIGKILL, as a crash at exactly that instant would.
"""

import os
import signal
from pathlib import Path

POINTS = (
    "action.before_commit",
    "action.after_commit",
    "relay.fact_published",
    "relay.command_sent",
    "relay.rows_marked",
    "relay.dossier_stored",
    "relay.audit_numbered",
    "consumer.before_commit",
    "consumer.after_commit",
    "activity.begun",
    "activity.done",
)
"""Points that every service comes by while a year is rehearsed."""

LETTER_SENT = "letter.sent"
"""Between the mail server's answer to the text and the row that says so."""

EVIDENCE_LOCKED = "evidence.locked"
"""Between the copy into the locked bucket and the row that says so."""

_armed: tuple[Path, str] | None = None


def arm(folder: Path, service: str) -> None:
    """Look for orders in this folder from now on (fault tests on a local stack only)."""
    global _armed
    _armed = (folder, service)


def reach(point: str) -> None:
    """Die here if a test ordered it."""
    if _armed is None:
        return
    order = _armed[0] / f"{_armed[1]}.{point}"
    if order.exists():
        order.unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
