"""What is signed: sealed to the panel's key at once, attested by the service, its digest in the ledger."""

from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.keys import key_for_signing
from services.review.attesting import Attestor, Statement, attested
from services.review.custody import seal_to
from services.review.tables import PanelMember, Sheet
from shared.infra.database import Tx
from shared.infra.tables import Witness
from shared.infra.tickets import require_fresh
from shared.kernel.canonical import digest_bytes
from shared.kernel.refusals import Conflict

SHEET, ORDER = "sheet", "order"


async def sign(
    tx: Tx,
    attestor: Attestor,
    member: PanelMember,
    case_id: UUID,
    kind: str,
    content: bytes,
    *,
    version: int = 1,
    reason: str | None = None,
) -> Sheet:
    """Seal and attest what a member signs after a fresh proof of identity; once for each case and version."""
    require_fresh(tx)
    key = await key_for_signing(tx, member.stage_id)
    sealed = seal_to(key.public_key, content, *place_of(kind, member.stage_id, case_id, member.expert_id, version))
    statement = Statement(
        stage=member.stage_id,
        case=case_id,
        expert=member.pseudonym,
        version=version,
        sheet=digest_bytes(content),
        sealed=digest_bytes(sealed),
        panel_key=key.digest,
        signed_at=tx.now,
        proved_at=tx.actor.auth_time or tx.system_now,
    )
    row = Sheet(
        stage_id=member.stage_id,
        case_id=case_id,
        expert_id=member.expert_id,
        generation=key.generation,
        version=version,
        sealed=sealed,
        digest=statement.sheet,
        attestation=attested(attestor, statement),
        reason=reason,
        signed_at=tx.now,
    )
    if not await store.keep_sheet(tx, row):
        raise Conflict("already_signed", "您已签署，不能再修改；确有错误的，可说明理由提交更正。")
    return row


def place_of(kind: str, stage_id: UUID, case_id: UUID, expert_id: UUID, version: int) -> tuple[object, ...]:
    """Where a sealed sheet belongs; it opens nowhere else."""
    return (kind, stage_id, case_id, expert_id, version)


async def receipt_of(tx: Tx, sheet: Sheet) -> dict[str, Any]:
    """What the signer keeps: digest, instant, the service's attestation, the ledger's newest signed checkpoint."""
    witness = await tx.session.get(Witness, 1)
    return {
        "sheet_digest": sheet.digest,
        "signed_at": sheet.signed_at,
        "attestation": sheet.attestation,
        "checkpoint": witness.checkpoint if witness else None,
    }
