"""``python -m services.office <role>``: the packages of office composed into one service."""

from pathlib import Path

from services.office.accounts import api as accounts_api
from services.office.accounts import pages as accounts_pages
from services.office.accounts.seeding import seed_accounts
from services.office.calendar import api as calendar_api
from services.office.calendar import pages as calendar_pages
from services.office.console import api as console_api
from services.office.console import pages as console_pages
from services.office.cycles import api as cycles_api
from services.office.cycles import pages as cycles_pages
from services.office.cycles.activities import CycleActivities
from services.office.cycles.consumers import listen_to_stages
from services.office.cycles.workflows import CategoryLifecycle, CycleLifecycle
from services.office.ledger import api as ledger_api
from services.office.ledger.consumers import listen_to_audit
from services.office.ledger.signing import sign_checkpoints
from services.office.metadata import office_metadata
from services.office.notices import api as notices_api
from services.office.notices import pages as notices_pages
from services.office.notices.consumers import listen_to_notices
from services.office.notices.delivering import deliver_notices
from services.office.site import install
from shared.infra.messaging import Interests
from shared.infra.service import Service
from shared.web.process import Parts, main


def interests(service: Service) -> Interests:
    """Everything office takes in."""
    wanted = Interests("office")
    listen_to_stages(wanted)
    listen_to_audit(wanted, service)
    listen_to_notices(wanted, service)
    return wanted


PARTS = Parts(
    name="office",
    metadata=office_metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=[
        accounts_api.router,
        cycles_api.router,
        calendar_api.router,
        notices_api.router,
        ledger_api.router,
        console_api.router,
        accounts_pages.router,
        cycles_pages.router,
        calendar_pages.router,
        notices_pages.router,
        console_pages.router,
    ],
    workflows=[CycleLifecycle, CategoryLifecycle],
    activities=CycleActivities,
    interests=interests,
    install=install,
    on_migrate=seed_accounts,
    on_start=(sign_checkpoints, deliver_notices),
)

if __name__ == "__main__":
    main(PARTS)
