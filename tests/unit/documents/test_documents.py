"""The papers: deterministic, marked when rehearsal, and text stays text."""

import io
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
from pypdfium2 import PdfDocument

from shared.infra.documents import DocumentFault, FontMissing, find_fonts, qr_svg, render_pdf
from shared.web.documents import (
    Confirmation,
    Letter,
    LetterEntry,
    Minute,
    MinuteDecision,
    MinuteItem,
    Proof,
    Receipt,
    ReceiptFile,
    letter_pdf,
    minute_docx,
    minute_pdf,
    public_list_pdf,
    receipt_pdf,
)
from shared.web.gallery import samples
from shared.web.patterns import PublicList

VERIFY_URL = "http://127.0.0.1:8080/verify?d=9f2c7a41"
PROOF = Proof(digest=samples.DIGEST, verify_url=VERIFY_URL, checkpoint="2026-04-30 #1284")
HOSTILE = '#panic("x") *粗* $1$ \\ " ] #eval("1") <a> @b'

RECEIPT = Receipt(
    number="R-2026-000031",
    case_number="2025-NQP-0003",
    programme=samples.PROGRAMME,
    year=2025,
    category="新质生产力先锋企业",
    applicant="演练企业003有限公司",
    applicant_code="91370200MA0003YL3X",
    accepted_at=samples.NOW,
    issuer="活动办公室",
    proof=PROOF,
    files=(ReceiptFile(name="审计报告.pdf", octets=1_234_567, sha256=samples.DIGEST),),
)
MINUTE = Minute(
    heading="指导委员会会议纪要",
    issuer="活动办公室",
    issued_on=date(2026, 4, 17),
    held_at=samples.NOW,
    chair="演练主任",
    present=("演练主任", "演练副主任一"),
    items=(
        MinuteItem(
            heading="审议入围名单",
            paragraphs=("会议逐项研究了入围名单。",),
            decisions=(MinuteDecision(subject="演练企业001有限公司", outcome="入围", reason="第十八条"),),
        ),
        MinuteItem(heading="其他事项"),
    ),
    confirmations=(Confirmation(name="演练主任", role="联合主任", at=samples.NOW),),
    proof=PROOF,
)


def title_of(pdf: bytes, title: str) -> bool:
    return title.encode("utf-16-be") in pdf or title.encode("utf-8") in pdf


@pytest.mark.parametrize("rehearsal", [True, False])
def test_receipt_is_the_same_bytes_each_time(rehearsal: bool) -> None:
    pdf = receipt_pdf(RECEIPT, rehearsal=rehearsal)

    assert pdf.startswith(b"%PDF-")
    assert title_of(pdf, "申报回执")
    assert pdf == receipt_pdf(RECEIPT, rehearsal=rehearsal)


def test_rehearsal_papers_differ_from_real_ones() -> None:
    assert receipt_pdf(RECEIPT, rehearsal=True) != receipt_pdf(RECEIPT, rehearsal=False)


def test_papers_carry_no_creation_date() -> None:
    assert b"/CreationDate" not in receipt_pdf(RECEIPT, rehearsal=True)


@pytest.mark.parametrize("listing", [samples.PUBLICITY, samples.RELEASE, samples.EMPTY_LIST])
def test_public_list_renders_every_kind(listing: PublicList) -> None:
    pdf = public_list_pdf(listing, verify_url=VERIFY_URL, rehearsal=True)

    assert title_of(pdf, listing.heading)


def test_minute_renders_decisions_and_empty_items() -> None:
    assert title_of(minute_pdf(MINUTE, rehearsal=True), MINUTE.heading)


def test_markup_in_names_is_set_as_text() -> None:
    receipt = RECEIPT.model_copy(
        update={"applicant": HOSTILE, "files": (ReceiptFile(name=HOSTILE, octets=1, sha256=samples.DIGEST),)}
    )

    assert receipt_pdf(receipt, rehearsal=True).startswith(b"%PDF-")


def test_missing_data_is_a_fault_that_names_the_template() -> None:
    with pytest.raises(DocumentFault, match="receipt"):
        render_pdf("receipt", {"rehearsal": True})


def test_without_a_chinese_font_the_packages_are_named(tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match=r"npm run build.*fonts-noto-cjk"):
        find_fonts(tmp_path, system=False)


def test_qr_code_is_svg_of_its_text() -> None:
    assert qr_svg(VERIFY_URL).startswith("<svg")
    assert qr_svg(VERIFY_URL) != qr_svg(VERIFY_URL + "0")


LETTER = Letter(
    heading="关于征求入围名单意见的函",
    issuer="活动办公室",
    issued_on=date(2026, 4, 2),
    department="演练部门",
    programme=samples.PROGRAMME,
    category="新质生产力先锋企业",
    article="第二十一条",
    ends_at=samples.NOW,
    provisional=True,
    term="5个工作日",
    entries=(
        LetterEntry(number="NQ-1", name=HOSTILE),
        LetterEntry(number="NQ-2", name="演练企业002", credit_code="91"),
    ),
    proof=PROOF,
)


def test_a_letter_says_who_is_asked_about_whom_and_until_when_and_no_score() -> None:
    first, second = letter_pdf(LETTER, rehearsal=True), letter_pdf(LETTER, rehearsal=True)
    text = "".join(page.get_textpage().get_text_range() for page in PdfDocument(first))

    assert first == second
    for words in ("演练部门", "NQ-2", "演练企业002", "第二十一条", "预计", "期满未答复的，视为无意见", "演练文件"):
        assert words in text.replace("\r\n", ""), words
    assert "得分" not in text


def test_a_word_document_does_not_tell_when_it_was_made() -> None:
    with zipfile.ZipFile(io.BytesIO(minute_docx(MINUTE, rehearsal=True))) as package:
        assert {part.date_time for part in package.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_the_draft_in_word_says_the_same_as_the_minute() -> None:
    draft = minute_docx(MINUTE, rehearsal=True)
    document = docx.Document(io.BytesIO(draft))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]

    assert draft == minute_docx(MINUTE, rehearsal=True)
    assert document.paragraphs[0].text == MINUTE.heading
    assert "演练" in document.sections[0].header.paragraphs[0].text
    for item in MINUTE.items:
        assert all(words in cells for one in item.decisions for words in (one.subject, one.outcome, one.reason))
    assert minute_docx(MINUTE, rehearsal=False) != draft
