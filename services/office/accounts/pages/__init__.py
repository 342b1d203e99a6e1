"""Pages of accounts: coming in, signing in and out, one's own account, accounts, work handed over, tickets."""

from fastapi import APIRouter

<<<<<<< HEAD
from services.office.accounts.pages import enterprises, handovers, imports, joining, own, people, signing_in, tickets

router = APIRouter(include_in_schema=False)
for part in (signing_in, joining, own, enterprises, imports, people, handovers, tickets):
=======
from services.office.accounts.pages import enterprises, handovers, identity, joining, own, people, signing_in, tickets

router = APIRouter(include_in_schema=False)
for part in (signing_in, identity, joining, own, enterprises, people, handovers, tickets):
>>>>>>> b03d6b3 (Letters by SMTP with an outbox; the operators' page; sign-in at an OpenID Connect provider; rights of publication by relation)
    router.include_router(part.router)
