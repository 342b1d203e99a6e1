"""One-use links that need no secret in the database: an id and office's own mark on it, so a repeat gives the same."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from uuid import UUID

RECOVERY = "recovery"
INVITATION = "invitation"
REGISTRATION = "registration"

_ID, _MARK = 16, 20


def link_token(key: bytes, purpose: str, row_id: UUID) -> str:
    """The opaque part of a link to this row."""
    return urlsafe_b64encode(row_id.bytes + _mark(key, purpose, row_id.bytes)).decode()


def linked_row(key: bytes, purpose: str, token: str) -> UUID | None:
    """The row that a link leads to; None for one that office never made for this purpose."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except (Error, ValueError):
        return None
    if len(raw) != _ID + _MARK or not hmac.compare_digest(raw[_ID:], _mark(key, purpose, raw[:_ID])):
        return None
    return UUID(bytes=raw[:_ID])


def _mark(key: bytes, purpose: str, row: bytes) -> bytes:
    return hmac.new(key, f"fangbang link {purpose}/".encode() + row, sha256).digest()[:_MARK]
