"""Findings and corrections as chair and office see them: never a score, never a sheet."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.review import store
from services.review.actions.correcting import open_corrections
from services.review.domain.findings import KIND_WORDS, STATE_WORDS, FindingState, raisable_rules
from services.review.rulebooks import category_of
from shared.infra.database import Tx
from shared.infra.stages import stage_row

RAISED_AS = {
    "expert": "专家",
    "office": "办公室",
    "review_chair": "审查委员会主任",
    "supervisor": "监督员",
    "investigation": "组织调查",
}


class FindingLine(BaseModel):
    """A zero condition or veto raised about a case."""

    finding_id: UUID
    case_id: UUID
    neutral_number: str
    kind_words: str
    rule_id: str
    label: str
    raised_as: str
    source: str
    found_on: str | None
    raised_at: datetime
    state: str
    state_words: str
    upheld: bool | None
    article: str | None
    reason: str | None


class CorrectionLine(BaseModel):
    """A correction as the office sees it: its digest and reason, never the sheet."""

    neutral_number: str
    label: str
    version: int
    digest: str
    reason: str
    signed_at: datetime


async def finding_lines(tx: Tx, stage_id: UUID) -> list[FindingLine]:
    """Everything raised about the cases of a panel, oldest first."""
    category = category_of(await stage_row(tx, stage_id))
    cases = {case.case_id: case for case in await store.cases(tx, stage_id)}
    lines = []
    for one in await store.findings(tx, stage_id):
        case = cases[one.case_id]
        labels = {rule.rule_id: rule.label for rule in raisable_rules(category, case.dossier["variant"])}
        kept = one.model_dump(include=set(FindingLine.model_fields) - {"raised_as"})
        lines.append(
            FindingLine(
                **kept,
                neutral_number=case.neutral_number,
                kind_words=KIND_WORDS[one.kind],
                label=labels.get(one.rule_id, one.rule_id),
                raised_as=RAISED_AS[one.raised_as],
                state_words=STATE_WORDS[FindingState(one.state)],
            )
        )
    return lines


async def correction_lines(tx: Tx, stage_id: UUID) -> list[CorrectionLine]:
    """Corrections that wait for the office, oldest first."""
    cases = {case.case_id: case.neutral_number for case in await store.cases(tx, stage_id)}
    labels = {member.expert_id: member.label for member in await store.members(tx, stage_id)}
    return [
        CorrectionLine(
            neutral_number=cases[one.case_id],
            label=labels[one.expert_id],
            version=one.version,
            digest=one.digest,
            reason=one.reason or "",
            signed_at=one.signed_at,
        )
        for one in await open_corrections(tx, stage_id)
    ]
