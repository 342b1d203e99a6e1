"""JSON API of accounts: signing in, accounts, invitations, registrations, work handed over, two persons' tickets."""

from fastapi import APIRouter

from services.office.accounts.api import (
    api_tokens,
    handovers,
    invitations,
    own,
    people,
    registrations,
    rehearsal,
    signing_in,
    tickets,
)

router = APIRouter(prefix="/api/office", tags=["accounts"])
for part in (signing_in, people, own, api_tokens, invitations, registrations, handovers, tickets, rehearsal):
    router.include_router(part.router)
