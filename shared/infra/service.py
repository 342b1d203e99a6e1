"""A service's hands on the world, made once in ``__main__`` and handed down."""

from dataclasses import dataclass, field

from shared.infra.database import Database
from shared.infra.files import Files
from shared.infra.scanner import Scanner
from shared.infra.settings import Settings
from shared.infra.temporal import RunningActivities
from shared.infra.tickets import Signer, Verifier


@dataclass
class Service:
    """Database, files, keys and settings of one running service.

    ``secret`` is the service's own 32-byte key (CSRF values, sealing of drafts); ``signer`` only office has;
    ``scanner`` is None where no virus scanner is set.
    """

    name: str
    settings: Settings
    database: Database
    files: Files
    verifier: Verifier
    secret: bytes
    signer: Signer | None = None
    scanner: Scanner | None = None
    running: RunningActivities = field(default_factory=RunningActivities)

    @property
    def rehearsal(self) -> bool:
        """Whether everything this service shows must be marked 演练."""
        return self.settings.profile == "rehearsal"


def build_service(settings: Settings) -> Service:
    """Make the hands from the settings; connects to nothing yet."""
    return Service(
        name=settings.service,
        settings=settings,
        database=Database(settings.database_url, settings.service, pool=settings.database_pool),
        files=Files(settings),
        verifier=Verifier(settings.token_public_key),
        secret=settings.service_key.read_bytes(),
        signer=Signer(settings.token_private_key) if settings.token_private_key else None,
        scanner=Scanner(settings.clamav) if settings.clamav else None,
    )
