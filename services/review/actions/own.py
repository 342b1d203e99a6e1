"""The case as the signed-in expert may see it; for anybody else it is not there."""

from uuid import UUID

from services.review import store
from services.review.actions.conflicts import earlier_panel_years
from services.review.domain.conflicts import conflicts_of
from services.review.store.own import OwnCase
from shared.infra.database import Tx
from shared.kernel.calendar import business_date
from shared.kernel.refusals import NotFound


async def own_case(tx: Tx, case_id: UUID, *, hold: bool = False) -> OwnCase:
    """Seen by scoring members who signed the undertaking, did not leave the panel and have no conflict as of now.

    ``hold``: for an act; stage and panel are taken FOR SHARE first.
    """
    if hold:
        await store.hold_own_panels(tx, case_id)
    for own in await store.own_cases(tx, case_id):
        if not _has_conflict(tx, own):
            return own
    await store.expert_acting(tx)
    raise NotFound


def _has_conflict(tx: Tx, own: OwnCase) -> bool:
    organisations = [own.case.credit_code] if own.case.credit_code else []
    years = earlier_panel_years(own.stage)
    return bool(conflicts_of(own.tied, organisations, own.groups, today=business_date(tx.now), years=years))
