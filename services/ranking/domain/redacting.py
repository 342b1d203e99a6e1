"""A kept minute for somebody who stands aside from cases in it: the rest of it, without a trace of those."""

import re
from collections.abc import Collection, Mapping
from typing import Any

OMITTED = "（涉及本人回避的事项，略）"
NOTE = "本件是会议纪要的节本，不含收件人回避的事项；所印摘要是会议纪要原件的摘要。"
_RANK = re.compile(r"第\d+名(（同分）)?，")
_COUNTS = re.compile(r"参加排序\d+案，决定入围\d+案。")


def redacted(content: Mapping[str, Any], numbers: Collection[str], names: Collection[str]) -> dict[str, Any] | None:
    """The minute without these cases, ranks and counts among them; None where nothing of its decisions is left.

    Args:
        content: a minute's record, as it is kept under its digest.
        numbers: of the cases from which the reader stands aside. ``names``: whom or what they are about.
    """
    decisions = [one for one in content["decisions"] if one["subject"].split(" ", 1)[0] not in numbers]
    if not decisions:
        return None
    chosen = sum(one["outcome"] == "入围" for one in decisions)
    counts = f"参加排序{len(decisions)}案，决定入围{chosen}案。"

    def told(text: str) -> str:
        return OMITTED if any(word in text for word in (*numbers, *names)) else text

    return {
        **content,
        "heading": f"{content['heading']}（节本）",
        "paragraphs": [*(counts if _COUNTS.fullmatch(one) else told(one) for one in content["paragraphs"]), NOTE],
        "decisions": [{**one, "reason": told(_RANK.sub("", one["reason"], count=1))} for one in decisions],
        "recused": [one for one in content["recused"] if "回避 —：" not in one and told(one) == one],
    }
