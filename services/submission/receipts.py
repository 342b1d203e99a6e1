"""The receipt as PDF, from the dossier that was accepted: the same bytes whenever it is asked for."""

import asyncio
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import accepted_dossier, readable_case
from services.submission.actions.filing import receipt_time
from services.submission.actions.rules import book_of, category_of
from services.submission.domain.receipts import ReceiptClaim, check_address
from shared.infra.database import Tx
from shared.web.act import Act
from shared.web.documents import Proof, Receipt, ReceiptFile, receipt_pdf


async def render_receipt(act: Act, case_id: UUID) -> tuple[str, bytes]:
    """Case number and PDF of the receipt; refused before acceptance."""
    service = act.request.app.state.service
    receipt = await act.read(lambda tx: _receipt(tx, case_id, service.settings.public_origin))
    content = await asyncio.to_thread(receipt_pdf, receipt, rehearsal=service.rehearsal)
    return receipt.number, content


async def _receipt(tx: Tx, case_id: UUID, origin: str) -> Receipt:
    case = await readable_case(tx, case_id)
    accepted_at = receipt_time(case)
    accepted = await accepted_dossier(tx, case)
    cycle = await store.cycle_of(tx, case.cycle_id)
    book = book_of(case)
    return Receipt(
        number=accepted.number,
        case_number=accepted.number,
        programme=book.short_title,
        year=cycle.year if cycle else accepted_at.year,
        category=category_of(case).name,
        applicant=accepted.subject.full_name,
        applicant_code=accepted.subject.credit_code,
        accepted_at=accepted_at,
        issuer=book.issuer,
        proof=Proof(
            digest=case.receipt_digest or "",
            verify_url=check_address(origin, ReceiptClaim(accepted.number, case.receipt_digest or "", accepted_at)),
            checkpoint=case.receipt_checkpoint,
        ),
        files=tuple(ReceiptFile(name=one.name, octets=one.size, sha256=one.sha256) for one in accepted.evidence),
    )
