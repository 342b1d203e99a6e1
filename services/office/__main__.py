"""``python -m services.office <role>``."""

from pathlib import Path

from services.office.accounts import api as accounts_api
from services.office.accounts.seeding import seed_accounts
from services.office.console import api as console_api
from services.office.cycles import api as cycles_api
from services.office.cycles.activities import CycleActivities
from services.office.cycles.consumers import listen_to_stages
from services.office.cycles.workflows import CategoryLifecycle, CycleLifecycle
from services.office.ledger import api as ledger_api
from services.office.ledger.consumers import listen_to_audit
from services.office.ledger.signing import sign_checkpoints
from services.office.metadata import office_metadata
from shared.infra.messaging import Interests
from shared.infra.service import Service
from shared.web.process import Parts, main

MIGRATIONS = Path(__file__).parent / "migrations"


def interests(service: Service) -> Interests:
    """Everything office takes in."""
    wanted = Interests("office")
    listen_to_stages(wanted)
    listen_to_audit(wanted, service)
    return wanted


PARTS = Parts(
    name="office",
    metadata=office_metadata,
    migrations=MIGRATIONS,
    routers=[accounts_api.router, cycles_api.router, ledger_api.router, console_api.router],
    workflows=[CycleLifecycle, CategoryLifecycle],
    activities=CycleActivities,
    interests=interests,
    on_migrate=seed_accounts,
    on_start=sign_checkpoints,
)

if __name__ == "__main__":
    main(PARTS)
