"""What a receipt claims, and whether it agrees with what was given out: all of it or nothing."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from shared.kernel.calendar import CHINA_TIME

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PRINTED = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:（周.）)?\s*(\d{1,2}):(\d{2})", re.ASCII)


@dataclass(frozen=True)
class ReceiptClaim:
    """Number, digest of the content (lower-case hex) and time, as printed; what could not be read is empty."""

    number: str
    digest: str
    at: datetime | None


def read_claim(number: str, digest: str, at: str) -> ReceiptClaim:
    """What was typed or scanned; the groups of a printed digest may be kept apart."""
    joined = "".join(digest.split()).lower()
    return ReceiptClaim(number.strip().upper(), joined if _DIGEST.fullmatch(joined) else "", _instant(at.strip()))


def _instant(text: str) -> datetime | None:
    """An instant as the code carries it, or as the receipt prints it: 2026年1月5日（周一）09:00."""
    printed = _PRINTED.fullmatch(text)
    try:
        if printed is not None:
            year, month, day, hour, minute = map(int, printed.groups())
            return datetime(year, month, day, hour, minute, tzinfo=CHINA_TIME)
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def agrees(claim: ReceiptClaim, printed: ReceiptClaim) -> bool:
    """Whether number, digest and time are those printed; a receipt shows minutes, so the minute decides."""
    if claim.at is None or printed.at is None:
        return False
    same_minute = _minute(claim.at) == _minute(printed.at)
    return claim.number == printed.number and claim.digest == printed.digest and same_minute


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def check_address(origin: str, claim: ReceiptClaim) -> str:
    """Where the code on a receipt leads."""
    at = f"{claim.at.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if claim.at else ""
    return f"{origin}/portal/receipts?{urlencode({'number': claim.number, 'digest': claim.digest, 'at': at}, safe=':')}"
