"""What the ledger takes in: numbered audit entries of every service, and the wish for a bundle."""

from services.office.ledger.actions import append_run, deposit_ledger
from services.office.ledger.keys import public_key_hex, signer_of
from shared.contracts.facts import AuditSequenced, BundleWanted
from shared.infra.database import Tx
from shared.infra.messaging import Interests
from shared.infra.service import Service


def listen_to_audit(interests: Interests, service: Service) -> None:
    """Register the consumers ``office-ledger`` and ``office-bundles``."""
    signer, public_key = signer_of(service), public_key_hex(service)

    @interests.on("ledger", AuditSequenced)
    async def audit_sequenced(tx: Tx, fact: AuditSequenced) -> None:
        await append_run(tx, fact.source, fact.entries)

    @interests.on("bundles", BundleWanted, source="publication")
    async def bundle_wanted(tx: Tx, fact: BundleWanted) -> None:
        if fact.category_id is None:
            raise ValueError("a bundle belongs to a category")
        await deposit_ledger(tx, signer, public_key, fact.cycle_id, fact.category_id, fact.list_digest)
