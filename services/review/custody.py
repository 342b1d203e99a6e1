"""The panel's key: made in memory, split two of three, each share sealed to a custodian; whole again only to unseal.

Sheets are sealed to the panel's public key by HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305). The private key
follows from a seed of 16 bytes, which Shamir's scheme over GF(2^128) (pycryptodome) splits: one share says nothing.
A custodian's own key lies sealed under a passphrase (Argon2id) that nobody else knows and no row keeps.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from Crypto.Protocol.SecretSharing import Shamir
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kernel.canonical import canonical

THRESHOLD, SHARES = 2, 3
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_SEED_BYTES, _SALT_BYTES, _NONCE_BYTES = 16, 16, 12
# RFC 9106's second recommended option, in one lane: with more, OpenSSL's derivations at the same time wait for each
# other's threads for ever.
_PASSES, _LANES, _KIBIBYTES = 3, 1, 64 * 1024


class WrongPassphrase(Exception):
    """The passphrase does not open the custodian's key."""


class WrongShare(Exception):
    """A share, or something sealed, is not what was sealed or does not belong here."""


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A custodian's key pair; the private half only opens with the passphrase."""

    public_key: bytes
    salt: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SplitKey:
    """A panel's public key and the shares of the private one, numbered from 1; the private key itself is gone."""

    public_key: bytes
    shares: Mapping[int, bytes]


def lock_key(passphrase: str, *owner: object) -> LockedKey:
    """A fresh key pair for a custodian, sealed under the passphrase and bound to its owner. Takes some 0.2 s."""
    private, salt, nonce = X25519PrivateKey.generate(), os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(_stretched(passphrase, salt)).encrypt(nonce, private.private_bytes_raw(), _bound(owner))
    return LockedKey(private.public_key().public_bytes_raw(), salt, sealed)


def unlock_key(key: LockedKey, passphrase: str, *owner: object) -> X25519PrivateKey:
    """The custodian's private key.

    Raises:
        WrongPassphrase: another passphrase or owner, or damaged bytes.
    """
    cipher = AESGCM(_stretched(passphrase, key.salt))
    try:
        raw = cipher.decrypt(key.sealed[:_NONCE_BYTES], key.sealed[_NONCE_BYTES:], _bound(owner))
    except InvalidTag as trouble:
        raise WrongPassphrase from trouble
    return X25519PrivateKey.from_private_bytes(raw)


def split_new_key(*place: object) -> SplitKey:
    """A fresh key pair for a panel, of which only the public half and the shares are kept."""
    seed = os.urandom(_SEED_BYTES)
    shares = {number: bytes(share) for number, share in Shamir.split(THRESHOLD, SHARES, seed)}
    return SplitKey(_private_of(seed, place).public_key().public_bytes_raw(), shares)


def rebuild_key(shares: Mapping[int, bytes], public_key: bytes, *place: object) -> X25519PrivateKey:
    """The panel's private key from two of its shares.

    Raises:
        WrongShare: fewer than two shares, or they do not make up the key of this panel.
    """
    if len(shares) < THRESHOLD or any(len(share) != _SEED_BYTES for share in shares.values()):
        raise WrongShare
    private = _private_of(Shamir.combine(list(shares.items())[:THRESHOLD]), place)
    if private.public_key().public_bytes_raw() != public_key:
        raise WrongShare
    return private


def share_digest(share: bytes, *place: object) -> str:
    """SHA-256 by which a share is known again; 128 random bits cannot be guessed from it."""
    return sha256(_bound(place) + share).hexdigest()


def seal_to(public_key: bytes, content: bytes, *place: object) -> bytes:
    """Seal for whoever holds the private key, bound to a place (such as kind, stage, case, expert)."""
    return _SUITE.encrypt(content, X25519PublicKey.from_public_bytes(public_key), _bound(place))


def open_with(private: X25519PrivateKey, sealed: bytes, *place: object) -> bytes:
    """What was sealed for this place.

    Raises:
        WrongShare: another key, another place, or damaged bytes.
    """
    try:
        return _SUITE.decrypt(sealed, private, _bound(place))
    except InvalidTag as trouble:
        raise WrongShare from trouble


def _private_of(seed: bytes, place: tuple[object, ...]) -> X25519PrivateKey:
    info = b"fangbang panel key" + _bound(place)
    return X25519PrivateKey.from_private_bytes(HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(seed))


def _stretched(passphrase: str, salt: bytes) -> bytes:
    argon = Argon2id(salt=salt, length=32, iterations=_PASSES, lanes=_LANES, memory_cost=_KIBIBYTES)
    return argon.derive(passphrase.encode())


def _bound(place: tuple[object, ...]) -> bytes:
    return canonical([str(part) for part in place])
