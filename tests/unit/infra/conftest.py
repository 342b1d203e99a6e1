"""Keys for tokens and tickets."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def write_pair(folder: Path, name: str) -> tuple[Path, Path]:
    """A new key pair as PEM files: private, public."""
    key = Ed25519PrivateKey.generate()
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    private.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, none))
    public.write_bytes(key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Office's key pair."""
    return write_pair(tmp_path_factory.mktemp("keys"), "office")


@pytest.fixture(scope="session")
def other_pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A forger's key pair."""
    return write_pair(tmp_path_factory.mktemp("forged"), "forger")
