"""Objections: what one must hold, which states follow which, and when an entry is held back."""

import re
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.kernel.refusals import Conflict, FieldProblem, Refusal

LONGEST_TEXT = 4000
_ANONYMOUS = re.compile(r"匿名|不署名|不愿透露|无名|佚名|anonymous", re.IGNORECASE)
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,20}|[A-Za-z][A-Za-z .'-]{2,60}")
_CONTACT = re.compile(r"\+?[\d -]{7,20}|[^@\s]+@[^@\s]+\.[^@\s]+")


class ObjectionState(StrEnum):
    """filed → admitted → upheld or dismissed; filed → inadmissible."""

    FILED = "filed"
    ADMITTED = "admitted"
    INADMISSIBLE = "inadmissible"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


OPEN = frozenset({ObjectionState.FILED, ObjectionState.ADMITTED})

WORDS = {
    ObjectionState.FILED: "已收到，待受理",
    ObjectionState.ADMITTED: "已受理，核查中",
    ObjectionState.INADMISSIBLE: "不予受理",
    ObjectionState.UPHELD: "异议成立",
    ObjectionState.DISMISSED: "异议不成立",
}

_NEXT = {
    ObjectionState.ADMITTED: frozenset({ObjectionState.FILED}),
    ObjectionState.INADMISSIBLE: frozenset({ObjectionState.FILED}),
    ObjectionState.UPHELD: frozenset({ObjectionState.ADMITTED}),
    ObjectionState.DISMISSED: frozenset({ObjectionState.ADMITTED}),
}


class Objector(BaseModel):
    """Who objects, how to reach them, and what they say: kept sealed, opened for the office only."""

    model_config = ConfigDict(frozen=True)

    name: str
    contact: str
    text: str


def require_real_name(objector: Objector, grounds: str) -> None:
    """Refuse an objection without a real name, a contact, grounds or a text; all faults at once."""
    problems = []
    if not _NAME.fullmatch(objector.name.strip()) or _ANONYMOUS.search(objector.name):
        problems.append(FieldProblem("name", "anonymous", "请填写真实姓名：匿名异议不予受理。"))
    if not _CONTACT.fullmatch(objector.contact.strip()):
        problems.append(FieldProblem("contact", "contact", "请填写能联系到您的电话或电子邮箱。"))
    if not grounds.strip():
        problems.append(FieldProblem("grounds", "missing", "请写明异议的依据。"))
    if not 10 <= len(objector.text.strip()) <= LONGEST_TEXT:
        problems.append(FieldProblem("text", "length", f"请写明具体情况，10 至 {LONGEST_TEXT} 字。"))
    if problems:
        first = problems[0]
        raise Refusal(first.code, first.message, field=first.field, problems=problems)


def may_become(state: ObjectionState, wanted: ObjectionState) -> None:
    """Refuse a step that does not follow; a second ruling is a conflict."""
    if state not in OPEN:
        raise Conflict("already_ruled", f"该异议已有结论（{WORDS[state]}），不能再次处理。")
    if state not in _NEXT[wanted]:
        raise Conflict("objection_state", f"该异议目前“{WORDS[state]}”，不能这样处理。")


def require_reason(reason: str) -> str:
    """The reason of a ruling, trimmed; every ruling names one."""
    trimmed = reason.strip()
    if len(trimmed) < 5:
        raise Refusal("reason", "请写明理由（不少于 5 个字），将答复异议人。", field="reason")
    return trimmed
