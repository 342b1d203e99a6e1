"""The path from figure to points for people and pages: what was read, what was applied, what it gave."""

from dataclasses import asdict, dataclass
from typing import Any

from shared.kernel.canonical import plain_decimal
from shared.rulebook.figures import Figure
from shared.rulebook.models import Category, Fact
from shared.rulebook.scoring.explained import Explanation
from shared.rulebook.scoring.score import CaseResult


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure of the form that a rule read: its printed label, and its value with unit."""

    fact: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One item: the figures read, what was applied to them, the points out of how many; ``sentence`` says it all."""

    item: str
    name: str
    group: str
    article_or_attachment: str
    rule: str
    readings: tuple[Reading, ...]
    words: str
    points: str
    full: str
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """The step as JSON object."""
        return asdict(self)


def steps(category: Category, result: CaseResult) -> list[Step]:
    """The path of every item, in card order."""
    return [_step(category, item, said) for item, said in result.explanations.items()]


def _step(category: Category, item: str, said: Explanation) -> Step:
    return Step(
        item=item,
        name=said.item_name,
        group=said.group_name,
        article_or_attachment=said.article_or_attachment,
        rule=said.rule,
        readings=tuple(
            Reading(fact.id, fact.label, value_words(fact, said.case.facts.get(fact.id)))
            for fact in map(category.fact, said.inputs)
            if fact is not None
        ),
        words=said.words,
        points=plain_decimal(said.scored.points),
        full=plain_decimal(said.item.points),
        sentence=said.sentence,
    )


def value_words(fact: Fact, value: Figure) -> str:
    """A figure for people: number with unit, yes or no, the printed wording of a choice."""
    labels = {choice.value: choice.label for choice in fact.allowed}
    match value:
        case None | ():
            return "无"
        case bool():
            return "是" if value else "否"
        case tuple():
            return "、".join(labels.get(part, part) for part in value)
        case str():
            return labels.get(value, value)
    return f"{plain_decimal(value)}{fact.unit or ''}"
