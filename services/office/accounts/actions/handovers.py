"""The work of somebody absent, handed over for a time and taken back."""

from datetime import datetime
from uuid import UUID

from services.office.accounts.actions.who import person_of
from services.office.accounts.domain.handovers import require_handable, require_period
from services.office.accounts.store import account_row, handover_row
from services.office.accounts.tables import Handover
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.kernel.refusals import Conflict, NotFound, Refusal
from shared.web.rights import Role


async def hand_over(tx: Tx, from_account: UUID, to_account: UUID, until: datetime, reason: str) -> Handover:
    """Hand one's own work to another person of the same role; the security administrator may do so for anybody.

    From the next token on the other person also acts for those (departments) and for the account itself.
    """
    if from_account != person_of(tx) and Role.SECURITY not in tx.actor.roles:
        raise NotFound("没有这个账号。")
    if from_account == to_account:
        raise Refusal("same_person", "不能交接给本人。", field="to_account")
    absent, deputy = await account_row(tx, from_account), await account_row(tx, to_account)
    if deputy.revoked_at is not None:
        raise Conflict("account_revoked", "接收人的账号已停用。", field="to_account")
    require_handable(absent.roles, deputy.roles)
    require_period(tx.system_now, until)
    handover = Handover(
        handover_id=new_id(),
        from_account=from_account,
        to_account=to_account,
        reason=reason,
        made_by=person_of(tx),
        starts_at=tx.system_now,
        ends_at=until,
    )
    tx.session.add(handover)
    await tx.audit("work.handed_over", absent=from_account, deputy=to_account, until=until, reason=reason)
    return handover


async def take_back(tx: Tx, handover_id: UUID) -> Handover:
    """End a hand-over before its time: by the absent person or the security administrator."""
    handover = await handover_row(tx, handover_id)
    if handover.from_account != tx.actor.account_id and Role.SECURITY not in tx.actor.roles:
        raise NotFound("没有这项交接。")
    if handover.ended_at is None:
        handover.ended_at = tx.system_now
        tx.session.add(handover)
        await tx.audit("work.taken_back", absent=handover.from_account, deputy=handover.to_account)
    return handover
