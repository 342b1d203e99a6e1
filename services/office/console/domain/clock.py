"""Rules of the rehearsal clock."""

from datetime import datetime, timedelta

from shared.kernel.refusals import Conflict

_SECOND = timedelta(seconds=1)


def offset_to(to: datetime, now: datetime, system_now: datetime) -> int:
    """The offset in whole seconds under which business time is ``to`` or up to a second later; forward only."""
    if to <= now:
        raise Conflict("clock_backwards", "演练时钟只能向前拨。", field="to")
    return -((system_now - to) // _SECOND)
