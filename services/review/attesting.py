"""系统存证: the service attests that these bytes were signed by this account after this proof of identity.

It is no 电子签名 in the sense of the 电子签名法: that needs a certificate of a licensed authority. ``Attestor`` is the
port for one (a CA's certificate, SM2); this service's own Ed25519 key stands behind it until one is connected.
"""

from typing import Any, Protocol
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.kernel.canonical import canonical

FORM = "fangbang-sheet-attestation-1"


class Statement(BaseModel):
    """What is attested: whose sheet, by digests, sealed to which key, signed when, after which proof of identity."""

    model_config = ConfigDict(frozen=True)

    form: str = FORM
    stage: UUID
    case: UUID
    expert: str
    version: int
    sheet: str
    sealed: str
    panel_key: str
    signed_at: AwareDatetime
    proved_at: AwareDatetime


class Attestor(Protocol):
    """Whoever attests. ``method`` and ``key`` say how a stranger checks it."""

    method: str
    key: str

    def attest(self, content: bytes) -> str:
        """A detached signature over the bytes, hex."""
        ...


class ServiceAttestor:
    """The service itself, by an Ed25519 key that follows from its own secret."""

    method = "系统存证 Ed25519"

    def __init__(self, service_key: bytes) -> None:
        seed = HKDF(hashes.SHA256(), 32, salt=None, info=b"fangbang review attestation").derive(service_key)
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = self._private.public_key().public_bytes_raw().hex()

    def attest(self, content: bytes) -> str:
        """Ed25519 over the bytes."""
        return self._private.sign(content).hex()


def attested(attestor: Attestor, statement: Statement) -> dict[str, Any]:
    """The statement with its signature, as it is kept and given out."""
    content = canonical(statement)
    return {
        "statement": content.decode(),
        "method": attestor.method,
        "key": attestor.key,
        "signature": attestor.attest(content),
    }
