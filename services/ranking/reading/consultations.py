"""Consultations, their letters and answers; seats to refill."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.ranking.actions.members import unseen
from services.ranking.actions.seats import candidates_shown, names_of, seats_shown
from services.ranking.reading.heads import stage_head
from services.ranking.rules import rules_of
from services.ranking.store import (
    cases_of,
    files_of,
    letters_of,
    progress_of,
    replies_of,
    rulings_of,
    seats_of,
)
from services.ranking.tables import (
    CaseCopy,
    ConcernFile,
    ConcernRuling,
    Letter,
    Reply,
)
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.infra.tables import Stage, Witness
from shared.kernel.calendar import CHINA_TIME
from shared.kernel.refusals import Conflict, NotFound
from shared.web.documents import Letter as LetterPaper
from shared.web.documents import LetterEntry, Proof

WATCHERS = frozenset({"office", "co_chair", "guidance", "auditor"})


async def consultations_shown(tx: Tx) -> list[dict[str, Any]]:
    """Consultations this person may see, running ones first."""
    found = await tx.session.execute(
        select(Stage)
        .where(Stage.kind == "consultation")  # type: ignore[arg-type]
        .order_by(Stage.closed_at.desc().nulls_first(), Stage.opens_at.desc())  # type: ignore[union-attr, attr-defined]
    )
    shown = []
    for stage in found.scalars():
        letters = await visible_letters(tx, stage.stage_id)
        if letters:
            shown.append({**stage_head(stage), **await consultation_shown(tx, stage)})
    return shown


async def visible_letters(tx: Tx, stage_id: UUID) -> list[Letter]:
    """All letters for those who watch, its own for a department."""
    letters = await letters_of(tx, stage_id)
    if tx.actor.roles & WATCHERS:
        return letters
    return [one for one in letters if one.department_id in tx.actor.acts_for]


async def consultation_shown(tx: Tx, stage: Stage) -> dict[str, Any]:
    """Letters, cases and the answers this person may see."""
    letters = await visible_letters(tx, stage.stage_id)
    seen, hidden = {one.department_id: one.department for one in letters}, await unseen(tx)
    replies = [one for one in await replies_of(tx, stage.stage_id) if one.department_id in seen]
    scans = {(one.department_id, one.sha256): one.scan for one in await files_of(tx, stage.stage_id)}
    rulings = await rulings_of(tx, stage.stage_id) if tx.actor.roles & WATCHERS else {}
    progress = await progress_of(tx, stage.stage_id)
    return {
        "departments": [{"department_id": str(key), "department": name} for key, name in seen.items()],
        "tallied": progress.tallied_at is not None,
        "entries": [
            {
                **_consulted(copy),
                "replies": [_reply_shown(one, seen, scans) for one in replies if one.case_id == copy.case_id],
                **_ruling_shown(rulings.get(copy.case_id)),
            }
            for copy in sorted(await cases_of(tx, stage.stage_id), key=lambda copy: copy.dossier["position"])
            if (copy.struck is None or tx.actor.roles & WATCHERS) and copy.case_id not in hidden
        ],
    }


def _consulted(copy: CaseCopy) -> dict[str, Any]:
    """What a department sees of a case: who it is, no score and no rank."""
    return {
        "case_id": str(copy.case_id),
        "number": copy.number,
        "name": copy.name,
        "credit_code": copy.subject.get("credit_code"),
        "struck": copy.struck,
    }


def _ruling_shown(row: ConcernRuling | None) -> dict[str, Any]:
    """The ruling in force, or the one that waits for its second person."""
    in_force = row is not None and row.ruled_at is not None
    return {
        "ruling": row.ruling if row and in_force else None,
        "proposed_ruling": row.ruling if row and not in_force else None,
        "ruling_reason": row.reason if row else None,
        "proposed_by": str(row.proposed_by) if row else None,
    }


def _reply_shown(one: Reply, names: dict[UUID, str], scans: dict[tuple[UUID, str], str]) -> dict[str, Any]:
    return {
        "department": names[one.department_id],
        "reply": one.reply,
        "text": one.text,
        "file": one.file_sha256,
        "file_scan": scans.get((one.department_id, one.file_sha256 or "")),
        "replied_at": one.replied_at.isoformat(),
    }


async def concern_file(tx: Tx, stage_id: UUID, sha256: str) -> ConcernFile:
    """A file given with a concern: for those who watch and the department it came from, not for who stands aside."""
    seen = {one.department_id for one in await visible_letters(tx, stage_id)}
    hidden = await unseen(tx)
    replies = [one for one in await replies_of(tx, stage_id) if one.file_sha256 == sha256]
    for one in replies:
        if one.department_id in seen and one.case_id not in hidden:
            found = await tx.session.get(ConcernFile, (stage_id, one.department_id, sha256))
            if found is not None and found.scan == "held":
                raise Conflict("file_held", "这个附件正在等待查毒，查毒后才能阅看，请稍候再试。")
            if found is not None and found.scan != "refused":
                return found
    raise NotFound("没有找到这个附件。")


async def letter_shown(tx: Tx, stage_id: UUID, department_id: UUID, origin: str) -> LetterPaper:
    """The letter to a department; of those that the reader may see."""
    stage = await stage_row(tx, stage_id)
    letter = next((one for one in await visible_letters(tx, stage_id) if one.department_id == department_id), None)
    if letter is None or stage.closes_at is None:
        raise NotFound("没有找到这封征询函。")
    rules, hidden = rules_of(stage), await unseen(tx)
    copies = sorted(await cases_of(tx, stage_id), key=lambda copy: copy.dossier["position"])
    proof = stage.manifest_in_digest or ""
    witness = await tx.session.get(Witness, 1)
    return LetterPaper(
        heading=f"关于征求“{rules.category.name}”入围名单意见的函",
        issuer=rules.rulebook.issuer,
        issued_on=letter.sent_at.astimezone(CHINA_TIME).date(),
        department=letter.department,
        programme=rules.rulebook.short_title,
        category=rules.category.name,
        article=rules.asking.article,
        ends_at=stage.closes_at,
        provisional=bool(stage.term and stage.term["provisional"]),
        term=rules.consultation.term.words(),
        entries=tuple(
            LetterEntry(number=copy.number, name=copy.name, credit_code=copy.subject.get("credit_code"))
            for copy in copies
            if copy.case_id not in hidden
        ),
        proof=Proof(
            digest=proof,
            verify_url=f"{origin}/verify?digest={proof}",
            checkpoint=witness.checkpoint if witness else None,
        ),
    )


async def seats_listed(tx: Tx) -> list[dict[str, Any]]:
    """Seats that fell empty."""
    hidden = await unseen(tx)
    seats = [one for one in await seats_of(tx) if not {one.vacated_by, one.proposed_case} & hidden]
    return [
        {**row, **await names_of(tx, one), "candidates": await candidates_shown(tx, one)}
        for row, one in zip(seats_shown(seats), seats, strict=True)
    ]
