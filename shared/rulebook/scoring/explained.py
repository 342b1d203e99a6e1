"""How an item came to its points: as JSON of the exchange format, and as a line for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.rulebook.figures import Json
from shared.rulebook.metrics import REASONS, NotComputable
from shared.rulebook.scoring.card import Group, Scorecard
from shared.rulebook.scoring.rule import Case, Item, Scored, points_text


@dataclass(frozen=True, slots=True)
class Explanation:
    """The path of one item: figures read, what was applied, points. Words are only put together when asked for."""

    card: Scorecard
    group: Group
    item: Item
    case: Case
    scored: Scored

    @property
    def rule(self) -> str:
        """The kind of the rule."""
        return self.item.rule.kind

    @property
    def article_or_attachment(self) -> str:
        """Where the rule is printed."""
        return self.card.attachment

    @property
    def inputs(self) -> Mapping[str, Json]:
        """The facts read, or the judgement."""
        return self.scored.inputs

    @property
    def applied(self) -> Mapping[str, Json]:
        """The band, shortfall, rank or outcome applied."""
        return self.scored.applied

    @property
    def item_name(self) -> str:
        """The item as printed."""
        return self.item.name

    @property
    def group_name(self) -> str:
        """Its group as printed."""
        return self.group.name

    @property
    def words(self) -> str:
        """What was applied, for people, such as ``6.43% → 5%及以上``."""
        if "zero_condition" in self.applied:
            return f"{self.card.zero_label(str(self.applied['zero_condition']))}，本项计0分"
        if "claimed" in self.applied:
            return "未申报此项"
        if "not_computable" in self.applied:
            reason = REASONS[NotComputable(str(self.applied["not_computable"]))]
            open_still = self.applied["override"] is None
            return f"无法计算（{reason}），{'待人工认定，暂计0分' if open_still else '人工认定'}"
        return self.item.rule.words(self.case, self.scored)

    @property
    def sentence(self) -> str:
        """The whole path on one line: ``研发经费占比 6.43% → 5%及以上 → 10 分（附件三，创新与研发能力）``."""
        points = points_text(self.scored.points)
        return f"{self.item.name} {self.words} → {points}（{self.card.attachment}，{self.group.name}）"

    def as_json(self) -> dict[str, Json]:
        """The explanation in the exchange format."""
        return {
            "rule": self.item.rule.kind,
            "article_or_attachment": self.card.attachment,
            "inputs": self.scored.inputs,
            "applied": self.scored.applied,
        }
