"""The papers of a cycle as typed models: receipt, public list, minute, letter. Each knows its words; the typst
templates only lay them out. Every instant is an argument, so the same model gives the same bytes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime

from shared.infra.documents import qr_svg, render_pdf
from shared.infra.word import Block, Heading, Paragraph, Table, word_document
from shared.web.formats import file_size, points, shanghai_date, shanghai_datetime, term_end
from shared.web.parts import CalendarDay, DayKind, Part, Term
from shared.web.patterns import EntryState, ListEntry, PublicList


class Proof(Part):
    """What lets anyone check a paper: the digest of the record behind it, where, and the ledger's checkpoint."""

    digest: str
    verify_url: str
    checkpoint: str | None = None


class ReceiptFile(Part):
    """One evidence file of a receipt; ``octets`` is its size in bytes, ``sha256`` its digest in hex."""

    name: str
    octets: int
    sha256: str


class Receipt(Part):
    """申报回执: what was accepted, from whom, when."""

    number: str
    case_number: str
    programme: str
    year: int
    category: str
    applicant: str
    applicant_code: str | None
    accepted_at: AwareDatetime
    issuer: str
    proof: Proof
    files: tuple[ReceiptFile, ...] = ()
    next_steps: tuple[str, ...] = ("办公室进行材料初审，结果在“我的案件”中通知。",)


class MinuteDecision(Part):
    """One line of a decision table: about whom, what, and why (article included)."""

    subject: str
    outcome: str
    reason: str


class MinuteItem(Part):
    """One item of the agenda."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    decisions: tuple[MinuteDecision, ...] = ()


class Confirmation(Part):
    """Who confirmed the minute; ``at`` None while it is still awaited."""

    name: str
    role: str
    at: AwareDatetime | None = None


class Minute(Part):
    """会议纪要: who met, who stood aside, what was decided and why, who confirmed."""

    heading: str
    issuer: str
    issued_on: date
    held_at: AwareDatetime | date
    chair: str
    present: tuple[str, ...]
    items: tuple[MinuteItem, ...]
    confirmations: tuple[Confirmation, ...]
    proof: Proof
    reference: str | None = None
    venue: str | None = None
    recused: tuple[str, ...] = ()


class LetterEntry(Part):
    """About whom a department is asked; a person or event has no credit code."""

    number: str
    name: str
    credit_code: str | None = None


class Letter(Part):
    """征询函: to which department, about whom, until when, what silence means. No score and no rank."""

    heading: str
    issuer: str
    issued_on: date
    department: str
    programme: str
    category: str
    article: str
    ends_at: AwareDatetime
    provisional: bool
    term: str
    entries: tuple[LetterEntry, ...]
    proof: Proof


def letter_pdf(letter: Letter, *, rehearsal: bool) -> bytes:
    """The letter as PDF. Raises FontMissing without a Chinese font."""
    expected = "预计" if letter.provisional else ""
    until = f"{expected}{term_end(letter.ends_at)}"
    data = _frame(letter.heading, letter.issuer, shanghai_date(letter.issued_on), letter.proof, rehearsal) | {
        "digest_label": "征询名单的 SHA-256 摘要：",
        "addressee": letter.department,
        "sentences": [
            f"按照{letter.programme}{letter.article}，现就“{letter.category}”入围名单征求你单位意见，"
            f"共 {len(letter.entries)} 个对象，名单如下。",
            f"请于{until}前在系统中逐一答复：无意见，或者有意见并写明内容，可附材料。期满未答复的，视为无意见。",
        ],
        "entries": [{"number": one.number, "name": one.name, "code": one.credit_code or "—"} for one in letter.entries],
        "facts": [["答复期限", f"{letter.term}，{until}止"], ["意见的处理", "由指导委员会研究裁定，不直接决定结果"]],
    }
    return render_pdf("letter", data)


def receipt_pdf(receipt: Receipt, *, rehearsal: bool) -> bytes:
    """The receipt as PDF. Raises FontMissing without a Chinese font; takes up to a tenth of a second of one core."""
    code = f"（{receipt.applicant_code}）" if receipt.applicant_code else ""
    data = _frame("申报回执", receipt.issuer, shanghai_date(receipt.accepted_at), receipt.proof, rehearsal) | {
        "reference": f"回执编号 {receipt.number}",
        "digest_label": "申报内容的 SHA-256 摘要：",
        "applicant": receipt.applicant,
        "sentence": (
            f"您单位{code}申报的{receipt.programme}{receipt.year}年度“{receipt.category}”已于"
            f"{shanghai_datetime(receipt.accepted_at)}收到。收到时间以本回执为准。"
        ),
        "facts": [["案号", receipt.case_number], ["收到时间", shanghai_datetime(receipt.accepted_at)]],
        "evidence": [{"name": f.name, "size": file_size(f.octets), "digest": f.sha256} for f in receipt.files],
        "next_steps": list(receipt.next_steps),
    }
    return render_pdf("receipt", data)


def public_list_pdf(listing: PublicList, *, verify_url: str, rehearsal: bool) -> bytes:
    """The public list as PDF, from the same model as the page. Raises FontMissing without a Chinese font."""
    proof = Proof(digest=listing.digest, verify_url=verify_url, checkpoint=listing.checkpoint)
    data = _frame(listing.heading, listing.issuer, shanghai_date(listing.posted_at), proof, rehearsal) | {
        "reference": listing.reference,
        "digest_label": "名单内容的 SHA-256 摘要：",
        "preamble": list(listing.preamble),
        "quota_line": _quota_line(listing),
        "subject_label": listing.subject_label,
        "extra_columns": [*listing.extra_columns, *(["得分"] if listing.shows_scores else [])],
        "entries": [_entry_data(entry, listing) for entry in listing.entries],
        "empty_reason": listing.empty_reason,
        "term": _term_data(listing.term) if listing.term else None,
        "objection": [*listing.objection.steps, listing.objection.contact] if listing.objection else [],
    }
    return render_pdf("public_list", data)


def minute_pdf(minute: Minute, *, rehearsal: bool) -> bytes:
    """The minute as PDF. Raises FontMissing without a Chinese font."""
    data = _frame(minute.heading, minute.issuer, shanghai_date(minute.issued_on), minute.proof, rehearsal) | {
        "reference": minute.reference,
        "digest_label": "决定记录的 SHA-256 摘要：",
        "facts": _minute_facts(minute),
        "items": [item.model_dump(mode="json") for item in minute.items],
        "confirmations": [
            {"name": c.name, "role": c.role, "at": shanghai_datetime(c.at) if c.at else "待确认"}
            for c in minute.confirmations
        ],
    }
    return render_pdf("minute", data)


def minute_docx(minute: Minute, *, rehearsal: bool) -> bytes:
    """The minute as DOCX, from the same model as the PDF, for working on it before it is confirmed."""
    blocks: list[Block] = [Table(("事项", "内容"), tuple((name, words) for name, words in _minute_facts(minute)))]
    for number, item in enumerate(minute.items, 1):
        blocks += [Paragraph(""), Heading(f"{number}. {item.heading}"), *map(Paragraph, item.paragraphs)]
        rows = tuple((str(place), one.subject, one.outcome, one.reason) for place, one in enumerate(item.decisions, 1))
        blocks.append(Table(("序号", "对象", "决定", "理由与依据"), rows))
    confirmed = tuple((c.name, c.role, shanghai_datetime(c.at) if c.at else "待确认") for c in minute.confirmations)
    blocks += [Paragraph(""), Heading("确认"), Table(("姓名", "职务", "确认时间"), confirmed)]
    blocks += [Paragraph(""), Paragraph(f"{minute.issuer}　{shanghai_date(minute.issued_on)}")]
    blocks.append(Paragraph(f"决定记录的 SHA-256 摘要：{minute.proof.digest}"))
    return word_document(minute.heading, blocks, mark="演练文件　不具有任何效力" if rehearsal else "")


def _frame(title: str, issuer: str, issued_on: str, proof: Proof, rehearsal: bool) -> dict[str, Any]:
    return {
        "title": title,
        "issuer": issuer,
        "issued_on": issued_on,
        "rehearsal": rehearsal,
        "footer": f"{issuer}　{title}" + ("　演练" if rehearsal else ""),
        "digest": proof.digest,
        "verify_url": proof.verify_url,
        "checkpoint": proof.checkpoint,
        "qr": qr_svg(proof.verify_url),
    }


def _quota_line(listing: PublicList) -> str:
    parts = [f"本名单 {listing.shown_entries} {listing.unit}"]
    if listing.quota is not None:
        parts.append(f"名额 {listing.quota}")
    if listing.held_entries:
        parts.append(f"核查中暂不列入 {listing.held_entries}")
    return "　".join([*parts, listing.order_note])


def _entry_data(entry: ListEntry, listing: PublicList) -> Mapping[str, Any]:
    state = entry.badge.text if entry.badge and entry.state is not EntryState.EMPTY_SEAT else None
    note = "　".join(part for part in (entry.identifier, state, entry.note) if part)
    extra = [*entry.extra, *[""] * (len(listing.extra_columns) - len(entry.extra))]
    if listing.shows_scores:
        extra.append(points(entry.score) if entry.score is not None else "—")
    place = str(entry.place) if entry.place is not None else "—"
    return {"place": place, "name": entry.name, "note": note or None, "extra": extra}


def _term_data(term: Term) -> Mapping[str, Any]:
    expected = "预计" if term.provisional else ""
    return {
        "sentence": f"{term.label}：{expected}至{term_end(term.ends_at)}止，共 {len(term.counted)} 个工作日。",
        "days": [{"mark": day.mark, "text": _day_text(day)} for day in term.days if day.number or day.mark == "起"],
        "rule": f"{term.rule}（{term.article}）" if term.rule and term.article else term.rule,
    }


def _day_text(day: CalendarDay) -> str:
    remark = {DayKind.MAKEUP: "　调休上班", DayKind.START: "　不计入"}.get(day.kind, "")
    return shanghai_date(day.day) + remark


def _minute_facts(minute: Minute) -> list[list[str]]:
    held = minute.held_at
    facts = [["时间", shanghai_datetime(held) if isinstance(held, datetime) else shanghai_date(held)]]
    if minute.venue:
        facts.append(["地点", minute.venue])
    facts += [["主持", minute.chair], ["出席", "、".join(minute.present)]]
    return [*facts, ["回避", "、".join(minute.recused) or "无"]]
