"""``python -m services.office <role>``."""

from pathlib import Path

from services.office.accounts import api as accounts_api
from services.office.accounts.seeding import seed_accounts
from services.office.metadata import office_metadata
from shared.web.process import Parts, main

MIGRATIONS = Path(__file__).parent / "migrations"

PARTS = Parts(
    name="office",
    metadata=office_metadata,
    migrations=MIGRATIONS,
    routers=[accounts_api.router],
    on_migrate=seed_accounts,
)

if __name__ == "__main__":
    main(PARTS)
