"""The states of a case and what may follow what."""

from enum import StrEnum

from shared.kernel.refusals import Conflict


class CaseState(StrEnum):
    """draft → accepted ⇄ rectifying → passed, rejected, lapsed; disqualified, withdrawn, ended from almost anywhere."""

    DRAFT = "draft"
    ACCEPTED = "accepted"
    RECTIFYING = "rectifying"
    PASSED = "passed"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    DISQUALIFIED = "disqualified"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class CaseEvent(StrEnum):
    """What may happen to a case."""

    SUBMIT = "submit"
    ASK = "ask"
    RESUBMIT = "resubmit"
    PASS = "pass"  # noqa: S105 - an outcome, no password
    REJECT = "reject"
    LAPSE = "lapse"
    DISQUALIFY = "disqualify"
    WITHDRAW = "withdraw"
    END = "end"
    REINSTATE = "reinstate"
    RESTORE = "restore"


UNDECIDED = frozenset({CaseState.ACCEPTED, CaseState.RECTIFYING})
LIVING = frozenset({CaseState.DRAFT, CaseState.PASSED}) | UNDECIDED
FALLEN = frozenset(CaseState) - LIVING

WORDS = {
    CaseState.DRAFT: "草稿",
    CaseState.ACCEPTED: "已受理，待初审",
    CaseState.RECTIFYING: "限期整改中",
    CaseState.PASSED: "初审通过",
    CaseState.REJECTED: "初审不通过",
    CaseState.LAPSED: "逾期未整改",
    CaseState.DISQUALIFIED: "已取消资格",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.ENDED: "项目终止",
}

_MOVES: dict[CaseEvent, dict[CaseState, CaseState]] = {
    CaseEvent.SUBMIT: {CaseState.DRAFT: CaseState.ACCEPTED},
    CaseEvent.ASK: {CaseState.ACCEPTED: CaseState.RECTIFYING},
    CaseEvent.RESUBMIT: {CaseState.RECTIFYING: CaseState.ACCEPTED},
    CaseEvent.PASS: {CaseState.ACCEPTED: CaseState.PASSED},
    CaseEvent.REJECT: {CaseState.ACCEPTED: CaseState.REJECTED},
    CaseEvent.LAPSE: {CaseState.RECTIFYING: CaseState.LAPSED},
    CaseEvent.DISQUALIFY: dict.fromkeys(UNDECIDED | {CaseState.PASSED}, CaseState.DISQUALIFIED),
    CaseEvent.WITHDRAW: dict.fromkeys(LIVING, CaseState.WITHDRAWN),
    CaseEvent.END: dict.fromkeys(LIVING, CaseState.ENDED),
    # A disqualification is taken back: a case that had passed goes on, one not decided returns to the screener.
    CaseEvent.REINSTATE: {CaseState.DISQUALIFIED: CaseState.PASSED},
    CaseEvent.RESTORE: {CaseState.DISQUALIFIED: CaseState.ACCEPTED},
}


def after(state: CaseState, event: CaseEvent) -> CaseState:
    """The state that follows.

    Raises:
        Conflict: ``already_decided`` when screening has decided, otherwise ``case_state``.
    """
    following = _MOVES[event].get(state)
    if following is not None:
        return following
    if event in (CaseEvent.PASS, CaseEvent.REJECT, CaseEvent.ASK) and state not in (*UNDECIDED, CaseState.DRAFT):
        raise Conflict("already_decided", f"此案已有结论（{WORDS[state]}），不能再次作出决定。")
    raise Conflict("case_state", f"此案现为“{WORDS[state]}”，不能办理此事项。")


def require_version(version: int, expected: int) -> None:
    """Refuse a decision on a case that has changed since the person read it."""
    if version != expected:
        raise Conflict("stale_version", "此案刚刚有了变化，请刷新后再作决定。", field="expected_version")


def who_must_act(state: CaseState) -> str | None:
    """Whose turn it is: ``enterprise``, ``office`` or nobody's in this service."""
    return {
        CaseState.DRAFT: "enterprise",
        CaseState.RECTIFYING: "enterprise",
        CaseState.ACCEPTED: "office",
    }.get(state)


_NEXT_IN_PUBLIC = {
    "publicity": "名单已公示，公示期满、没有未结异议后发布。",
    "release": "名单已经发布，是否列入以发布的名单为准。",
}
_NEXT = {
    CaseState.DRAFT: "填写完整并在截止前提交，提交后立即给出回执。",
    CaseState.ACCEPTED: "等待办公室初审，结果会通知您。",
    CaseState.RECTIFYING: "请在期限内更正所列各项并重新提交；逾期未整改的，不再进入下一阶段。",
    CaseState.PASSED: "已移交下一阶段，按阶段进度办理。",
    CaseState.REJECTED: "本案到此结束。",
    CaseState.LAPSED: "本案到此结束。",
    CaseState.DISQUALIFIED: "本案到此结束。",
    CaseState.WITHDRAWN: "本案已由申报单位撤回。",
    CaseState.ENDED: "本项目已终止，材料予以保存。",
}


def next_step(state: CaseState, public: str | None = None) -> str:
    """What happens next, in one sentence; ``public``: the kind of the stage that has the list before everybody now."""
    return _NEXT_IN_PUBLIC.get(public or "", _NEXT[state]) if state is CaseState.PASSED else _NEXT[state]


def case_number(initials: str, year: int, place: int) -> str:
    """The number on the receipt, such as ``NQ-2025-001``: initials of the category, the award year, the place."""
    return f"{initials}-{year}-{place:03d}"
