"""How a stage stands, in a word."""

from collections.abc import Mapping
from typing import Any

from shared.web.parts import Badge, Tone

KINDS = {"evaluation": "绩效评分", "decision": "研究决定", "consultation": "意见征询"}
_WAITS = {"office": "等待办公室", "co_chair": "等待指导委员会主任", "department": "等待部门答复"}
_STATES = {"open": "进行中", "paused": "已暂停", "closed": "已结束", "cancelled": "已终止"}
STRUCK = {"withdrawn": "已退出", "disqualified": "已取消资格", "fallen": "已不在列"}


def state_of(head: Mapping[str, Any]) -> Badge:
    """A stage's state in a word; who is waited for comes first."""
    if head["stuck"]:
        return Badge(text="待处理", tone=Tone.BAD)
    if head["state"] == "open" and head["waits_for"]:
        return Badge(text=_WAITS.get(head["waits_for"], "等待办理"), tone=Tone.WORKING)
    tone = {"open": Tone.WORKING, "closed": Tone.GOOD, "paused": Tone.WARNING}.get(head["state"], Tone.NEUTRAL)
    return Badge(text=_STATES[head["state"]], tone=tone)
