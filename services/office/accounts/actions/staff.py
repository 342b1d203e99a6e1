"""The names of the office's people for the rooms that show who works on what: a dossier, and the fact of its digest."""

from services.office.accounts.store import all_accounts
from shared.contracts.dossiers import StaffList, StaffMember
from shared.contracts.facts import StaffChanged
from shared.infra.clocks import SystemClock
from shared.infra.database import Tx
from shared.web.rights import Role


async def list_staff(tx: Tx) -> None:
    """State who works in the office now; called whenever an account of the office begins, ends or changes.

    One list at a time, dated when its turn comes: the later of two that were made at once names both changes.
    """
    await tx.session.flush()
    await tx.lock("staff")
    listed_at = SystemClock().now()
    people = tuple(
        StaffMember(account_id=one.account_id, name=one.display_name, active=one.revoked_at is None)
        for one in await all_accounts(tx)
        if Role.OFFICE in one.roles
    )
    listed = StaffList(listed_at=listed_at, people=people)
    await tx.emit(StaffChanged(digest=await tx.put_dossier(listed, "staff")))
