"""Sealing of sheets and drafts under the service's key, and pseudonyms that cannot be guessed without it."""

import hmac
import os
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kernel.canonical import canonical

_NONCE_BYTES = 12


class Sealer:
    """AES-256-GCM under keys derived from the service's key; a sealed text is bound to its place."""

    def __init__(self, service_key: bytes) -> None:
        self._cipher = AESGCM(_derive(service_key, b"fangbang review sheets"))
        self._pseudonym_key = _derive(service_key, b"fangbang review pseudonyms")

    def seal(self, content: bytes, *place: object) -> bytes:
        """Encrypt for a place (such as kind, stage, case, expert); opens only for the same place."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, _bound(place))

    def open(self, sealed: bytes, *place: object) -> bytes:
        """Decrypt what was sealed for this place.

        Raises:
            cryptography.exceptions.InvalidTag: other key, other place, or damaged bytes.
        """
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(place))

    def pseudonym(self, stage_id: UUID, expert_id: UUID) -> str:
        """The expert's name on this panel's public papers: 20 hex digits, another one on every panel."""
        return hmac.new(self._pseudonym_key, f"{stage_id}/{expert_id}".encode(), sha256).hexdigest()[:20]


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(key)


def _bound(place: tuple[object, ...]) -> bytes:
    return canonical([str(part) for part in place])
