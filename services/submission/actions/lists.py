"""公示与发布: those who filed are told what is public of their category's list, once, and nothing more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.submission import store
from services.submission.actions.notices import tell_applicant
from services.submission.tables import Case, FilledSeat, StageCopy
from shared.infra.database import Tx
from shared.kernel.ids import derived_id
from shared.kernel.stages import RUNNING, StageState
from shared.rulebook import StageKind


async def tell_of_notice(tx: Tx, copy: StageCopy) -> None:
    """That a notice is public, until when objections may be filed, and that its term is over.

    Everybody whose case went on to the list is told the same, on the list or not; of a seat that was filled later only
    the case that fills it. Before its term runs a notice is not public, and before its
    opening is heard of it is not known whose it is. Told again, nothing happens.
    """
    if copy.kind != StageKind.PUBLICITY or copy.opens_at is None or copy.closes_at is None:
        return
    cases = await store.cases_of_list(tx, copy.category_id, copy.supplement)
    link = f"/lists/{copy.stage_id}"
    if copy.state in RUNNING:
        await _tell_once(tx, cases, "publicity_opened", copy.stage_id, link, copy.closes_at)
    if copy.state == StageState.CLOSED:
        await _tell_once(tx, cases, "publicity_closed", copy.stage_id, link)


async def keep_seat(tx: Tx, case_id: UUID, category_id: UUID, supplement: int) -> None:
    """Which seat a case fills; its notice may have been heard of before."""
    await tx.session.merge(FilledSeat(case_id=case_id, category_id=category_id, supplement=supplement))
    await tx.session.flush()
    for copy in await store.copies_of(tx, category_id, supplement):
        await tell_of_notice(tx, copy)


async def list_released(tx: Tx, category_id: UUID, supplement: int) -> None:
    """The list of a category, or the seat that was filled later, is released."""
    release = await store.keep_release(tx, category_id, supplement)
    cases = await store.cases_of_list(tx, category_id, supplement)
    await _tell_once(tx, cases, "list_released", release, f"/results/{category_id}")


async def _tell_once(
    tx: Tx, cases: Sequence[Case], template: str, about: UUID, link: str, until: datetime | None = None
) -> None:
    ids = {case.case_id: derived_id("list-notice", about, template, case.case_id) for case in cases}
    told = await store.known_messages(tx, ids.values())
    for case in cases:
        if ids[case.case_id] not in told:
            await tell_applicant(tx, case, template, until, link=link, notice_id=ids[case.case_id])
