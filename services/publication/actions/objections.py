"""Objections: filed by anybody with a real name within the term, admitted and ruled on by the office, once."""

import hmac
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.publication import store
from services.publication.actions.release.confirming import require_not_publishing
from services.publication.actions.release.rounds import look_at_release
from services.publication.actions.sites import want_notice
from services.publication.domain.objections import (
    WORDS,
    ObjectionState,
    Objector,
    may_become,
    require_real_name,
    require_reason,
)
from services.publication.sealing import seal, unseal
from services.publication.tables import ListEntry, Objection, Ruling
from shared.contracts.facts import NoticeDue, ObjectionRuled
from shared.contracts.names import stage_workflow_id
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import stage_for_act
from shared.kernel.canonical import digest_bytes
from shared.kernel.refusals import NotFound, Refusal

ARTICLE = "第二十二条"


class Filed(BaseModel):
    """The receipt of an objection; ``code`` is shown once and lets its holder follow it."""

    objection_id: UUID
    receipt: str
    code: str
    state: str
    filed_at: datetime


class Followed(BaseModel):
    """How an objection stands, for whoever holds its code."""

    objection_id: UUID
    receipt: str
    number: str
    name: str
    state: str
    words: str
    filed_at: datetime
    closed_at: datetime | None
    answer: str | None


class Listed(BaseModel):
    """An objection in the office's list, without who filed it."""

    objection_id: UUID
    receipt: str
    stage_id: UUID
    category_id: UUID
    case_id: UUID
    number: str
    grounds: str
    state: str
    words: str
    filed_at: datetime
    admitted_at: datetime | None
    closed_at: datetime | None


class Opened(Listed):
    """An objection with its sealed part, for the office alone."""

    objector: Objector


async def file_objection(tx: Tx, key: bytes, stage_id: UUID, number: str, objector: Objector, grounds: str) -> Filed:
    """Take an objection to one entry; from now on the entry is held back.

    Raises:
        Refusal: anonymous, too late, before the posting, or to an entry that is not in the list.
    """
    stage = await stage_for_act(tx, stage_id)
    if stage.kind != "publicity" or stage.closes_at is None:
        raise Refusal("not_in_publicity", "该名单目前不在公示期内。", article=ARTICLE)
    require_real_name(objector, grounds)
    entry = await _entry(tx, stage_id, number)
    code, objection_id = secrets.token_urlsafe(12), new_id()
    row = Objection(
        objection_id=objection_id,
        receipt=f"YY-{secrets.token_hex(4).upper()}",
        stage_id=stage_id,
        category_id=stage.category_id,
        cycle_id=stage.cycle_id,
        case_id=entry.case_id,
        number=entry.number,
        grounds=grounds.strip(),
        sealed=seal(key, objection_id, objector),
        code_digest=digest_bytes(code.encode()),
        state=ObjectionState.FILED,
        filed_at=tx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    await tx.audit("objection.filed", **_place(row), receipt=row.receipt)
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=row.cycle_id,
            category_id=row.category_id,
            notice_id=new_id(),
            recipient_kind="role",
            recipient_role="office",
            template="objection_filed",
            case_number=row.number,
            link="/lists/manage/objections",
        )
    )
    await _touched(tx, row)
    return Filed(**row.model_dump(include={"objection_id", "receipt", "state", "filed_at"}), code=code)


async def _entry(tx: Tx, stage_id: UUID, number: str) -> ListEntry:
    listing = await store.listing_of_stage(tx, stage_id)
    rows = await store.entries(tx, listing.listing_id) if listing else []
    found = [row for row in rows if row.number == number.strip() and row.state == "listed"]
    if not found:
        raise Refusal("unknown_entry", "公示名单中没有这个案号，请按公示页面核对。", field="number", article=ARTICLE)
    return found[0]


async def follow(tx: Tx, objection_id: UUID, code: str) -> Followed:
    """How an objection stands; a wrong code finds nothing."""
    return await _followed(tx, await tx.session.get(Objection, objection_id), code)


async def follow_receipt(tx: Tx, receipt: str, code: str) -> Followed:
    """The same by what stands on the receipt, as it was written down: case and spaces do not matter."""
    return await _followed(tx, await store.objection_of_receipt(tx, receipt.strip().upper()), code.strip())


async def _followed(tx: Tx, row: Objection | None, code: str) -> Followed:
    if row is None or not hmac.compare_digest(row.code_digest, digest_bytes(code.encode())):
        raise NotFound("没有找到这份异议，请核对编号和查询码。")
    entry = await _any_entry(tx, row)
    return Followed(
        **row.model_dump(include=set(Followed.model_fields) - {"name", "words"}),
        name=store.as_entry(entry).subject.full_name,
        words=WORDS[ObjectionState(row.state)],
    )


async def _any_entry(tx: Tx, row: Objection) -> ListEntry:
    found = await store.entries_of_case(tx, row.case_id)
    return found[0]


async def list_objections(tx: Tx, stage_id: UUID | None = None) -> list[Listed]:
    """Objections, oldest first, without who filed them."""
    return [_listed(row) for row in await store.objections(tx, stage_id)]


async def open_objection(tx: Tx, key: bytes, objection_id: UUID) -> Opened:
    """An objection with who filed it; that it was opened is audited."""
    row = await _objection(tx, objection_id)
    await tx.audit("objection.opened", **_place(row), receipt=row.receipt)
    return Opened(**_listed(row).model_dump(), objector=unseal(key, objection_id, row.sealed))


async def admit(tx: Tx, objection_id: UUID) -> Listed:
    """Take an objection up for investigation."""
    row = await _step(tx, objection_id, ObjectionState.ADMITTED)
    row.admitted_at = tx.now
    await tx.audit("objection.admitted", **_place(row), receipt=row.receipt)
    await _touched(tx, row)
    return _listed(row)


async def reject_inadmissible(tx: Tx, objection_id: UUID, reason: str) -> Listed:
    """Refuse to take an objection up, with a reason; the entry is no longer held for it."""
    row = await _decide(tx, objection_id, ObjectionState.INADMISSIBLE, reason)
    await _touched(tx, row)
    return _listed(row)


async def rule(tx: Tx, objection_id: UUID, *, upheld: bool, reason: str) -> Listed:
    """Decide an admitted objection once; upheld removes the entry from its list."""
    state = ObjectionState.UPHELD if upheld else ObjectionState.DISMISSED
    row = await _decide(tx, objection_id, state, reason)
    if upheld:
        await _remove_entry(tx, row)
    await tx.emit(
        ObjectionRuled(
            cycle_id=row.cycle_id,
            category_id=row.category_id,
            case_id=row.case_id,
            stage_id=row.stage_id,
            objection_id=objection_id,
            upheld=upheld,
        )
    )
    await _touched(tx, row)
    return _listed(row)


async def _remove_entry(tx: Tx, row: Objection) -> None:
    for entry in await store.entries_of_case(tx, row.case_id):
        if not await store.is_released(tx, entry):
            entry.state, entry.state_reason = "removed", "异议成立，移出名单"
            tx.session.add(entry)
    await tx.session.flush()


async def _decide(tx: Tx, objection_id: UUID, state: ObjectionState, reason: str) -> Objection:
    said = require_reason(reason)
    row = await _step(tx, objection_id, state)
    row.closed_at, row.answer = tx.now, said
    tx.session.add(
        Ruling(
            objection_id=objection_id,
            outcome=state,
            reason=said,
            ruled_by=tx.actor.account_id,
            ruled_at=tx.now,
        )
    )
    await tx.session.flush()
    await tx.audit(f"objection.{state}", **_place(row), receipt=row.receipt, reason=said)
    return row


async def _step(tx: Tx, objection_id: UUID, state: ObjectionState) -> Objection:
    row = await _objection(tx, objection_id, update=True)
    await tx.lock("release", row.cycle_id)
    may_become(ObjectionState(row.state), state)
    await require_not_publishing(tx, row.cycle_id)
    row.state = state
    tx.session.add(row)
    return row


async def _objection(tx: Tx, objection_id: UUID, *, update: bool = False) -> Objection:
    row = await tx.session.get(Objection, objection_id, with_for_update=update, populate_existing=update)
    if row is None:
        raise NotFound("没有找到这份异议。")
    return row


async def _touched(tx: Tx, row: Objection) -> None:
    """Held entries changed: whoever waits looks again and the notice is shown anew (pages come last, see ``sites``)."""
    await tx.session.flush()
    await tx.nudge(stage_workflow_id(row.stage_id))
    await look_at_release(tx, row.cycle_id)
    await want_notice(tx, row.stage_id)


def _listed(row: Objection) -> Listed:
    words = WORDS[ObjectionState(row.state)]
    return Listed(**row.model_dump(include=set(Listed.model_fields) - {"words"}), words=words)


def _place(row: Objection) -> dict[str, Any]:
    return {
        "cycle_id": row.cycle_id,
        "category_id": row.category_id,
        "case_id": row.case_id,
        "stage_id": row.stage_id,
    }
