"""Moving the rehearsal clock."""

from datetime import datetime

from services.office.console.domain import offset_to
from shared.contracts.facts import ClockMoved
from shared.infra.database import Tx
from shared.kernel.refusals import NotAllowed


async def ask_clock(tx: Tx, to: datetime) -> int:
    """Rehearsal only: state that business time jumps forward; office itself follows by the same fact.

    Returns the new offset in seconds between system and business time.
    """
    if not tx.rehearsal:
        raise NotAllowed("只有演练环境可以拨动时钟。", "real_stack")
    offset = offset_to(to, tx.now, tx.system_now)
    await tx.audit("clock.moved", to=to, offset_seconds=offset)
    await tx.emit(ClockMoved(offset_seconds=offset))
    return offset
