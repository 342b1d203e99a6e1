"""申报: draft, figures, submission, resubmission after a rectification, withdrawal."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import (
    case_place,
    end_work,
    evidence_items,
    move,
    put_case_dossier,
    require_own,
)
from services.submission.actions.desk import clear_ticks
from services.submission.actions.enterprises import subject_of
from services.submission.actions.inconsistencies import comes_to_the_desk
from services.submission.actions.notices import tell_office
from services.submission.actions.rules import category_of
from services.submission.domain import filing
from services.submission.domain.cases import CaseEvent, CaseState
from services.submission.tables import Case, Departure, Rectification
from shared.contracts.dossiers import EvidenceItem
from shared.contracts.facts import ApplicationWithdrawn, CaseAmended
from shared.contracts.names import application_workflow_id
from shared.contracts.subjects import CaseSubject
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.form_workbooks import read_form_workbook
from shared.infra.stages import stage_for_act, stage_row
from shared.kernel.refusals import Conflict, NotAllowed, Refusal
from shared.rulebook import Category


class CycleUnknown(Exception):
    """The fact that opened the cycle has not come in; a window never opens before it."""


async def open_application(
    tx: Tx, stage_id: UUID, enterprise_id: UUID, variant: str | None = None, title: str | None = None
) -> Case:
    """Begin a draft of an enterprise in an open window; the same subject twice in a category is refused.

    ``title``: the person's name or the case study's, where the category honours one.
    """
    if enterprise_id not in tx.actor.acts_for:
        raise NotAllowed("您不能代表这家企业申报。")
    case = await new_draft(tx, stage_id, enterprise_id, variant, title)
    await tx.audit("application.opened", **case_place(case), stage_id=stage_id)
    return case


async def new_draft(
    tx: Tx, stage_id: UUID, enterprise_id: UUID, variant: str | None, title: str | None, paper_on: date | None = None
) -> Case:
    """The row of a draft; ``paper_on``: the day on which it came on paper."""
    stage = await stage_for_act(tx, stage_id, in_flight=True)
    if stage.kind != "application_window":
        raise Refusal("not_a_window", "此阶段不接受申报。", field="stage_id")
    category = category_of(stage)
    filing.check_variant(category, variant)
    title = filing.checked_title(category, title)
    enterprise = await store.enterprise_of(tx, enterprise_id)
    key = f"{enterprise_id}/{title}" if title else str(enterprise_id)
    await tx.lock("filing", stage.category_id, key)
    if await store.case_of_subject(tx, stage.category_id, key) is not None:
        raise Conflict("already_filed", f"贵企业在“{category.name}”已有申报，同一项目不能重复申报。")
    case = Case(
        case_id=new_id(),
        cycle_id=stage.cycle_id,
        category_id=stage.category_id,
        category_key=stage.category_key,
        rulebook_id=stage.rulebook_id,
        rulebook_digest=stage.rulebook_digest,
        stage_id=stage.stage_id,
        origin="application",
        subject_id=enterprise_id,
        subject_key=key,
        subject=_subject(category, subject_of(enterprise), title).model_dump(mode="json"),
        title=title,
        variant=variant,
        state=CaseState.DRAFT,
        entered={},
        opened_at=tx.now,
        paper=paper_on is not None,
        paper_on=paper_on.isoformat() if paper_on else None,
        entered_by=tx.actor.account_id if paper_on else None,
    )
    tx.session.add(case)
    return case


def _subject(category: Category, organisation: CaseSubject, title: str | None) -> CaseSubject:
    """A case study is named at once, a person only with consent, which comes with the submission."""
    return organisation.model_copy(update={"honoured": title if category.subject_kind == "case" else None})


async def enter_figures(tx: Tx, case_id: UUID, raw: dict[str, Any]) -> Case:
    """Merge figures into the filing; one wrong figure and nothing is taken over."""
    case, rectification = await case_for_filing(tx, case_id)
    entered = filing.stored_figures(filing.read_entry(category_of(case), raw, "applicant"))
    if rectification is not None:
        filing.require_reopened(reopened_fields(rectification), entered)
    case.entered = {**case.entered, **entered}
    case.unsound = {field: typed for field, typed in case.unsound.items() if field not in entered}
    case.version += 1
    tx.session.add(case)
    if entered:
        await store.mark_fields(tx, case, entered)
    await tx.audit("application.figures_entered", **case_place(case), figures=entered)
    return case


async def enter_workbook(tx: Tx, case_id: UUID, content: bytes) -> Case:
    """Merge the figures of a filled XLSX template, by the same rules as those of the form."""
    case = require_own(tx, await store.case_of(tx, case_id))
    return await enter_figures(tx, case_id, read_form_workbook(content, category_of(case)))


async def case_for_filing(tx: Tx, case_id: UUID) -> tuple[Case, Rectification | None]:
    """The applicant's own case, locked, while it may be changed: a draft in its open window, or a case in an open
    rectification, judged by when the request came in. The stage row is taken FOR SHARE before the case, as
    everywhere."""
    seen = require_own(tx, await store.case_of(tx, case_id))
    rectification = await store.rectification_of(tx, case_id, state="open")
    await stage_for_act(tx, rectification.stage_id if rectification else seen.stage_id, in_flight=True)
    case = await store.case_of(tx, case_id, update=True)
    expected = CaseState.RECTIFYING if rectification else CaseState.DRAFT
    if case.state != expected:
        raise Conflict("case_state", "申报已提交，不能再修改。")
    if rectification is not None and tx.received_at >= rectification.closes_at:
        raise Conflict("term_over", "整改期限已届满，不能再办理。")
    return case, rectification


def reopened_fields(rectification: Rectification) -> frozenset[str]:
    """The facts and kinds of evidence that a rectification reopens."""
    return frozenset(item["field"] for item in rectification.items)


def require_complete(case: Case, category: Category, files: Sequence[EvidenceItem]) -> list[str]:
    """Ids of the entry rules that the screener must look at; refuses gaps and what may not enter."""
    kinds = {file.kind for file in files}
    problems = filing.check_complete(category, case.variant, case.entered, kinds, "applicant", case.unsound)
    return [problem.rule for problem in problems]


async def resubmit_application(tx: Tx, case_id: UUID) -> Case:
    """Hand a rectified filing in again, within its term; it returns to the screener."""
    case, rectification = await case_for_filing(tx, case_id)
    if rectification is None:
        raise Conflict("case_state", "此案没有待整改的事项。")
    require_complete(case, category_of(case), await evidence_items(tx, case_id))
    move(tx, case, CaseEvent.RESUBMIT)
    comes_to_the_desk(tx, case, await store.waivers_of(tx, case_id))
    await clear_ticks(tx, case)
    rectification.state, rectification.ended_at = "fulfilled", tx.now
    tx.session.add(rectification)
    digest = await put_case_dossier(tx, case)
    await tx.audit("rectification.fulfilled", **case_place(case), stage_id=rectification.stage_id, public=digest)
    await tx.expect(application_workflow_id(case_id), None)
    await tx.nudge(application_workflow_id(case_id))
    await tell_office(tx, case, "rectification_fulfilled")
    return case


async def withdraw_application(tx: Tx, case_id: UUID, reason: str) -> Case:
    """The applicant withdraws: before the manifest the case is simply gone, afterwards it is an amendment."""
    seen = require_own(tx, await store.case_of(tx, case_id))
    screening = await store.running_stage_of(tx, seen.category_id, "screening")
    if screening is not None:
        await stage_row(tx, screening.stage_id, share=True)
    case = await store.case_of(tx, case_id, update=True)
    move(tx, case, CaseEvent.WITHDRAW)
    await leave(tx, case, "withdrawn", reason=reason)
    if case.number is not None:
        await tx.emit(ApplicationWithdrawn(**_about(case), number=case.number))
    await end_work(tx, case)
    return case


async def leave(
    tx: Tx, case: Case, kind: str, *, reason: str, article: str | None = None, ticket_id: UUID | None = None
) -> None:
    """Keep how a case left; an open rectification is void; after the manifest the others are told by amendment."""
    tx.session.add(
        Departure(
            case_id=case.case_id,
            kind=kind,
            article=article,
            reason=reason,
            after_manifest=case.manifest_id is not None,
            ticket_id=ticket_id,
            left_at=tx.now,
            left_by=tx.actor.account_id,
        )
    )
    rectification = await store.rectification_of(tx, case.case_id, state="open")
    if rectification is not None:
        rectification.state, rectification.ended_at = "void", tx.now
        tx.session.add(rectification)
    await tx.audit(f"case.{kind}", **case_place(case), article=article, reason=reason)
    if case.manifest_id is not None:
        await tx.emit(
            CaseAmended(**_about(case), number=case.number or "", kind=kind, dossier_digest=case.dossier_digest)
        )


def _about(case: Case) -> dict[str, Any]:
    return {
        "cycle_id": case.cycle_id,
        "category_id": case.category_id,
        "case_id": case.case_id,
        "version": case.version,
    }


def receipt_time(case: Case) -> datetime:
    """When the case was accepted.

    Raises:
        Conflict: it was not.
    """
    if case.accepted_at is None:
        raise Conflict("no_receipt", "申报尚未提交，还没有回执。")
    return case.accepted_at
