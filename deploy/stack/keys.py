"""Secrets of a local stack, generated once and kept under `keys/` with mode 0600."""

from __future__ import annotations

import hmac
import json
import secrets
from hashlib import sha256
from pathlib import Path

from deploy.stack.files import write_bytes, write_json
from deploy.stack.layout import DataDir
from deploy.stack.names import SERVICES


class Keys:
    """The generated secrets of one stack."""

    def __init__(self, folder: Path, values: dict[str, str]) -> None:
        """Hold secrets already read from `folder`."""
        self._folder = folder
        self._values = values

    @classmethod
    def load(cls, data: DataDir) -> Keys:
        """Read the secrets, generating at first start."""
        file = data.keys / "secrets.json"
        if not file.exists():
            _generate(data.keys)
        return cls(data.keys, json.loads(file.read_text()))

    def password(self, server: str, user: str) -> str:
        """The password (or S3 secret key) of `user` at `server`."""
        return self._values[f"{server}/{user}"]

    def access_key(self, user: str) -> str:
        """The S3 access key of `user`."""
        return self._values[f"s3-access/{user}"]

    @property
    def seed_password(self) -> str:
        """The password of the seeded rehearsal accounts."""
        return self._values["seed"]

    @property
    def seed_code_key(self) -> str:
        """The key from which the one-time codes of the seeded accounts derive."""
        return hmac.new(self.service("office").read_bytes(), b"seeded one-time codes", sha256).hexdigest()

    @property
    def token_private(self) -> Path:
        """The Ed25519 key that signs tokens; office alone is told of it."""
        return self._folder / "token.private.pem"

    @property
    def token_public(self) -> Path:
        """The Ed25519 key that verifies tokens."""
        return self._folder / "token.public.pem"

    def service(self, name: str) -> Path:
        """The file with the 32 random bytes of service `name`."""
        return self._folder / f"{name}.key"


def _generate(folder: Path) -> None:
    _write_token_pair(folder)
    for service in SERVICES:
        write_bytes(folder / f"{service}.key", secrets.token_bytes(32), mode=0o600)
    # Last, because its presence says that the whole set is there.
    write_json(folder / "secrets.json", _passwords(), mode=0o600)


def _passwords() -> dict[str, str]:
    values = {"seed": secrets.token_urlsafe(12), "postgres/postgres": secrets.token_hex(16)}
    for user in (*SERVICES, "operator"):
        values[f"nats/{user}"] = secrets.token_hex(16)
        values[f"s3/{user}"] = secrets.token_hex(20)
        values[f"s3-access/{user}"] = f"{user}-{secrets.token_hex(6)}"
    for service in SERVICES:
        values[f"postgres/{service}"] = secrets.token_hex(16)
    return values


def _write_token_pair(folder: Path) -> None:
    # Imported here: only the first start of a stack needs it, and it is slow to load.
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    encoded = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    write_bytes(folder / "token.private.pem", encoded, mode=0o600)
    write_bytes(folder / "token.public.pem", public, mode=0o644)
