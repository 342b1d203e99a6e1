"""The templates of the public site, with what every page may show of this installation."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from jinja2 import Environment

from shared.infra.service import Service
from shared.web.templating import make_environment

TEMPLATES = Path(__file__).parent.parent / "templates"


def public_environment(service: Service) -> Environment:
    """The environment that pages are rendered with, pre-rendered or not."""
    environment = make_environment(TEMPLATES, rehearsal=service.rehearsal)
    environment.globals["ledger_key"] = _ledger_key(service.settings.token_public_key)
    return environment


def _ledger_key(path: Path) -> str:
    """The key that signs the ledger's checkpoints: raw Ed25519, 64 hex digits, to be compared with a bundle's."""
    key = load_pem_public_key(path.read_bytes())
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
