"""Who objects lies sealed under the service's own key (AES-256-GCM), bound to its objection."""

import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.publication.domain.objections import Objector

_NONCE = 12


def seal(key: bytes, objection_id: UUID, objector: Objector) -> bytes:
    """Encrypt an objector; the objection's id is bound in, so that sealed bytes cannot be moved to another."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, objector.model_dump_json().encode(), objection_id.bytes)


def unseal(key: bytes, objection_id: UUID, sealed: bytes) -> Objector:
    """Decrypt an objector.

    Raises:
        cryptography.exceptions.InvalidTag: the bytes are not what was sealed for this objection.
    """
    opened = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], objection_id.bytes)
    return Objector.model_validate_json(opened)
