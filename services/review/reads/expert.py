"""What an expert sees: the panels called to, and the own cases with everything needed to score them."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.review import store
from services.review.actions.correcting import CORRECTABLE
from services.review.actions.own import own_case
from services.review.actions.scoring import draft_of
from services.review.actions.seats import is_ordering
from services.review.actions.unsealing import as_dossier
from services.review.domain.findings import KIND_WORDS, raisable_rules
from services.review.domain.panel import MemberState, PanelState
from services.review.domain.sheets import computed_part, figures_shown, personal_order, population, scorecard_of
from services.review.reads.findings import FindingLine, finding_lines
from services.review.rulebooks import book_of, category_of, title_of, undertaking_of
from services.review.sealing import Sealer
from services.review.tables import PanelMember
from shared.contracts.dossiers import INVESTIGATION_KINDS, ApplicationDossier, EvidenceItem
from shared.infra.database import Tx
from shared.infra.previews import DRAWN, PICTURES
from shared.infra.stages import counted_days, stage_row
from shared.infra.tables import Stage
from shared.kernel.canonical import plain_decimal
from shared.kernel.file_names import extension_of
from shared.kernel.refusals import NotFound
from shared.kernel.stages import RUNNING, StageState
from shared.rulebook import Scorecard, computed_items, expert_items

WAITING = "待办公室会签"
MOST_PREVIEWS = 10


class TaskLine(BaseModel):
    """A case in an expert's list."""

    case_id: UUID
    neutral_number: str
    signed: bool
    drafted: bool
    signed_at: datetime | None = None
    sheet_digest: str | None = None


class TaskList(BaseModel):
    """A panel an expert was called to: what is expected, until when, and the own cases once the undertaking is
    signed."""

    stage_id: UUID
    kind: str
    category_name: str
    title: str
    state: str
    member_state: str
    attends_only: bool
    handed_in: bool
    undertaking_version: str
    undertaking_text: tuple[str, ...]
    closes_at: datetime | None
    counted_days: tuple[str, ...]
    cases: list[TaskLine]


class JudgedItem(BaseModel):
    """A line an expert judges, with what may be given."""

    id: str
    name: str
    group_name: str
    points: str
    step: str
    any_of: str | None
    allowed_values: list[str]
    allowed_ranges: list[tuple[str, str]]
    full_if: str | None
    thresholds: list[str]
    evidence: list[str]
    reason_if: str | None


class ComputedItem(BaseModel):
    """A line the rule computes, with the path from figure to points in words."""

    id: str
    name: str
    group_name: str
    points: str
    given: str
    words: str


class EvidenceLine(BaseModel):
    """A file of the case; ``previews``: addresses of the pages shown as pictures, by page number."""

    evidence_id: UUID
    name: str
    kind: str
    sha256: str
    previews: dict[int, str]


class VersionLine(BaseModel):
    """A signed version of the expert's own sheet; ``state`` in words, never a number."""

    version: int
    digest: str
    signed_at: datetime
    method: str
    state: str


class Task(BaseModel):
    """A case as an expert scores it; the applicant's name is not shown."""

    case_id: UUID
    stage_id: UUID
    neutral_number: str
    programme: str
    category_name: str
    stage_title: str
    scorecard: str
    variant: str | None
    industry: str | None
    closes_at: datetime | None
    counted_days: tuple[str, ...]
    figures: list[dict[str, Any]]
    evidence: list[EvidenceLine]
    investigations: list[dict[str, Any]]
    computed: list[ComputedItem]
    judged: list[JudgedItem]
    draft: dict[str, Any] | None
    signed_at: datetime | None
    sheet_digest: str | None
    open: bool
    saved_at: datetime | None
    versions: list[VersionLine]
    may_correct: bool
    findings: list[FindingLine]
    raisable: list[tuple[str, str]]
    signed_cases: int
    own_cases: int
    next_case: UUID | None


async def task_lists(tx: Tx) -> list[TaskList]:
    """The running panels to which the signed-in expert was called."""
    expert = await store.expert_acting(tx)
    found = []
    for member in await store.memberships(tx, expert.expert_id):
        stage = await stage_row(tx, member.stage_id)
        if StageState(stage.state) in RUNNING and member.state in (MemberState.CALLED, MemberState.UNDERTAKEN):
            found.append(await _task_list(tx, stage, member))
    return found


async def _task_list(tx: Tx, stage: Stage, member: PanelMember) -> TaskList:
    panel, undertaking = await store.panel(tx, stage.stage_id), undertaking_of(stage)
    return TaskList(
        stage_id=stage.stage_id,
        kind=stage.kind,
        category_name=category_of(stage).name,
        title=title_of(stage),
        state=panel.state,
        member_state=member.state,
        attends_only=not member.scores and not is_ordering(stage),
        handed_in=await store.own_sheet(tx, stage.stage_id, stage.stage_id, member.expert_id) is not None,
        undertaking_version=undertaking.version,
        undertaking_text=undertaking.lines,
        closes_at=stage.closes_at,
        counted_days=counted_days(stage),
        cases=await _task_lines(tx, member),
    )


async def _task_lines(tx: Tx, member: PanelMember) -> list[TaskLine]:
    if member.state != MemberState.UNDERTAKEN or not member.scores:
        return []
    progress = await store.progress(tx, member.stage_id)
    signed = {sheet.case_id: sheet for sheet in await store.own_sheets(tx, member.stage_id, member.expert_id)}
    drafted = await store.drafted_cases(tx, member.stage_id, member.expert_id)
    own = {
        case.case_id: case
        for case in await store.standing_cases(tx, member.stage_id)
        if (case.case_id, member.expert_id) not in progress.recused
    }
    return [
        TaskLine(
            case_id=case_id,
            neutral_number=own[case_id].neutral_number,
            signed=case_id in signed,
            drafted=case_id in drafted,
            signed_at=signed[case_id].signed_at if case_id in signed else None,
            sheet_digest=signed[case_id].digest if case_id in signed else None,
        )
        for case_id in personal_order(member.expert_id, list(own))
    ]


async def task(tx: Tx, sealer: Sealer, case_id: UUID) -> Task:
    """One of the expert's own cases, with everything needed to score it."""
    own = await own_case(tx, case_id)
    stage, panel, case, member = own.stage, own.panel, own.case, own.member
    category, dossier = category_of(stage), as_dossier(case)
    card = scorecard_of(category)
    frozen = [as_dossier(one) for one in await store.cases(tx, case.stage_id) if one.standing != "dropped"]
    computed = computed_part(category, dossier, population(category, frozen))
    draft, saved_at = await draft_of(tx, sealer, member, case_id)
    versions = await _versions(tx, member, case_id)
    lines = await _task_lines(tx, member)
    following = _after(lines, case_id)
    known = [one for one in await finding_lines(tx, case.stage_id) if one.case_id == case_id]
    sheet = await store.own_sheet(tx, case.stage_id, case_id, member.expert_id)
    return Task(
        case_id=case_id,
        stage_id=case.stage_id,
        neutral_number=case.neutral_number,
        programme=book_of(stage).short_title,
        category_name=category.name,
        stage_title=title_of(stage),
        scorecard=card.title,
        variant=next((one.name for one in card.variants if one.id == dossier.variant), None),
        industry=dossier.subject.industry,
        closes_at=stage.closes_at,
        counted_days=counted_days(stage),
        figures=figures_shown(category, dossier),
        evidence=[_evidence_line(case_id, one) for one in dossier.evidence],
        investigations=_investigations(dossier, card),
        computed=[
            ComputedItem(
                id=item.id,
                name=item.name,
                group_name=computed.explanations[item.id].group_name,
                points=plain_decimal(item.points),
                given=plain_decimal(computed.items[item.id]),
                words=computed.explanations[item.id].words,
            )
            for item in computed_items(card, dossier.variant)
        ],
        judged=[
            JudgedItem(
                id=item.id,
                name=item.name,
                group_name=item.group_name,
                points=plain_decimal(item.points),
                step=plain_decimal(item.step),
                any_of=item.any_of,
                allowed_values=_numbers(item.allowed_values),
                allowed_ranges=[(plain_decimal(low), plain_decimal(high)) for low, high in item.allowed_ranges],
                full_if=item.full_if,
                thresholds=list(item.thresholds),
                evidence=list(item.evidence),
                reason_if=item.reason_if,
            )
            for item in expert_items(card, dossier.variant)
        ],
        draft=json.loads(draft) if draft else None,
        signed_at=sheet.signed_at if sheet else None,
        sheet_digest=sheet.digest if sheet else None,
        open=panel.state == PanelState.SCORING and sheet is None,
        saved_at=saved_at,
        versions=versions,
        may_correct=bool(versions)
        and PanelState(panel.state) in CORRECTABLE
        and not any(one.state == WAITING for one in versions),
        findings=known,
        raisable=[
            (rule.rule_id, f"{KIND_WORDS[rule.kind]}：{rule.label}")
            for rule in raisable_rules(category, dossier.variant)
            if rule.rule_id not in {one.rule_id for one in known}
        ],
        signed_cases=sum(line.signed for line in lines),
        own_cases=len(lines),
        next_case=following,
    )


def _evidence_line(case_id: UUID, item: EvidenceItem) -> EvidenceLine:
    """The first page, and the pages to which figures are bound: of a picture there is one, of a table none."""
    path = f"/api/review/tasks/{case_id}/evidence/{item.evidence_id}/preview?page="
    pages = {1, *item.pages.values()} if extension_of(item.name) not in PICTURES else {1}
    shown = sorted(pages)[:MOST_PREVIEWS] if extension_of(item.name) in DRAWN else []
    return EvidenceLine(
        **item.model_dump(include={"evidence_id", "name", "kind", "sha256"}),
        previews={page: f"{path}{page}" for page in shown},
    )


async def own_evidence(tx: Tx, case_id: UUID, evidence_id: UUID, page: int) -> EvidenceItem:
    """A file of one of the expert's own cases that has a page to show; of any other case there is none."""
    own = await own_case(tx, case_id)
    found = next((one for one in as_dossier(own.case).evidence if one.evidence_id == evidence_id), None)
    if found is None or extension_of(found.name) not in DRAWN or (page > 1 and extension_of(found.name) in PICTURES):
        raise NotFound
    return found


async def _versions(tx: Tx, member: PanelMember, case_id: UUID) -> list[VersionLine]:
    answers = {one.digest: one.accepted for one in await store.countersignatures(tx, member.stage_id)}
    words = {True: "已会签，计入", False: "办公室未同意，不计入", None: WAITING}
    return [
        VersionLine(
            version=one.version,
            digest=one.digest,
            signed_at=one.signed_at,
            method=one.attestation.get("method", ""),
            state="已封存" if one.version == 1 else words[answers.get(one.digest)],
        )
        for one in await store.versions_of(tx, member.stage_id, case_id, member.expert_id)
    ]


def _after(lines: Sequence[TaskLine], case_id: UUID) -> UUID | None:
    """The next case that is not signed, in the expert's own order, beginning after this one."""
    places = [line.case_id for line in lines]
    place = places.index(case_id)
    waiting = [line.case_id for line in (*lines[place + 1 :], *lines[:place]) if not line.signed]
    return waiting[0] if waiting else None


def _investigations(dossier: ApplicationDossier, card: Scorecard) -> list[dict[str, Any]]:
    """Findings with the names of kind and item, to be shown beside the item they are about."""
    names = {item.id: item.name for group in card.groups for item in group.items}
    words = {**INVESTIGATION_KINDS, "inconsistency": "前后不一致"}
    return [
        {
            **one.model_dump(mode="json"),
            "kind_words": words.get(one.kind, one.kind),
            "item_name": names.get(one.item or ""),
        }
        for one in dossier.investigations
    ]


def _numbers(values: tuple[Decimal, ...]) -> list[str]:
    return [plain_decimal(value) for value in values]
