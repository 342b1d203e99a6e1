"""The services as they declare themselves, without any server: what the contract documents are written from."""

from __future__ import annotations

import importlib
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from deploy.stack import Stack
from shared.infra.service import Service, build_service
from shared.infra.settings import Profile, Settings
from shared.web.process import Parts


def parts_of(name: str) -> Parts:
    """What service `name` declares in its `__main__`."""
    parts: Parts = importlib.import_module(f"services.{name}.__main__").PARTS
    return parts


def settings_on(stack: Stack, name: str) -> Settings:
    """The settings of service `name` on a stack, as its own process reads them."""
    values = {key.removeprefix("FANGBANG_").lower(): value for key, value in stack.settings_for(name).items()}
    return Settings.model_validate(values)


def unconnected_service(name: str, folder: Path) -> Service:
    """Service `name` with throw-away keys in `folder`; every address leads nowhere."""
    private, public = folder / "token.pem", folder / "token.pub.pem"
    secret = folder / f"{name}.key"
    if not private.exists():
        _write_keys(private, public)
    secret.write_bytes(secrets.token_bytes(32))
    return build_service(
        Settings(
            service=name,
            profile=Profile.REHEARSAL,
            local=True,
            database_url=f"postgresql://{name}:none@127.0.0.1:1/{name}",
            nats_url="nats://127.0.0.1:1",
            temporal_address="127.0.0.1:1",
            s3_endpoint="127.0.0.1:1",
            s3_public_origin="http://127.0.0.1:1",
            s3_access_key="none",
            s3_secret_key=SecretStr("none"),
            public_origin="http://127.0.0.1:1",
            public_dir=folder / "public",
            token_public_key=public,
            token_private_key=private,
            service_key=secret,
        )
    )


def _write_keys(private: Path, public: Path) -> None:
    key = Ed25519PrivateKey.generate()
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, none))
    public.write_bytes(key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo))
