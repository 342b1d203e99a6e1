"""Who holds the shares of a panel's key, and what holds when shares are lost."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict
from zxcvbn import zxcvbn

from shared.kernel.canonical import digest
from shared.kernel.refusals import Refusal

FORM = "fangbang-panel-key-1"
SUITE = "RFC 9180 DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305"
SPLITTING = "Shamir GF(2^128)"
CUSTODIAN_ROLES = ("office", "supervisor", "review_chair")
"""Whose custodians hold the shares when the office names nobody else, in this order."""

SHORTEST, LONGEST, STRENGTH = 12, 128, 3
SHARE_MINUTES = 10
"""So long the first opened share waits for the second (system time)."""


class CustodyState(StrEnum):
    """How many shares can still be opened."""

    WHOLE = "whole"
    ONE_LOST = "one_lost"
    BROKEN = "broken"


CUSTODY_WORDS = {
    CustodyState.WHOLE: "三份密钥份额俱在，任意两位保管人可以拆封",
    CustodyState.ONE_LOST: "一份密钥份额已登记遗失，其余两位保管人仍可拆封",
    CustodyState.BROKEN: "两份以上密钥份额遗失，已签署的计分表无法打开：须由两人共同更换密钥，专家重新签署",
}


def custody_state(lost: int, held: int) -> CustodyState:
    """Where the custody of a key stands with so many shares lost of so many."""
    if held - lost < 2:
        return CustodyState.BROKEN
    return CustodyState.ONE_LOST if lost else CustodyState.WHOLE


class ShareLine(BaseModel):
    """One share in the public statement: its number, the custodian's role, its digest."""

    model_config = ConfigDict(frozen=True)

    number: int
    role: str
    digest: str


class KeyStatement(BaseModel):
    """What everybody may know of a panel's key; its digest stands in the ledger before the first sheet is signed."""

    model_config = ConfigDict(frozen=True)

    form: str = FORM
    stage: UUID
    generation: int
    suite: str = SUITE
    splitting: str = SPLITTING
    public_key: str
    threshold: int
    shares: tuple[ShareLine, ...]
    attestation_method: str
    attestation_key: str
    formed_at: AwareDatetime

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical bytes."""
        return digest(self)


def check_passphrase(passphrase: str, about: Sequence[str] = ()) -> None:
    """Refuse a custody passphrase that is too short or easily guessed."""
    if not SHORTEST <= len(passphrase) <= LONGEST:
        raise _bad(f"保管口令须为{SHORTEST}至{LONGEST}个字符。")
    estimate: dict[str, Any] = zxcvbn(passphrase[:72], user_inputs=[*about, "fangbang", "放榜"])
    if estimate["score"] < STRENGTH:
        raise _bad("这个保管口令容易被猜到，请换一个更长、不常见的。")


def _bad(message: str) -> Refusal:
    return Refusal("bad_passphrase", message, field="passphrase")


def check_named(named: Sequence[UUID], roles: Mapping[UUID, str]) -> None:
    """Refuse anything but three custodians, one of each role: any two of them must be able to unseal, and two of one
    role never are.

    Args:
        roles: of everybody who has set a custody passphrase.
    """
    if len(named) != len(CUSTODIAN_ROLES) or len(set(named)) != len(named):
        raise Refusal("three_custodians", "须指定三位不同的保管人，各持一份密钥份额。", field="custodians")
    if missing := [one for one in named if one not in roles]:
        message = f"有{len(missing)}位还没有登记保管口令，请先登记再指定。"
        raise Refusal("not_a_custodian", message, field="custodians")
    if {roles[one] for one in named} != set(CUSTODIAN_ROLES):
        message = "三位保管人须为办公室、监督员和审查委员会主任各一位：拆封要由两种不同身份的人共同办理。"
        raise Refusal("three_roles", message, field="custodians")
