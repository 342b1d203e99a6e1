"""The parties of a draw: who commits and reveals, where an attempt stands, who was silent and who stands in."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.review.domain.draw import Party
from shared.kernel.refusals import Conflict, Refusal

ANSWER_WORKING_DAYS = 1
"""How long a party has to commit, and to reveal."""

SILENCES = 2
"""After so many silences on one panel the guidance committee names somebody else."""

OFFICE, SUPERVISOR, APPLICANTS = "office", "supervisor", "applicants"

PARTY_NAMES: Mapping[str, str] = {
    OFFICE: "办公室",
    SUPERVISOR: "监督员",
    APPLICANTS: "参评对象代表",
    "review_chair": "审查委员会主任",
    "co_chair": "指导委员会联合主任",
    "guidance": "指导委员会委员",
}
STAND_INS = ("review_chair", "co_chair", "guidance")
"""Who may stand in for a party that was silent twice; a party's key is the role of whoever acts for it."""


class Phase(StrEnum):
    """Where an attempt stands; ``LISTING`` and ``COMMITTED`` wait for the ledger."""

    LISTING = "listing"
    COMMITTING = "committing"
    COMMITTED = "committed"
    REVEALING = "revealing"
    REVEALED = "revealed"
    DRAWN = "drawn"
    VOID = "void"


PHASE_WORDS: Mapping[Phase, str] = {
    Phase.LISTING: "名单正在入账",
    Phase.COMMITTING: "各方提交承诺值",
    Phase.COMMITTED: "承诺值正在入账",
    Phase.REVEALING: "各方公开密值",
    Phase.REVEALED: "密值齐备，正在计算",
    Phase.DRAWN: "已抽取",
    Phase.VOID: "作废",
}
FOLLOWS: Mapping[Phase, Phase] = {Phase.LISTING: Phase.COMMITTING, Phase.COMMITTED: Phase.REVEALING}
ANSWERING = frozenset({Phase.COMMITTING, Phase.REVEALING})


class Stand(BaseModel):
    """How a party stands in the running attempt."""

    model_config = ConfigDict(frozen=True)

    party: str
    committed: bool
    revealed: bool


def require_phase(phase: Phase, wanted: Phase) -> None:
    """Refuse an act that does not fit where the attempt stands."""
    if phase is not wanted:
        raise Conflict("draw_phase", f"本次抽取现处于“{PHASE_WORDS[phase]}”，不能办理此事项。")


def absent(phase: Phase, stands: Iterable[Stand]) -> list[str]:
    """The parties that still have to answer in this phase, in the list's order."""
    if phase not in ANSWERING:
        return []
    return [one.party for one in stands if not (one.committed if phase is Phase.COMMITTING else one.revealed)]


def check_commitment(commitment: str) -> None:
    """Refuse what is no SHA-256 in lower-case hex."""
    if len(commitment) != 64 or any(sign not in "0123456789abcdef" for sign in commitment):
        raise Refusal("bad_commitment", "承诺值应为64位小写十六进制字符。", field="commitment")


def parties_of(silences: Sequence[str], stand_ins: Mapping[str, str], *, with_applicants: bool) -> tuple[Party, ...]:
    """Who takes part in the next attempt, in order: office, supervisor, the applicants' representative if there is one.

    Args:
        silences: the key of a party for each time it was silent on this panel.
        stand_ins: whom the guidance committee named for whom.

    Raises:
        Conflict: a party was silent twice and nobody was named for it.
    """
    keys = [OFFICE, SUPERVISOR, *([APPLICANTS] if with_applicants else [])]
    found = [_standing_in(key, silences, stand_ins) for key in keys]
    return tuple(Party(key=key, name=PARTY_NAMES[key]) for key in found)


def _standing_in(key: str, silences: Sequence[str], stand_ins: Mapping[str, str]) -> str:
    while silences.count(key) >= SILENCES:
        if key not in stand_ins:
            raise Conflict(
                "stand_in_needed",
                f"{PARTY_NAMES[key]}已两次逾期，请指导委员会指定替代方后再固定名单。",
                field="parties",
            )
        key = stand_ins[key]
    return key


def check_stand_in(party: str, by: str, silences: Sequence[str], stand_ins: Mapping[str, str]) -> None:
    """Refuse to replace who was not silent twice, who has a stand-in already, or by somebody already taking part."""
    if silences.count(party) < SILENCES:
        raise Conflict("not_silent", "该方没有两次逾期，不需要指定替代方。", field="party")
    if party in stand_ins:
        raise Conflict("stand_in_named", "该方的替代方已经指定。", field="party")
    if by not in STAND_INS or by in stand_ins.values() or silences.count(by) >= SILENCES:
        raise Refusal("bad_stand_in", "请从尚未参加抽取的人选中指定替代方。", field="by")
