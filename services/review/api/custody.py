"""Custodians: the own key, who holds a panel's shares, lost shares, and the unsealing by two of three."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, SecretStr

from services.review.actions import custody, unsealing
from services.review.api.base import Body, Done, Question, Reason, and_done, answer_as, attestor_of, sealer_of
from services.review.reads import custody as views
from shared.web.act import Act, acting

router = APIRouter()
Passphrase = Annotated[SecretStr, Field(min_length=1, max_length=128)]


class KeyBody(Body):
    """The custodian's name as the panels show it, and the custody passphrase."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    passphrase: Passphrase


class KeyRecorded(BaseModel):
    """The custodian's public key; the passphrase is kept nowhere."""

    role: str
    public_key: str
    recorded_at: datetime


class CustodiansBody(Body):
    """The accounts of three custodians."""

    custodians: Annotated[list[UUID], Field(max_length=10)]


class LostBody(Body):
    """Why the share can no longer be opened."""

    reason: Reason


class CustodyNow(BaseModel):
    """How many shares can still be opened."""

    custody: str


class RenewBody(Body):
    """Why the key is replaced."""

    reason: Reason


class Renewed(BaseModel):
    """The new key's generation and the end of the new term."""

    generation: int
    closes_at: datetime | None


class UnsealQuestion(Question):
    """How many sheets are counted, and the number of the share that waits for a second one."""

    sheets: int
    opened: int | None


class PassphraseBody(Body):
    """The custody passphrase that opens the own share."""

    passphrase: Passphrase


class Unsealed(BaseModel):
    """Unsealed, or which share now waits until when for the second custodian."""

    stage_id: UUID
    unsealed: bool
    sheets: int | None = None
    unsealed_at: datetime | None = None
    share: int | None = None
    waits_until: datetime | None = None


@router.get("/custody")
async def own_custody(act: Act = acting("custody.hold")) -> views.OwnCustody:
    """My key and the shares I hold."""
    return await act.read(views.own_custody)


@router.post("/custody")
async def record_key(body: KeyBody, act: Act = acting("custody.hold", secret=True)) -> KeyRecorded:
    """Set my custody passphrase."""
    passphrase = body.passphrase.get_secret_value()
    return await answer_as(KeyRecorded, act, lambda tx: custody.record_key(tx, body.name, passphrase))


@router.get("/stages/{stage_id}/custody")
async def panel_custody(stage_id: UUID, act: Act = acting("panel.read")) -> views.PanelCustody:
    """The panel's key, its shares and custodians."""
    return await act.read(lambda tx: views.panel_custody(tx, stage_id))


@router.post("/stages/{stage_id}/custodians")
async def name_custodians(stage_id: UUID, body: CustodiansBody, act: Act = acting("custody.name")) -> Done:
    """Name the three custodians before the key is formed."""
    return await and_done(act, lambda tx: custody.name_custodians(tx, stage_id, body.custodians))


@router.post("/stages/{stage_id}/shares/{number}/lost")
async def report_lost(stage_id: UUID, number: int, body: LostBody, act: Act = acting("custody.hold")) -> CustodyNow:
    """Say that my share can no longer be opened; of another's the office says it (ticket ``panel.share_lost``)."""
    return await answer_as(
        CustodyNow, act, lambda tx: custody.report_lost(tx, stage_id, number, body.reason, act.ticket)
    )


@router.get("/stages/{stage_id}/shares/{number}/lost")
async def lost_question(stage_id: UUID, number: int, act: Act = acting("panel.share_lost")) -> Question:
    """The digest for the ticket that declares another custodian's share lost."""
    return Question.model_validate(await act.read(lambda tx: custody.lost_question(tx, stage_id, number)))


@router.get("/stages/{stage_id}/key")
async def renew_question(stage_id: UUID, act: Act = acting("panel.renew_key")) -> Question:
    """The digest for the ticket that replaces a key which cannot be opened any more."""
    return Question.model_validate(await act.read(lambda tx: custody.renew_question(tx, stage_id)))


@router.post("/stages/{stage_id}/key")
async def renew_key(stage_id: UUID, body: RenewBody, request: Request, act: Act = acting("panel.renew_key")) -> Renewed:
    """Replace the key (ticket ``panel.renew_key``): everybody signs again within a new term."""
    attestor = attestor_of(request)
    return await answer_as(Renewed, act, lambda tx: custody.renew_key(tx, attestor, stage_id, body.reason, act.ticket))


@router.get("/stages/{stage_id}/unseal")
async def unseal_question(stage_id: UUID, act: Act = acting("panel.unseal")) -> UnsealQuestion:
    """The digest for the ticket of the unsealing."""
    return UnsealQuestion.model_validate(await act.read(lambda tx: unsealing.unseal_question(tx, stage_id)))


@router.post("/stages/{stage_id}/unseal")
async def unseal(
    stage_id: UUID, body: PassphraseBody, request: Request, act: Act = acting("panel.unseal", secret=True)
) -> Unsealed:
    """Give my share; the second of two custodians (ticket ``panel.unseal``) breaks the seal."""
    sealer, passphrase = sealer_of(request), body.passphrase.get_secret_value()
    return await answer_as(Unsealed, act, lambda tx: unsealing.unseal(tx, sealer, stage_id, passphrase, act.ticket))
