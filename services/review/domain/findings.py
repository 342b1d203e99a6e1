"""Zero conditions and vetoes as facts of a case: what may be raised, what a ruling says, what then holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.dossiers import RuledFinding
from shared.kernel.refusals import Refusal
from shared.rulebook import Category

ZERO, VETO = "zero_condition", "veto"


class FindingState(StrEnum):
    """Raised, ruled on by the chair, confirmed by the office."""

    RAISED = "raised"
    RULED = "ruled"
    CONFIRMED = "confirmed"


STATE_WORDS = {
    FindingState.RAISED: "待主任裁定",
    FindingState.RULED: "已裁定，待办公室确认",
    FindingState.CONFIRMED: "已裁定并确认",
}
KIND_WORDS = {ZERO: "零分情形", VETO: "一票否决"}


@dataclass(frozen=True, slots=True)
class Raisable:
    """A zero condition or veto of the scorecard; ``item``: the line it concerns, None: the case as a whole."""

    kind: str
    rule_id: str
    label: str
    item: str | None
    article: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What upheld findings do to a case: items set to zero, or out of the ranking."""

    zero_conditions: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    ruled: tuple[RuledFinding, ...] = ()


NOTHING = Applied()


def raisable_rules(category: Category, variant: str | None) -> list[Raisable]:
    """Everything the scorecard of this variant lets anybody raise, in printed order."""
    card = category.scorecard
    if card is None:
        return []
    items = {item.id for _, item in card.lines(variant)}
    zeros = [
        Raisable(ZERO, one.id, one.label, one.item, card.attachment)
        for one in card.zero_conditions
        if one.item in items
    ]
    vetoes = [
        Raisable(VETO, one.id, one.label, one.item, one.article)
        for one in card.vetoes
        if one.item is None or one.item in items
    ]
    return zeros + vetoes


def raisable(category: Category, variant: str | None, rule_id: str) -> Raisable:
    """The rule of that id; refused when the card has none."""
    found = next((one for one in raisable_rules(category, variant) if one.rule_id == rule_id), None)
    if found is None:
        raise Refusal("unknown_rule", "计分表中没有这一零分或否决情形。", field="rule_id")
    return found


def require_ruling(article: str, reason: str) -> None:
    """Refuse a ruling without article or reason."""
    if not article.strip():
        raise Refusal("article_needed", "裁定须写明依据的条款。", field="article")
    if not reason.strip():
        raise Refusal("reason_needed", "请说明理由。", field="reason")


def applied_to(upheld: Sequence[tuple[str, str, str]]) -> Applied:
    """What (kind, rule, article) of upheld findings come to."""
    return Applied(
        zero_conditions=tuple(sorted(rule for kind, rule, _ in upheld if kind == ZERO)),
        vetoes=tuple(sorted(rule for kind, rule, _ in upheld if kind == VETO)),
        ruled=tuple(RuledFinding(kind=kind, rule_id=rule, article=article) for kind, rule, article in sorted(upheld)),
    )
