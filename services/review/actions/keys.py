"""The panel's key: formed when signing begins, split among the custodians; afterwards only its public half is here."""

from collections.abc import Sequence
from uuid import UUID

from services.review import store
from services.review.actions.parts import deposit
from services.review.attesting import Attestor
from services.review.custody import THRESHOLD, seal_to, share_digest, split_new_key
from services.review.domain.custody import CUSTODIAN_ROLES, CustodyState, KeyStatement, ShareLine, custody_state
from services.review.tables import CustodyKey, KeyShare, Panel, PanelKey
from shared.infra.database import Tx
from shared.infra.stages import stage_place
from shared.infra.tables import Stage
from shared.kernel.refusals import Conflict

SHARE = "share"


async def custodians_of(tx: Tx, panel: Panel) -> list[CustodyKey]:
    """Whose keys the shares go to: those named, else of each role who registered last; fewer than three: not ready."""
    keys = await store.custody_keys(tx)
    if panel.custodians:
        by_account = {str(key.account_id): key for key in keys}
        return [by_account[account] for account in panel.custodians if account in by_account]
    latest = {key.role: key for key in reversed(keys)}
    return [latest[role] for role in CUSTODIAN_ROLES if role in latest]


async def custody_ready(tx: Tx, panel: Panel) -> bool:
    """Whether sheets can be signed: the panel has a key that can be opened, or custodians for a new one."""
    key = await store.panel_key(tx, panel.stage_id)
    if key is not None and key.broken_at is None:
        return True
    return len(await custodians_of(tx, panel)) == len(CUSTODIAN_ROLES)


async def custody_of(tx: Tx, key: PanelKey) -> CustodyState:
    """How many shares of a key can still be opened."""
    shares = await store.key_shares(tx, key)
    return custody_state(sum(share.lost_at is not None for share in shares), len(shares))


async def form_key(tx: Tx, attestor: Attestor, stage: Stage, panel: Panel) -> None:
    """See that the panel has a key: made here in memory, split, each share sealed to a custodian, the rest forgotten.

    A key two of whose shares are lost is followed by one of the next generation.
    """
    known = await store.panel_key(tx, stage.stage_id)
    if known is not None and known.broken_at is None:
        return
    custodians = await custodians_of(tx, panel)
    if len(custodians) != len(CUSTODIAN_ROLES):
        raise Conflict("custodians_missing", "密钥保管人尚未全部登记保管口令，不能开始赋分。")
    await _form(tx, attestor, stage, known.generation + 1 if known else 1, custodians)


async def _form(tx: Tx, attestor: Attestor, stage: Stage, generation: int, custodians: Sequence[CustodyKey]) -> None:
    place = (stage.stage_id, generation)
    split = split_new_key(*place)
    shares = [
        KeyShare(
            stage_id=stage.stage_id,
            generation=generation,
            number=number,
            key_id=custodian.key_id,
            account_id=custodian.account_id,
            role=custodian.role,
            name=custodian.name,
            sealed=seal_to(custodian.public_key, split.shares[number], SHARE, *place, number, custodian.account_id),
            digest=share_digest(split.shares[number], *place, number),
        )
        for number, custodian in enumerate(custodians, 1)
    ]
    statement = KeyStatement(
        stage=stage.stage_id,
        generation=generation,
        public_key=split.public_key.hex(),
        threshold=THRESHOLD,
        shares=tuple(ShareLine(number=one.number, role=one.role, digest=one.digest) for one in shares),
        attestation_method=attestor.method,
        attestation_key=attestor.key,
        formed_at=tx.now,
    )
    found = await tx.put_dossier(statement, "panel-key")
    key = PanelKey(
        stage_id=stage.stage_id,
        generation=generation,
        public_key=split.public_key,
        digest=found,
        formed_at=tx.now,
    )
    tx.session.add_all([key, *shares])
    holders = [share.account_id for share in shares]
    await tx.audit("panel.key_formed", **stage_place(stage), public=found, generation=generation, holders=holders)
    await deposit(tx, stage, found, "public", "panel-key.json" if generation == 1 else f"panel-key-{generation}.json")


async def key_for_signing(tx: Tx, stage_id: UUID) -> PanelKey:
    """The key to which a sheet is sealed; refused while there is none that could be opened again."""
    key = await store.panel_key(tx, stage_id)
    if key is None:
        raise Conflict("no_panel_key", "本组密钥尚未生成，现在不能签署。")
    if key.broken_at is not None:
        raise Conflict("key_broken", "本组密钥的两份份额已登记遗失，请等待办公室更换密钥后再签署。")
    return key
