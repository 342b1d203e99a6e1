"""Minutes of decisions: the record is fixed when the second co-chair confirms; its PDF follows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.ranking.actions.members import unseen
from services.ranking.domain.redacting import redacted
from services.ranking.rules import SHORTLIST_WORDS, rules_of
from services.ranking.store import (
    confirmations_of,
    decisions_of,
    entries_of,
    meeting_of,
    minute_of,
    progress_of,
    ranked_among,
    recusals_of,
    rows,
)
from services.ranking.tables import Confirmation, Decision, Meeting, MinuteRow, RankedEntry, Recusal, StageProgress
from shared.infra.database import Tx
from shared.infra.stages import stage_place, stage_row
from shared.infra.tables import Stage, Witness
from shared.kernel.calendar import CHINA_TIME
from shared.kernel.canonical import digest, plain
from shared.kernel.refusals import NotFound
from shared.web.documents import Confirmation as ConfirmationLine
from shared.web.documents import Minute, MinuteDecision, MinuteItem, Proof
from shared.web.formats import digest_groups

_ENTRY: Any = RankedEntry
CONFIRMED_AS = {"co_chair": "指导委员会主任", "guidance": "指导委员会成员（代回避的主任）"}


class WrittenPaper(BaseModel):
    """A rendered paper in S3: its key, SHA-256 and size in bytes."""

    key: str
    sha256: str
    size: int


class MinutePaper(BaseModel):
    """What a minute's PDF is made of."""

    digest: str
    content: dict[str, Any]
    checkpoint: str | None

    def minute(self, origin: str) -> Minute:
        """The minute as the document template knows it."""
        content = self.content
        proof = Proof(
            digest=self.digest, verify_url=f"{origin}/verify?digest={self.digest}", checkpoint=self.checkpoint
        )
        return Minute(
            heading=content["heading"],
            issuer=content["issuer"],
            issued_on=date.fromisoformat(content["issued_on"]),
            held_at=date.fromisoformat(content["held_on"]),
            chair="指导委员会主任",
            present=tuple(content["present"]),
            items=(_item(content),),
            confirmations=tuple(
                ConfirmationLine(name=one["name"], role=one["role"], at=datetime.fromisoformat(one["at"]))
                for one in content["confirmations"]
            ),
            proof=proof,
            venue=content["place"],
            recused=tuple(content["recused"]),
        )


def _item(content: dict[str, Any]) -> MinuteItem:
    lines = tuple(
        MinuteDecision(subject=one["subject"], outcome=one["outcome"], reason=one["reason"])
        for one in content["decisions"]
    )
    return MinuteItem(heading=content["item"], paragraphs=tuple(content["paragraphs"]), decisions=lines)


async def keep_stage_minute(tx: Tx, stage: Stage, progress: StageProgress, confirmed: Sequence[Confirmation]) -> str:
    """Fix the record of a decision as its minute; returns the record's digest."""
    content = await _content(tx, stage, progress, confirmed, frozenset())
    return await keep_minute(tx, stage, stage.stage_id, stage.supplement, content)


async def draft_paper(tx: Tx, stage_id: UUID) -> MinutePaper:
    """The minute as it would be now, without what the reader does not see; nothing is kept."""
    stage = await stage_row(tx, stage_id)
    progress, hidden = await progress_of(tx, stage_id), await unseen(tx)
    content = await _content(tx, stage, progress, await confirmations_of(tx, stage_id), hidden)
    body = plain({**content, "heading": content["heading"] + "（草稿）"})
    return MinutePaper(digest=digest(body), content=body, checkpoint=None)


async def _content(
    tx: Tx, stage: Stage, progress: StageProgress, confirmed: Sequence[Confirmation], hidden: frozenset[UUID]
) -> dict[str, Any]:
    """Who met, who stood aside, what was decided and why, who confirmed."""
    meeting = await meeting_of(tx, stage.stage_id)
    if meeting is None:
        raise NotFound("没有登记会议。")
    decided, entries = await decisions_of(tx, stage.stage_id), await entries_of(tx, stage.stage_id)
    ranks = {one.case_id: one.rank for one in ranked_among(entries, hidden)}
    ranked = [one for one in entries if one.case_id in ranks]
    numbers = {str(one.case_id): one.number for one in ranked}
    aside = [one for one in await recusals_of(tx, stage.category_id) if one.case_id not in hidden]
    return {
        **_head(tx, stage, meeting, numbers, aside),
        "item": f"研究决定“{rules_of(stage).category.name}”入围名单",
        "paragraphs": _paragraphs(progress, ranked, decided),
        "decisions": [_line(one, ranks[one.case_id], decided.get(one.case_id)) for one in ranked],
        "confirmations": confirmation_lines(confirmed),
        "confirmed_digest": progress.completed_digest,
    }


async def keep_minute(tx: Tx, stage: Stage, subject: UUID, supplement: int, content: dict[str, Any]) -> str:
    """Keep a minute's record; returns its digest."""
    body = plain(content)
    found = await tx.put_dossier(body, "minute")
    tx.session.add(
        MinuteRow(minute_of=subject, category_id=stage.category_id, supplement=supplement, digest=found, content=body)
    )
    await tx.audit("minute.fixed", **stage_place(stage), public=found)
    return found


def _head(tx: Tx, stage: Stage, meeting: Meeting, numbers: dict[str, str], aside: Sequence[Recusal]) -> dict[str, Any]:
    rules = rules_of(stage)
    return {
        "heading": f"{rules.rulebook.short_title}指导委员会会议纪要",
        "issuer": rules.rulebook.issuer,
        "issued_on": tx.now.astimezone(CHINA_TIME).date(),
        "held_on": meeting.held_on,
        "place": meeting.place,
        "present": [f"{one['role']}（{one['seat']}）" for one in meeting.attendance],
        "recused": [f"{one.seat}回避 {numbers.get(str(one.case_id), '—')}：{one.reason}" for one in aside],
    }


def _paragraphs(progress: StageProgress, ranked: Sequence[RankedEntry], decided: dict[UUID, Decision]) -> list[str]:
    chosen = sum(one.case_id in decided and decided[one.case_id].outcome == "shortlisted" for one in ranked)
    said = [
        f"参加排序{len(ranked)}案，决定入围{chosen}案。",
        f"排序依据的数据摘要：{digest_groups(progress.input_digest or '')}",
    ]
    return [*said, f"不足额或分配调整的理由：{progress.reason}"] if progress.reason else said


def _line(entry: RankedEntry, rank: int, decision: Decision | None) -> dict[str, str]:
    """One entry; of one that is not decided yet a draft says so."""
    subject, by_rank = f"{entry.number} {entry.name}", f"第{rank}名{'（同分）' if entry.tied else ''}"
    if decision is None:
        return {"subject": subject, "outcome": "待定", "reason": by_rank}
    reason = decision.reason or f"{by_rank}，按排序"
    return {"subject": subject, "outcome": SHORTLIST_WORDS[decision.outcome], "reason": reason}


def confirmation_lines(confirmed: Sequence[Confirmation]) -> list[dict[str, Any]]:
    """Who confirmed, by role and account, no names."""
    return [
        {"name": f"账号 {str(one.account_id)[-6:]}", "role": CONFIRMED_AS[one.role], "at": one.confirmed_at}
        for one in confirmed
    ]


async def paper_for_reader(tx: Tx, subject: UUID) -> tuple[MinutePaper, str | None]:
    """A minute as its reader may have it, and where its PDF lies; redacted for who stands aside, and then made anew."""
    row = await minute_of(tx, subject)
    if row is None or row.pdf_key is None:
        raise NotFound("会议纪要尚未形成。")
    paper, aside = await minute_paper(tx, subject), await _aside_in(tx, row.category_id)
    if not aside:
        return paper, row.pdf_key
    body = redacted(paper.content, {one.number for one in aside}, {one.subject["name"] for one in aside})
    if body is None:
        raise NotFound("会议纪要尚未形成。")
    return paper.model_copy(update={"content": body}), None


async def minute_shown(tx: Tx, subject: UUID) -> dict[str, Any] | None:
    """Where a minute is had, and what proves it; ``redacted`` for who stands aside from a case in it."""
    row = await minute_of(tx, subject)
    if row is None:
        return None
    aside, link = bool(await _aside_in(tx, row.category_id)), f"/api/ranking/minutes/{row.minute_of}"
    papers = {kind: f"{link}.{kind}" if row.pdf_key else None for kind in ("pdf", "docx")}
    return {"digest": row.digest, **papers, "sha256": None if aside else row.pdf_sha256, "redacted": aside}


async def _aside_in(tx: Tx, category_id: UUID) -> list[RankedEntry]:
    """The entries of a category from which the reader stands aside."""
    hidden = await unseen(tx)
    return await rows(tx, RankedEntry, _ENTRY.category_id == category_id, _ENTRY.case_id.in_(hidden)) if hidden else []


async def minute_paper(tx: Tx, subject: UUID) -> MinutePaper:
    """What the PDF is rendered from."""
    row = await minute_of(tx, subject)
    if row is None:
        raise NotFound("还没有会议纪要。")
    witness = await tx.session.get(Witness, 1)
    return MinutePaper(digest=row.digest, content=row.content, checkpoint=witness.checkpoint if witness else None)


async def note_minute(tx: Tx, subject: UUID, written: WrittenPaper) -> None:
    """Remember where the PDF lies; the first one stays."""
    row = await minute_of(tx, subject, update=True)
    if row is not None and row.pdf_key is None:
        row.pdf_key, row.pdf_sha256, row.pdf_size = written.key, written.sha256, written.size
        tx.session.add(row)
        await tx.audit("minute.written", category_id=row.category_id, public=written.sha256)
