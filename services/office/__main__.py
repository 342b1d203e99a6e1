"""``python -m services.office <role>``."""

from pathlib import Path

from services.office.accounts import api as accounts_api
from services.office.accounts.seeding import seed_accounts
from services.office.cycles import api as cycles_api
from services.office.cycles.activities import CycleActivities
from services.office.cycles.consumers import listen_to_stages
from services.office.cycles.workflows import CategoryLifecycle, CycleLifecycle
from services.office.metadata import office_metadata
from shared.infra.messaging import Interests
from shared.infra.service import Service
from shared.web.process import Parts, main

MIGRATIONS = Path(__file__).parent / "migrations"


def interests(_service: Service) -> Interests:
    """Everything office takes in."""
    wanted = Interests("office")
    listen_to_stages(wanted)
    return wanted


PARTS = Parts(
    name="office",
    metadata=office_metadata,
    migrations=MIGRATIONS,
    routers=[accounts_api.router, cycles_api.router],
    workflows=[CycleLifecycle, CategoryLifecycle],
    activities=CycleActivities,
    interests=interests,
    on_migrate=seed_accounts,
)

if __name__ == "__main__":
    main(PARTS)
