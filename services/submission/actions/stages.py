"""The stages that submission owns: opening with their term, reminders, the office's act to end, the manifest."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import end_work, move, put_case_dossier
from services.submission.actions.filing import leave
from services.submission.actions.notices import tell_applicant
from services.submission.actions.rules import reminder_at, stage_article, stage_params, term_params
from services.submission.actions.screening import conclude
from services.submission.domain.cases import LIVING, UNDECIDED, CaseEvent, CaseState
from services.submission.tables import Case, Closing, Reminder
from shared.contracts.dossiers import ManifestEntry
from shared.contracts.facts import PartDeposited
from shared.contracts.names import stage_workflow_id
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import StageRef
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.infra.manifests import freeze_manifest
from shared.infra.stages import close_stage, open_stage, stage_place, stage_row, term_is_over, term_of, wait_for
from shared.infra.tables import Stage
from shared.kernel.refusals import Conflict, Refusal
from shared.kernel.stages import StageState, require_open

ENDED_BY_ACT = ("screening", "intake", "nomination")
_WAITS_FOR = {"application_window": "enterprise", "nomination": "media"}


async def begin_stage(tx: Tx, ref: StageRef) -> Stage:
    """Open the stage row with the rulebook's term; stages that end by the office's act say so."""
    term = term_params(ref, ref.kind)
    if term is None:
        return await open_stage(tx, ref, waits_for="office")
    waits = _WAITS_FOR.get(ref.kind, "office")
    return await open_stage(tx, ref, length=term.length, unit=term.unit.value, waits_for=waits)


async def window_reminder_at(tx: Tx, stage: Stage) -> datetime | None:
    """When enterprises with drafts are reminded; None without a term or when it has happened."""
    if stage.term is None or await tx.session.get(Reminder, stage.stage_id) is not None:
        return None
    days = stage_params(stage, stage.kind).reminder_days_before
    return reminder_at(await current_calendar(tx), term_of(stage).last_day, days)


async def remind_window(tx: Tx, stage_id: UUID) -> None:
    """Tell every enterprise with a draft that the window is about to end, once."""
    stage = await stage_row(tx, stage_id)
    if await tx.session.get(Reminder, stage_id) is not None:
        return
    tx.session.add(Reminder(stage_id=stage_id, sent_at=tx.now))
    drafts = await store.cases_of_category(tx, stage.category_id, [CaseState.DRAFT])
    for case in drafts:
        await tell_applicant(tx, case, "window_reminder", until=stage.closes_at)
    await tx.audit("window.reminded", **_place(stage), drafts=len(drafts))


async def close_window(tx: Tx, stage_id: UUID) -> None:
    """The window's last counted day is over."""
    stage = await stage_row(tx, stage_id, update=True)
    if term_is_over(stage, tx.now):
        await close_stage(tx, stage)


async def end_stage(tx: Tx, stage_id: UUID, selected: Collection[UUID] | None = None) -> Closing:
    """The office ends a stage: screening when every case is decided, intake as it stands, a nomination with the
    selected events. The workflow then freezes the manifest and closes."""
    stage = await stage_row(tx, stage_id, update=True)
    if stage.kind not in ENDED_BY_ACT:
        raise Refusal("not_ended_by_act", "此阶段按期限结束，不能由人结束。")
    if await store.closing_of(tx, stage_id) is not None:
        raise Conflict("stage_closing", "本阶段已由办公室结束，正在移交。")
    require_open(StageState(stage.state), stage.opens_at, None, tx.now)
    await _ENDINGS[stage.kind](tx, stage, selected)
    closing = Closing(stage_id=stage_id, asked_at=tx.now, asked_by=tx.actor.account_id)
    tx.session.add(closing)
    await tx.audit("stage.ended_by_office", **_place(stage))
    await tx.nudge(stage_workflow_id(stage_id))
    return closing


async def _end_screening(tx: Tx, stage: Stage, _selected: Collection[UUID] | None) -> None:
    undecided = await store.cases_of_category(tx, stage.category_id, UNDECIDED)
    if undecided:
        numbers = "、".join(case.number or "" for case in undecided[:10])
        raise Conflict("undecided", f"还有{len(undecided)}案没有初审结论：{numbers}。")


async def _end_intake(tx: Tx, stage: Stage, _selected: Collection[UUID] | None) -> None:
    article = stage_article(stage, stage.kind)
    for case in await store.cases_of_category(tx, stage.category_id, [CaseState.ACCEPTED], update=True):
        await conclude(tx, case, stage.stage_id, CaseEvent.PASS, article, "", fact=False)


async def _end_nomination(tx: Tx, stage: Stage, selected: Collection[UUID] | None) -> None:
    """Keep the selected events, at most as many as the rulebook says; all, when none were named."""
    nominated = await store.cases_of_category(tx, stage.category_id, [CaseState.ACCEPTED], update=True)
    count = int(stage_params(stage, stage.kind).count)
    _check_selection(stage, nominated, selected, count, tx.now)
    chosen = {case.case_id for case in nominated} if selected is None else set(selected)
    article = stage_article(stage, stage.kind)
    for case in nominated:
        event = CaseEvent.PASS if case.case_id in chosen else CaseEvent.REJECT
        await conclude(tx, case, stage.stage_id, event, article, "媒体筛选", fact=False)


def _check_selection(
    stage: Stage, nominated: Sequence[Case], selected: Collection[UUID] | None, count: int, now: datetime
) -> None:
    if len(nominated) < count and stage.closes_at is not None and now < stage.closes_at:
        raise Conflict("term_running", f"提名期限未满，且提名不足{count}项，不能结束。")
    wanted = len(nominated) if selected is None else len(set(selected))
    if wanted > count:
        raise Refusal("too_many", f"至多保留{count}项提名，现为{wanted}项。", field="selected")
    if selected is not None and not set(selected) <= {case.case_id for case in nominated}:
        raise Refusal("unknown_case", "所选项目中有的不在提名之列。", field="selected")


_ENDINGS = {"screening": _end_screening, "intake": _end_intake, "nomination": _end_nomination}


async def prepare_hand_over(tx: Tx, stage_id: UUID) -> None:
    """Put the final dossier of every case that goes on; the manifest freezes once they all lie in S3."""
    stage = await stage_row(tx, stage_id)
    closing = await store.closing_of(tx, stage_id)
    if closing is None or closing.prepared_at is not None:
        return
    for case in await going_on(tx, stage):
        await put_case_dossier(tx, case)
    closing.prepared_at = tx.now
    tx.session.add(closing)


async def going_on(tx: Tx, stage: Stage) -> Sequence[Case]:
    """The cases that the stage hands over, locked."""
    return await store.cases_of_category(tx, stage.category_id, [CaseState.PASSED], update=True)


async def freeze(tx: Tx, stage_id: UUID) -> None:
    """Freeze the manifest of the stage, once; it goes to the auditor's bundle too."""
    stage = await stage_row(tx, stage_id, update=True)
    closing = await store.closing_of(tx, stage_id)
    if closing is None or closing.manifest_id is not None:
        return
    cases = await going_on(tx, stage)
    manifest_id, digest, count = await freeze_manifest(tx, stage, [_entry(case) for case in cases])
    for case in cases:
        case.manifest_id = manifest_id
        tx.session.add(case)
    closing.manifest_id, closing.manifest_digest, closing.cases = manifest_id, digest, count
    tx.session.add(closing)
    await deposit(tx, stage.cycle_id, stage.category_id, f"manifest-{stage.kind}.json", digest)


def _entry(case: Case) -> ManifestEntry:
    return ManifestEntry(
        case_id=case.case_id,
        number=case.number or "",
        dossier_digest=case.dossier_digest or "",
        subject=CaseSubject.model_validate(case.subject),
        variant=case.variant,
    )


async def deposit(tx: Tx, cycle_id: UUID, category_id: UUID, name: str, digest: str) -> None:
    """A part of the category's auditor's bundle lies in S3 under this digest."""
    await tx.emit(
        PartDeposited(
            source=tx.service,
            cycle_id=cycle_id,
            category_id=category_id,
            audience="auditor",
            name=name,
            digest=digest,
        )
    )


async def close_handed_over(tx: Tx, stage_id: UUID) -> None:
    """Close a stage whose manifest lies in S3."""
    stage = await stage_row(tx, stage_id, update=True)
    closing = await store.closing_of(tx, stage_id)
    if closing is None or closing.manifest_id is None or closing.manifest_digest is None:
        return
    await close_stage(tx, stage, manifest=(closing.manifest_id, closing.manifest_digest, closing.cases))


async def call_for_office(tx: Tx, stage_id: UUID) -> None:
    """A term has ended and the office must end the stage."""
    await wait_for(tx, await stage_row(tx, stage_id, update=True), "office")


async def end_category(tx: Tx, category_id: UUID) -> None:
    """A stage was cancelled: every living case of the category ends, its files are kept."""
    for case in await store.cases_of_category(tx, category_id, LIVING, update=True):
        move(tx, case, CaseEvent.END)
        await leave(tx, case, "ended", reason="项目终止")
        await end_work(tx, case)


def _place(stage: Stage) -> Any:
    return stage_place(stage)
