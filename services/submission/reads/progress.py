"""Cases in a list of their applicant: the year, the stage beyond screening, who has them in hand."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from services.submission import store
from services.submission.actions.rules import category_of
from services.submission.domain.cases import CaseState
from services.submission.domain.timeline import in_hand
from services.submission.reading import decided_by
from services.submission.tables import Case, StageCopy
from shared.infra.database import Tx
from shared.kernel.stages import RUNNING


class Progress(NamedTuple):
    """Award year (None while its cycle's fact has not come in), stage that a passed case is in, who has it in hand."""

    year: int | None
    stage: str | None
    in_hand: str | None


async def progress(tx: Tx, cases: Sequence[Case]) -> dict[UUID, Progress]:
    """How far each case is; three statements for all of them."""
    years = await store.cycle_years(tx, {case.cycle_id for case in cases})
    begun = await store.stage_copies(tx, cases)
    return {case.case_id: _progress(case, years.get(case.cycle_id), begun[case.case_id]) for case in cases}


def _progress(case: Case, year: int | None, begun: Mapping[str, StageCopy]) -> Progress:
    category, state = category_of(case), CaseState(case.state)
    if state is not CaseState.PASSED:
        return Progress(year, None, in_hand(state, None, None))
    if "release" in begun:
        return Progress(year, "名单已发布", None)
    titles = {stage.kind.value: stage.title for stage in category.stages}
    running = next((kind for kind in reversed(titles) if kind in begun and begun[kind].state in RUNNING), None)
    return Progress(year, titles[running] if running else None, in_hand(state, running, decided_by(category)))
