"""The key that signs checkpoints, and its public half for everybody who checks them."""

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from shared.infra.service import Service
from shared.infra.tickets import Signer


def signer_of(service: Service) -> Signer:
    """Office's signer; a start without its key is refused."""
    if service.signer is None:
        raise RuntimeError("office signs tokens and checkpoints: set FANGBANG_TOKEN_PRIVATE_KEY")
    return service.signer


def public_key_hex(service: Service) -> str:
    """The raw Ed25519 public key, 64 hex digits."""
    key = load_pem_public_key(service.settings.token_public_key.read_bytes())
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def public_key_pem(service: Service) -> str:
    """The public key as PEM, for OpenSSL."""
    return service.settings.token_public_key.read_text("ascii")
