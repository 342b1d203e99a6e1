"""Pages of accounts: coming in, signing in and out, one's own account, accounts, work handed over, tickets."""

from fastapi import APIRouter

from services.office.accounts.pages import (
    enterprises,
    handovers,
    identity,
    imports,
    joining,
    own,
    people,
    signing_in,
    tickets,
)

router = APIRouter(include_in_schema=False)
for part in (signing_in, identity, joining, own, enterprises, imports, people, handovers, tickets):
    router.include_router(part.router)
