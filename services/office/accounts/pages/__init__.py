"""Pages of accounts: signing in and out, one's own account, accounts, two persons' tickets."""

from fastapi import APIRouter

from services.office.accounts.pages import own, people, signing_in, tickets

router = APIRouter(include_in_schema=False)
for part in (signing_in, own, people, tickets):
    router.include_router(part.router)
