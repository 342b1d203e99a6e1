"""Consulting the departments: letters, replies, reminder, silence, rulings on concerns, the final list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.dialects.postgresql import insert

from services.ranking.actions.concerns import unruled_concerns
from services.ranking.actions.stages import CO_CHAIR, DEPARTMENT, Received, begin_stage, held_stage, receive
from services.ranking.domain.consultation import missing_replies, reminder_at
from services.ranking.rules import rules_for, rules_of
from services.ranking.store import cases_of, letters_of, progress_of, put, replies_of, rows
from services.ranking.tables import CaseCopy, ConcernFile, Letter, Reply, StageProgress
from shared.contracts.dossiers import Manifest
from shared.contracts.facts import NoticeDue
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import counted_days, stage_for_act, stage_place, stage_row, wait_for
from shared.infra.tables import Stage
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Conflict, NotAllowed, NotFound, Refusal


class ReplyGiven(BaseModel):
    """A department's reply about one case; a concern says what it is."""

    model_config = ConfigDict(extra="forbid")

    case: UUID
    reply: Literal["no_objection", "concern"]
    text: str | None = Field(default=None, max_length=4000)
    file: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _concern_has_text(self) -> "ReplyGiven":
        if self.reply == "concern" and not (self.text or "").strip():
            raise Refusal("text_missing", "提出意见须写明内容。", field="entries.text")
        return self


class Replies(BaseModel):
    """Replies of one department. ``department`` only where an account acts for several."""

    model_config = ConfigDict(extra="forbid")

    entries: list[ReplyGiven] = Field(min_length=1)
    department: UUID | None = None


async def begin_consultation(tx: Tx, ref: StageRef) -> None:
    """Open the stage with its term."""
    rules = rules_for(ref.rulebook_id, ref.rulebook_digest, ref.category_key)
    await begin_stage(tx, ref, waits_for=DEPARTMENT, term=rules.consultation.term)


async def receive_for_consultation(tx: Tx, stage_id: UUID, manifest: Manifest, received: Sequence[Received]) -> None:
    """Keep the shortlist and write to every department, once."""
    stage = await receive(tx, stage_id, manifest, received)
    if await letters_of(tx, stage_id):
        return
    for department in rules_of(stage).consultation.departments:
        department_id = derived_id("department", department)
        tx.session.add(Letter(stage_id=stage_id, department_id=department_id, department=department, sent_at=tx.now))
        await _notify(tx, stage, department_id, "consultation_asked")
    await tx.audit("consultation.sent", **stage_place(stage), departments=len(rules_of(stage).consultation.departments))


async def _notify(tx: Tx, stage: Stage, department_id: UUID, template: str) -> None:
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            notice_id=new_id(),
            recipient_kind="department",
            recipient_id=department_id,
            template=template,
            stage_title="意见征询",
            until=stage.closes_at,
            link="/committee/consultations",
        )
    )


def next_look(stage: Stage, progress: StageProgress) -> datetime | None:
    """When the reminder is due; None once it was sent or when the term has no room for it."""
    if progress.reminded_at is not None:
        return None
    return reminder_at(counted_days(stage))


async def reply(tx: Tx, stage_id: UUID, given: Replies) -> dict[str, Any]:
    """A department answers about cases, once a case."""
    stage = await stage_for_act(tx, stage_id)
    await tx.lock("replies", stage_id)
    progress = await progress_of(tx, stage_id)
    if progress.closed_early_at is not None:
        raise Conflict("consultation_closed", "本次征询已经结束。")
    letter = await _letter_of(tx, stage_id, given.department)
    copies = {copy.case_id: copy for copy in await cases_of(tx, stage_id)}
    answered = {one.case_id for one in await replies_of(tx, stage_id) if one.department_id == letter.department_id}
    for one in given.entries:
        await _check_file(tx, letter, one)
        _check_reply(copies.get(one.case), one, answered)
        answered.add(one.case)
        await _keep_reply(tx, stage, letter, one)
    return {"stage_id": stage_id, "department": letter.department, "answered": len(answered), "of": len(copies)}


def _check_reply(copy: CaseCopy | None, given: ReplyGiven, answered: set[UUID]) -> None:
    if copy is None:
        raise NotFound("征询名单中没有这个案件。")
    if given.case in answered:
        raise Conflict("already_replied", f"{copy.number} 已经回复过。", field=f"entries.{copy.number}")


async def _keep_reply(tx: Tx, stage: Stage, letter: Letter, given: ReplyGiven) -> None:
    tx.session.add(
        Reply(
            stage_id=stage.stage_id,
            case_id=given.case,
            department_id=letter.department_id,
            reply=given.reply,
            text=given.text,
            file_sha256=given.file,
            replied_by=tx.actor.account_id,
            replied_at=tx.now,
        )
    )
    await tx.audit(
        "consultation.replied",
        **stage_place(stage),
        case_id=given.case,
        department=letter.department_id,
        reply=given.reply,
        text=given.text,
        file=given.file,
    )


class FileGiven(BaseModel):
    """A file as it lies in S3: its key, SHA-256, size, what it is and what the scanner said."""

    key: str
    sha256: str
    octets: int
    media_type: str
    scan: Literal["none", "clean", "held"] = "none"
    scanned_by: str | None = None


async def keep_file(tx: Tx, stage_id: UUID, given: FileGiven, department: UUID | None = None) -> dict[str, Any]:
    """Keep a file that a department gives with a concern; the reply names it by its SHA-256."""
    stage = await stage_for_act(tx, stage_id)
    letter = await _letter_of(tx, stage_id, department)
    row = ConcernFile(
        stage_id=stage_id,
        department_id=letter.department_id,
        given_by=tx.actor.account_id,
        given_at=tx.now,
        **given.model_dump(),
    )
    await put(tx, row)
    place = {**stage_place(stage), "department": letter.department_id}
    await tx.audit("concern.file_given", **place, sha256=given.sha256, octets=given.octets, scan=given.scan)
    await tx.session.flush()
    return {"sha256": given.sha256, "scan": given.scan}


async def held_files(tx: Tx) -> list[ConcernFile]:
    """Files that wait for the scanner, the oldest first."""
    return await rows(tx, ConcernFile, ConcernFile.scan == "held", order=ConcernFile.given_at)


async def settle_file(tx: Tx, held: ConcernFile, refusal: Refusal | None, scanned_by: str | None) -> None:
    """A held file was scanned: it may be read from now on, or never; the concern's words stand in any case."""
    stage = await stage_row(tx, held.stage_id)
    row = await tx.session.get_one(ConcernFile, (held.stage_id, held.department_id, held.sha256), with_for_update=True)
    if row.scan != "held":
        return
    row.scan, row.scanned_by = "clean" if refusal is None else "refused", scanned_by
    tx.session.add(row)
    place = {**stage_place(stage), "department": row.department_id, "sha256": row.sha256}
    if refusal is None:
        await tx.audit("concern.file_released", **place, scanned_by=scanned_by)
    else:
        await tx.audit("concern.file_refused", **place, code=refusal.code, reason=refusal.message)


async def _check_file(tx: Tx, letter: Letter, given: ReplyGiven) -> None:
    key = (letter.stage_id, letter.department_id, given.file or "")
    if given.file is not None and await tx.session.get(ConcernFile, key) is None:
        raise NotFound("没有收到这个附件，请重新上传。")


async def _letter_of(tx: Tx, stage_id: UUID, wanted: UUID | None) -> Letter:
    """The letter to the department this person acts for."""
    mine = [one for one in await letters_of(tx, stage_id) if one.department_id in tx.actor.acts_for]
    if wanted is not None:
        mine = [one for one in mine if one.department_id == wanted]
    if not mine:
        raise NotAllowed("本次征询没有发给您所在的部门。")
    if len(mine) > 1:
        raise Refusal("which_department", "您代表多个部门，请写明是哪一个。", field="department")
    return mine[0]


async def remind(tx: Tx, stage_id: UUID) -> None:
    """Remind every department that has not answered about all cases, once."""
    stage, progress = await held_stage(tx, stage_id)
    if progress.reminded_at is not None:
        return
    for department_id in await unanswered(tx, stage_id):
        await _notify(tx, stage, department_id, "consultation_reminder")
    progress.reminded_at = tx.now
    tx.session.add(progress)
    await tx.audit("consultation.reminded", **stage_place(stage))


async def unanswered(tx: Tx, stage_id: UUID) -> dict[UUID, list[UUID]]:
    """Cases without an answer, by department; departments that answered all are left out."""
    letters, replies = await letters_of(tx, stage_id), await replies_of(tx, stage_id)
    cases = [copy.case_id for copy in await cases_of(tx, stage_id) if copy.struck is None]
    given = {(one.department_id, one.case_id) for one in replies}
    return missing_replies([one.department_id for one in letters], cases, given)


async def close_early(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """The office ends a consultation before its term, only when all departments have answered about all cases."""
    stage = await stage_for_act(tx, stage_id)
    await tx.lock("replies", stage_id)
    progress = await progress_of(tx, stage_id)
    if progress.received_at is None or await unanswered(tx, stage_id):
        raise Conflict("replies_missing", "还有部门没有答复，须等期限届满。")
    progress.closed_early_at = tx.now
    tx.session.add(progress)
    await tx.audit("consultation.closed_early", **stage_place(stage))
    await tx.nudge(stage_workflow_id(stage_id))
    return {"stage_id": stage_id}


async def tally(tx: Tx, stage_id: UUID) -> None:
    """Count silence as no objection, and say whether a ruling is needed. Once."""
    stage = await stage_row(tx, stage_id, update=True)
    await tx.lock("replies", stage_id)
    progress = await progress_of(tx, stage_id)
    if progress.tallied_at is not None:
        return
    silent = await unanswered(tx, stage_id)
    for department_id, cases in silent.items():
        for case_id in cases:
            values = {"stage_id": stage_id, "case_id": case_id, "department_id": department_id}
            statement = insert(Reply).values(**values, reply="silence", replied_at=tx.now)
            await tx.session.execute(statement.on_conflict_do_nothing())
    progress.tallied_at = tx.now
    tx.session.add(progress)
    await tx.audit("consultation.tallied", **stage_place(stage), silent=sum(map(len, silent.values())))
    await tx.session.flush()
    concerns = await unruled_concerns(tx, stage_id)
    await wait_for(tx, stage, CO_CHAIR if concerns else None)
    if concerns:
        await _call_co_chairs(tx, stage)


async def _call_co_chairs(tx: Tx, stage: Stage) -> None:
    """A concern goes back to the committee."""
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            notice_id=new_id(),
            recipient_kind="role",
            recipient_role=CO_CHAIR,
            template="concern_raised",
            stage_title="意见征询",
            link="/committee/consultations",
        )
    )
