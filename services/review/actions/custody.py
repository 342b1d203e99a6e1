"""Custodians: a key under a passphrase of one's own, who holds which panel's shares, shares that are lost."""

from asyncio import to_thread
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.keys import SHARE, custody_of, form_key
from services.review.actions.notices import notify_custodians
from services.review.actions.seats import require_running
from services.review.attesting import Attestor
from services.review.custody import (
    LockedKey,
    WrongPassphrase,
    WrongShare,
    lock_key,
    open_with,
    share_digest,
    unlock_key,
)
from services.review.domain.custody import (
    CUSTODIAN_ROLES,
    SHARE_MINUTES,
    CustodyState,
    check_named,
    check_passphrase,
)
from services.review.domain.panel import PanelState, moved, require_state
from services.review.rulebooks import ordering_rules, panel_rules
from services.review.sealing import Sealer
from services.review.tables import CustodyKey, KeyShare, OpenedShare, PanelKey
from shared.contracts.names import stage_workflow_id
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import set_term, stage_place
from shared.infra.tables import Stage
from shared.infra.tickets import Ticket, require_fresh, use_ticket
from shared.kernel.calendar import business_date
from shared.kernel.canonical import digest
from shared.kernel.names import seen_name
from shared.kernel.refusals import Conflict, NotAllowed, NotFound, Refusal
from shared.rulebook import StageKind
from shared.web.rights import Role

RENEW_ACT = "panel.renew_key"
LOST_ACT = "panel.share_lost"
OPENED = "opened share"
_BEFORE_SIGNING = (PanelState.POOLING, PanelState.FROZEN, PanelState.UNDERTAKING, PanelState.SHORT)
_SIGNING = (PanelState.SCORING, PanelState.SEALED)


async def record_key(tx: Tx, name: str, passphrase: str) -> dict[str, Any]:
    """A custodian sets the custody passphrase. A new one takes over for future panels; earlier shares keep the old."""
    require_fresh(tx)
    role = next((one for one in CUSTODIAN_ROLES if one in tx.actor.roles), None)
    if role is None or tx.actor.account_id is None:
        raise NotAllowed
    check_passphrase(passphrase, [name])
    account = tx.actor.account_id
    await tx.lock("custody", account)
    for known in await store.custody_keys(tx):
        if known.account_id == account:
            known.replaced_at = tx.now
            tx.session.add(known)
    await tx.session.flush()
    locked = await to_thread(lock_key, passphrase, account)
    row = CustodyKey(
        key_id=new_id(),
        account_id=account,
        role=role,
        name=seen_name(name, "name"),
        public_key=locked.public_key,
        salt=locked.salt,
        sealed=locked.sealed,
        recorded_at=tx.now,
    )
    tx.session.add(row)
    await tx.audit("custody.key_recorded", public=digest({"role": role, "public_key": row.public_key.hex()}), role=role)
    for panel in await store.panels(tx):
        if PanelState(panel.state) in _BEFORE_SIGNING:
            await tx.nudge(stage_workflow_id(panel.stage_id))
    return {"role": role, "public_key": row.public_key.hex(), "recorded_at": tx.now}


async def name_custodians(tx: Tx, stage_id: UUID, accounts: Sequence[UUID]) -> None:
    """The office names the three custodians of a panel, before its key is formed."""
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    key = await store.panel_key(tx, stage_id)
    if key is not None and key.broken_at is None:
        raise Conflict("key_formed", "本组密钥已经生成，保管人不能再更换。")
    check_named(accounts, {one.account_id: one.role for one in await store.custody_keys(tx)})
    panel.custodians = [str(account) for account in accounts]
    tx.session.add(panel)
    await tx.audit("custodians.named", **stage_place(stage), accounts=panel.custodians)
    await tx.nudge(stage_workflow_id(stage_id))


async def open_own_share(tx: Tx, key: PanelKey, passphrase: str) -> tuple[KeyShare, bytes]:
    """The acting custodian's share, opened with the passphrase and checked against its digest."""
    held = [one for one in await store.key_shares(tx, key) if one.account_id == tx.actor.account_id]
    if not held:
        raise NotAllowed("您不是本组密钥份额的保管人。", "not_a_custodian")
    share = held[0]
    if share.lost_at is not None:
        raise Conflict("share_lost", "这份密钥份额已登记遗失，请由另外两位保管人拆封。")
    kept = await tx.session.get(CustodyKey, share.key_id)
    if kept is None:
        raise NotFound
    try:
        own = await to_thread(
            unlock_key, LockedKey(kept.public_key, kept.salt, kept.sealed), passphrase, share.account_id
        )
    except WrongPassphrase as trouble:
        message = "保管口令不正确，份额没有打开。可以重试；确已遗忘的，请登记份额遗失，由另外两位保管人拆封。"
        raise Refusal("wrong_passphrase", message, field="passphrase") from trouble
    place = (share.stage_id, share.generation)
    try:
        opened = open_with(own, share.sealed, SHARE, *place, share.number, share.account_id)
    except WrongShare as trouble:
        raise damaged_share() from trouble
    if share_digest(opened, *place, share.number) != share.digest:
        raise damaged_share()
    return share, opened


def damaged_share() -> Conflict:
    """The refusal of a share that is not what was handed out."""
    return Conflict("share_damaged", "密钥份额与登记的摘要不符，不能使用。请由另外两位保管人拆封，并请运行人员查明。")


async def waiting_share(tx: Tx, sealer: Sealer, stage_id: UUID, question: str) -> tuple[int, UUID, bytes] | None:
    """The first custodian's opened share, while it waits for exactly this question: number, account, share."""
    row = await store.opened_share(tx, stage_id)
    if row is None or row.question != question or share_is_stale(tx, row):
        return None
    return row.number, row.account_id, sealer.open(row.sealed, OPENED, stage_id, row.number)


def share_is_stale(tx: Tx, row: OpenedShare) -> bool:
    """Whether an opened share waited too long."""
    return tx.system_now - row.opened_at > timedelta(minutes=SHARE_MINUTES)


async def let_share_wait(
    tx: Tx, sealer: Sealer, stage: Stage, share: KeyShare, opened: bytes, question: str
) -> dict[str, Any]:
    """Keep the first opened share for the second custodian: under the service's key, ten minutes."""
    await forget_share(tx, stage.stage_id)
    tx.session.add(
        OpenedShare(
            stage_id=stage.stage_id,
            number=share.number,
            account_id=share.account_id,
            sealed=sealer.seal(opened, OPENED, stage.stage_id, share.number),
            question=question,
            opened_at=tx.system_now,
        )
    )
    await tx.audit("share.opened", **stage_place(stage), public=share.digest, number=share.number)
    await notify_custodians(tx, stage, but=share.account_id, until=tx.now + timedelta(minutes=SHARE_MINUTES))
    await tx.nudge(stage_workflow_id(stage.stage_id))
    return {
        "stage_id": stage.stage_id,
        "unsealed": False,
        "share": share.number,
        "waits_until": tx.now + timedelta(minutes=SHARE_MINUTES),
    }


async def forget_share(tx: Tx, stage_id: UUID) -> None:
    """Remove an opened share."""
    row = await store.opened_share(tx, stage_id)
    if row is not None:
        await tx.session.delete(row)
        await tx.session.flush()


async def seconds_share_waits(tx: Tx, stage_id: UUID) -> float | None:
    """How long an opened share still waits; one that waited too long is forgotten here."""
    row = await store.opened_share(tx, stage_id, update=True)
    if row is None:
        return None
    if share_is_stale(tx, row):
        await forget_share(tx, stage_id)
        return None
    return (row.opened_at + timedelta(minutes=SHARE_MINUTES, seconds=1) - tx.system_now).total_seconds()


async def lost_question(tx: Tx, stage_id: UUID, number: int) -> dict[str, Any]:
    """What two persons of different roles agree to before a share is declared lost in its custodian's place."""
    return {"act": LOST_ACT, "digest": _lost_digest(await _unlost_share(tx, await _key(tx, stage_id), number))}


def _lost_digest(share: KeyShare) -> str:
    return digest({"act": LOST_ACT, "stage": share.stage_id, "number": share.number, "share": share.digest})


async def _unlost_share(tx: Tx, key: PanelKey, number: int) -> KeyShare:
    share = next((one for one in await store.key_shares(tx, key) if one.number == number), None)
    if share is None:
        raise NotFound("没有这一份密钥份额。")
    if share.lost_at is not None:
        raise Conflict("share_lost", "这份密钥份额已登记遗失。")
    return share


async def report_lost(tx: Tx, stage_id: UUID, number: int, reason: str, ticket: Ticket | None) -> dict[str, Any]:
    """A share can no longer be opened. Cannot be taken back.

    Said by its custodian with a fresh proof, or in his place by the office together with the chair or the supervisor:
    two lost shares make every signed sheet unreadable, so nobody says it alone of another's share.
    """
    require_fresh(tx)
    stage = await require_running(tx, stage_id)
    key = await _key(tx, stage_id)
    share = await _unlost_share(tx, key, number)
    if share.account_id != tx.actor.account_id:
        if Role.OFFICE not in tx.actor.roles:
            raise NotAllowed("份额遗失由其保管人登记，或由办公室经双人复核登记。")
        await use_ticket(tx, ticket, LOST_ACT, _lost_digest(share))
    share.lost_at, share.lost_reason = tx.now, reason
    tx.session.add(share)
    waiting = await store.opened_share(tx, stage_id)
    if waiting is not None and waiting.number == number:
        await forget_share(tx, stage_id)
    await tx.session.flush()
    await tx.audit("share.lost", **stage_place(stage), public=share.digest, number=number, reason=reason)
    await tx.nudge(stage_workflow_id(stage_id))
    state = await custody_of(tx, key)
    if state is CustodyState.BROKEN and key.broken_at is None:
        key.broken_at = tx.now
        tx.session.add(key)
    return {"custody": state}


async def _key(tx: Tx, stage_id: UUID) -> PanelKey:
    key = await store.panel_key(tx, stage_id)
    if key is None:
        raise NotFound("本组密钥尚未生成。")
    return key


async def renew_question(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What two persons agree to before a key that cannot be opened any more is replaced."""
    key = await _key(tx, stage_id)
    if key.broken_at is None:
        raise Conflict("key_opens", "仍有两份密钥份额可用，应当拆封，不能更换密钥。")
    return {"act": RENEW_ACT, "digest": _renew_digest(key)}


def _renew_digest(key: PanelKey) -> str:
    return digest({"act": RENEW_ACT, "stage": key.stage_id, "key": key.digest})


async def renew_key(tx: Tx, attestor: Attestor, stage_id: UUID, reason: str, ticket: Ticket | None) -> dict[str, Any]:
    """Two shares are lost: a new key by two persons, and a whole new term in which everybody signs again.

    The sheets of the lost key stay as they are and are not counted: nobody can read them.
    """
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), *_SIGNING)
    question = await renew_question(tx, stage_id)
    await use_ticket(tx, ticket, RENEW_ACT, question["digest"])
    await form_key(tx, attestor, stage, panel)
    if panel.state == PanelState.SEALED:
        panel.state, panel.sealed_at = moved(PanelState.SEALED, PanelState.SCORING), None
        tx.session.add(panel)
    term = ordering_rules(stage).term if stage.kind == StageKind.EVENT_ORDERING else panel_rules(stage).scoring
    await set_term(tx, stage, business_date(tx.now), term.length, term.unit.value)
    await tx.audit("panel.key_renewed", **stage_place(stage), public=question["digest"], reason=reason)
    await tx.nudge(stage_workflow_id(stage_id))
    return {"generation": (await _key(tx, stage_id)).generation, "closes_at": stage.closes_at}
