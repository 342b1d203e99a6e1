"""Cases without an application form: an intake from data the office holds, and events nominated by the media."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import case_place, put_case_dossier
from services.submission.actions.enterprises import ensure_enterprise, subject_of
from services.submission.actions.filing import CycleUnknown
from services.submission.actions.rules import category_of
from services.submission.actions.screening import require_not_closing
from services.submission.domain import filing
from services.submission.domain.cases import CaseState, case_number
from services.submission.tables import Case
from shared.contracts.subjects import CaseSubject, Subject
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import stage_for_act
from shared.infra.tables import Stage
from shared.kernel.canonical import plain
from shared.kernel.ids import derived_id
from shared.kernel.names import seen_name
from shared.kernel.refusals import Conflict, Refusal
from shared.rulebook import Category


@dataclass(frozen=True)
class IntakeRow:
    """One subject of an intake: public attributes, class, figures as they stand in the source.

    ``official``: what an authority has printed of it, if anything.
    """

    subject: Subject
    figures: Mapping[str, Any]
    variant: str | None = None
    official: Mapping[str, Any] | None = None


async def record_subject(tx: Tx, stage_id: UUID, row: IntakeRow, source: str) -> Case:
    """Take a subject in with its figures from a named source; complete, and once in the category."""
    stage = await _stage_of(tx, stage_id, "intake")
    category = category_of(stage)
    filing.check_variant(category, row.variant)
    filing.require_reason(source, "source")
    entered = filing.stored_figures(filing.read_entry(category, row.figures, "intake"))
    filing.check_complete(category, row.variant, entered, (), "intake")
    case = await _new_case(tx, stage, *await _who(tx, stage, category, row.subject), "intake")
    case.variant, case.entered, case.official = row.variant, entered, plain(row.official)
    return await _take_in(tx, case, source)


async def _who(tx: Tx, stage: Stage, category: Category, subject: Subject) -> tuple[UUID, CaseSubject]:
    """An enterprise by its credit code; an organisation whose code is not published by its name."""
    if category.subject_kind == "organisation" and subject.credit_code is None:
        name = subject.name.strip()
        subject_id = derived_id("organisation", stage.category_id, _plain_name(name, "name", "请填写名称。"))
        return subject_id, CaseSubject(name=name)
    enterprise = await ensure_enterprise(tx, subject)
    return enterprise.enterprise_id, subject_of(enterprise)


def _plain_name(text: str, field: str, missing: str) -> str:
    """A name without what only the way of writing changes, so that the same one is known again."""
    plain_text = "".join(unicodedata.normalize("NFKC", seen_name(text, field)).split())
    if not plain_text:
        raise Refusal(field, missing, field=field)
    return plain_text


async def nominate_event(tx: Tx, stage_id: UUID, title: str, raw: Mapping[str, Any]) -> Case:
    """A medium nominates an event; the same event twice is refused."""
    stage = await _stage_of(tx, stage_id, "nomination")
    category = category_of(stage)
    plain_title = _plain_name(title, "title", "请填写事件名称。")
    entered = filing.stored_figures(filing.read_entry(category, raw, "applicant"))
    filing.check_complete(category, None, entered, (), "applicant")
    event_id = derived_id("event", stage.category_id, plain_title)
    case = await _new_case(tx, stage, event_id, CaseSubject(name=title.strip()), "nomination")
    case.title, case.entered, case.entered_by = title.strip(), entered, tx.actor.account_id
    return await _take_in(tx, case, "媒体提名")


async def _stage_of(tx: Tx, stage_id: UUID, kind: str) -> Stage:
    stage = await stage_for_act(tx, stage_id)
    if stage.kind != kind:
        raise Refusal("wrong_stage", "此阶段不办理这一事项。", field="stage_id")
    await require_not_closing(tx, stage_id)
    return stage


async def _new_case(tx: Tx, stage: Stage, subject_id: UUID, subject: CaseSubject, origin: str) -> Case:
    await tx.lock("filing", stage.category_id, str(subject_id))
    if await store.case_of_subject(tx, stage.category_id, str(subject_id)) is not None:
        raise Conflict("already_recorded", f"“{subject.name}”已登记，不能重复。", field="name")
    return Case(
        case_id=new_id(),
        cycle_id=stage.cycle_id,
        category_id=stage.category_id,
        category_key=stage.category_key,
        rulebook_id=stage.rulebook_id,
        rulebook_digest=stage.rulebook_digest,
        stage_id=stage.stage_id,
        origin=origin,
        subject_id=subject_id,
        subject_key=str(subject_id),
        subject=subject.model_dump(mode="json"),
        state=CaseState.ACCEPTED,
        entered={},
        opened_at=tx.now,
        accepted_at=tx.now,
        waiting_since=tx.now,
    )


async def _take_in(tx: Tx, case: Case, source: str) -> Case:
    cycle = await store.cycle_of(tx, case.cycle_id)
    if cycle is None:
        raise CycleUnknown(str(case.cycle_id))
    case.number = case_number(category_of(case).initials, cycle.year, await store.next_place(tx, case.category_id))
    tx.session.add(case)
    await put_case_dossier(tx, case)
    await tx.audit(f"{case.origin}.recorded", **case_place(case), stage_id=case.stage_id, source=source)
    return case
