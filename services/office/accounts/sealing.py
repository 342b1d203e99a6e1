"""Secrets of one-time codes lie sealed under a key of office's own (AES-256-GCM), bound to their account."""

import os
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


def seal(service_key: bytes, account_id: UUID, secret: str) -> bytes:
    """Encrypt a secret; the account's id is bound in, so that sealed bytes cannot be moved to another."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(service_key).encrypt(nonce, secret.encode(), account_id.bytes)


def unseal(service_key: bytes, account_id: UUID, sealed: bytes) -> str:
    """Decrypt a secret.

    Raises:
        cryptography.exceptions.InvalidTag: the bytes are not what was sealed for this account.
    """
    return _cipher(service_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], account_id.bytes).decode()


def _cipher(service_key: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"fangbang one-time codes").derive(service_key))
