"""The two clocks: system time, and business time = system time + the offset kept in PostgreSQL."""

import os
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.kernel.ids import uuid7


class SystemClock:
    """What the machine says; for sessions, tokens, presigned URLs, locks."""

    def now(self) -> datetime:
        """The current instant, in UTC."""
        return datetime.now(UTC)


def business_time(offset_seconds: int) -> datetime:
    """Business time now, in UTC, under an offset that is 0 in a real stack."""
    return datetime.now(UTC) + timedelta(seconds=offset_seconds)


def new_id() -> UUID:
    """A fresh UUIDv7 of system time."""
    return uuid7(int(datetime.now(UTC).timestamp() * 1000), secrets.randbits(74))


def salt() -> str:
    """32 random hex digits, to keep a digest from being guessed."""
    return os.urandom(16).hex()
