"""Public votes: what a vote must be, and how counts are taken."""

from collections import Counter
from collections.abc import Collection, Sequence

from shared.kernel.refusals import Refusal

TOKENS_PER_ADDRESS = 5
TOKEN_WINDOW_MINUTES = 10
LIMIT_TEXT = f"同一网络地址每 {TOKEN_WINDOW_MINUTES} 分钟最多领取 {TOKENS_PER_ADDRESS} 张选票。"


class TooManyTokens(Refusal):
    """One address asked for too many voting tokens in the window."""

    status = 429

    def __init__(self) -> None:
        super().__init__("too_many_tokens", f"{LIMIT_TEXT}请稍后再试。")


def check_choices(choices: Sequence[str], candidates: Collection[str], most: int) -> tuple[str, ...]:
    """The choices of a vote in order; refuses none, too many, repeated and unknown ones."""
    if not choices:
        raise Refusal("no_choice", "请至少选择一项。", field="choices")
    if len(choices) > most:
        raise Refusal("too_many_choices", f"最多选择 {most} 项，您选择了 {len(choices)} 项。", field="choices")
    if len(set(choices)) != len(choices):
        raise Refusal("repeated_choice", "同一候选对象只能选择一次。", field="choices")
    if unknown := set(choices) - set(candidates):
        raise Refusal("unknown_choice", f"没有这个候选对象：{sorted(unknown)[0]}。", field="choices")
    return tuple(sorted(choices))


def count(votes: Sequence[Sequence[str]], candidates: Collection[str]) -> dict[str, int]:
    """How many votes each candidate has, those without any included."""
    counted = Counter(choice for vote in votes for choice in vote)
    return {candidate: counted[candidate] for candidate in sorted(candidates)}
