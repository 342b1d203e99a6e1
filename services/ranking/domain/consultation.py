"""Rules of the consultation: when to remind, whose answer is missing."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from shared.kernel.calendar import end_of_day
from shared.kernel.refusals import Refusal

FILE_LIMIT = 8 * 1024 * 1024
EXTENSIONS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
_BEGINNINGS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
REMINDER_DAYS_BEFORE = 2
MORNING = timedelta(hours=9)


def reminder_at(counted_days: Sequence[str]) -> datetime | None:
    """09:00 of the counted day that has ``REMINDER_DAYS_BEFORE`` counted days after it;
    None for a term too short for a reminder."""
    if len(counted_days) <= REMINDER_DAYS_BEFORE:
        return None
    day = date.fromisoformat(counted_days[-REMINDER_DAYS_BEFORE - 1])
    return end_of_day(day - timedelta(days=1)) + MORNING


def missing_replies(
    departments: Sequence[UUID], cases: Sequence[UUID], given: Collection[tuple[UUID, UUID]]
) -> dict[UUID, list[UUID]]:
    """Cases without an answer, by department; departments with nothing missing are left out."""
    missing = {one: [case for case in cases if (one, case) not in given] for one in departments}
    return {one: cases for one, cases in missing.items() if cases}


def media_type_of(content: bytes) -> str:
    """What a file given with a concern is, by its first bytes; refuses others than PDF and pictures."""
    if not content or len(content) > FILE_LIMIT:
        raise Refusal("file_size", "附件不能为空，也不能超过8兆字节。", field="file")
    for beginning, media_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    raise Refusal("file_kind", "附件须为PDF、PNG或JPEG文件。", field="file")
