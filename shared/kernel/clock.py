"""The clock port. Business time runs terms, stages and receipts; system time runs sessions, tokens and locks."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Something that knows what time it is; tests bring their own."""

    def now(self) -> datetime:
        """The current instant, in UTC."""
        ...


class FixedClock:
    """A clock that stands still until it is moved; for tests and for pure replays."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.moment
