"""回执核验: anybody holding a receipt can check it; nothing is said of a case but whether what was given matches."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.submission import store
from services.submission.domain.receipts import ReceiptClaim, agrees, read_claim
from services.submission.site import render_bare
from shared.web.page import PageContext

router = APIRouter(include_in_schema=False)

Given = Annotated[str, Query(max_length=200)]


@router.get("/portal/receipts")
async def check_receipt(request: Request, number: Given = "", digest: Given = "", at: Given = "") -> Response:
    """Whether a receipt of this number, content digest and time was given; the code on the receipt leads here."""
    claim = read_claim(number, digest, at)
    async with request.app.state.service.database.transaction() as tx:
        found = await store.case_of_receipt(tx, claim.digest) if claim.digest else None
        matches = found is not None and agrees(claim, _printed(found))
        page = PageContext(title="回执核验", server_time=tx.now)
    return render_bare(
        request, "portal/receipt_check.html", page, claim=claim, asked=bool(number or digest or at), matches=matches
    )


def _printed(found: tuple[str | None, str | None, datetime | None]) -> ReceiptClaim:
    number, digest, accepted_at = found
    return ReceiptClaim(number or "", digest or "", accepted_at)
