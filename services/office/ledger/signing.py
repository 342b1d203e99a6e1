"""The background loop that signs checkpoints: at most one every few seconds, only when the ledger has grown."""

import asyncio

from services.office.ledger.actions import sign_if_grown
from services.office.ledger.keys import signer_of
from shared.infra.service import Service

PAUSE_SECONDS = 3.0


async def sign_checkpoints(service: Service) -> None:
    """Run for ever."""
    signer = signer_of(service)
    while True:
        async with service.database.transaction() as tx:
            await sign_if_grown(tx, signer)
        await asyncio.sleep(PAUSE_SECONDS)
