"""JSON API of accounts: signing in, accounts, one's own account, two persons' tickets."""

from fastapi import APIRouter

from services.office.accounts.api import own, people, rehearsal, signing_in, tickets

router = APIRouter(prefix="/api/office", tags=["accounts"])
for part in (signing_in, people, own, tickets, rehearsal):
    router.include_router(part.router)
