"""What a receipt claims agrees with what was given out only as a whole."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from services.submission.domain.receipts import ReceiptClaim, agrees, check_address, read_claim
from shared.web.formats import digest_groups, shanghai_datetime

DIGEST = "0123456789abcdef" * 4
PRINTED = ReceiptClaim("NQ-2025-001", DIGEST, datetime(2026, 1, 5, 1, 0, 42, tzinfo=UTC))


def test_the_code_on_a_receipt_leads_to_a_claim_that_agrees() -> None:
    asked = parse_qs(urlsplit(check_address("https://drill.example", PRINTED)).query)

    assert agrees(read_claim(asked["number"][0], asked["digest"][0], asked["at"][0]), PRINTED)


def test_what_is_copied_from_the_paper_agrees() -> None:
    assert PRINTED.at is not None
    claim = read_claim(" nq-2025-001 ", digest_groups(DIGEST).upper(), shanghai_datetime(PRINTED.at))

    assert agrees(claim, PRINTED)


@pytest.mark.parametrize(
    ("number", "digest", "at"),
    [
        ("NQ-2025-002", DIGEST, "2026-01-05T09:00+08:00"),
        ("NQ-2025-001", "f" * 64, "2026-01-05T09:00+08:00"),
        ("NQ-2025-001", DIGEST[:-1], "2026-01-05T09:00+08:00"),
        ("NQ-2025-001", DIGEST, "2026-01-05T09:01+08:00"),
        ("NQ-2025-001", DIGEST, "2026-01-05T09:00"),
        ("NQ-2025-001", DIGEST, "2026年13月5日 09:00"),
        ("NQ-2025-001", DIGEST, ""),
    ],
)
def test_a_claim_with_one_thing_wrong_does_not_agree(number: str, digest: str, at: str) -> None:
    assert not agrees(read_claim(number, digest, at), PRINTED)
