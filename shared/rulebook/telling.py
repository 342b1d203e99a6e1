"""A rulebook as lines for people, to be read beside the printed text."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.kernel.canonical import plain_decimal
from shared.rulebook.aggregation import TrimmedMean
from shared.rulebook.models import Category, Fact, Rulebook
from shared.rulebook.scoring.card import Group, Scorecard
from shared.rulebook.scoring.rule import points_text
from shared.rulebook.stages import Outcome, PanelReviewStage, Stage, terms_of


def tell_rulebook(book: Rulebook) -> Iterator[str]:
    """Title, categories, and every open reading."""
    yield f"{book.title}（{book.id}）"
    yield f"{book.issuer}，{book.version} 版，{book.effective_date.isoformat()} 起施行；摘要 {book.digest}"
    yield ""
    yield "发布项目："
    for category in book.categories:
        stages = " → ".join(stage.title for stage in category.stages)
        yield f"  {category.key}  {category.name}（{category.article}），{_quota(category)}：{stages}"
    yield ""
    yield "条文未印明、系统所取的读法："
    for setting in book.settings:
        state = f"{setting.confirmed.minute} 确认" if setting.confirmed else "未确认"
        yield f"  {setting.article} {setting.question} → {setting.chosen}（{setting.why}；{state}）"


def tell_category(category: Category) -> Iterator[str]:
    """Who may enter, the form, the scorecard as printed, quota and stages."""
    yield f"{category.name}（{category.key}，{category.article}），{_quota(category)}"
    yield from _told("参评范围", category.who_may_enter)
    yield from _told("参评条件", (f"{rule.label}（{rule.article}）" for rule in category.eligibility))
    yield from _told("申报表", map(_fact, category.facts))
    yield from _told("证明材料", (f"{kind.label}{'（必交）' if kind.required else ''}" for kind in category.evidence))
    yield from _told("初审要点", (f"{point.label}（{point.article}）" for point in category.checklist))
    if category.scorecard is not None:
        yield from _card(category.scorecard)
    yield from _told("阶段", map(_stage, category.stages))
    yield from _told("结论", map(_outcome, category.case_outcomes.values()))


def _told(what: str, lines: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    told = [f"  {line}" for line in lines]
    if told:
        yield f"{what}："
        yield from told


def _quota(category: Category) -> str:
    quota = category.quota
    if quota.count is None:
        return f"不设名额（{quota.article}）"
    labels = {variant.id: variant.name for variant in category.variants}
    shares = category.split.shares if category.split else ()
    split = "、".join(f"{labels[share.variant]}{share.count}{quota.unit}" for share in shares)
    ties = "、".join(f"同分按{_label(category, tie.fact)}（{tie.article}）" for tie in category.tie_breaks)
    return (
        f"{quota.count}{quota.unit}（{quota.article}）" + f"，{split}" * bool(split) + f"，{ties or '同分由委员会决定'}"
    )


def _label(category: Category, fact_id: str) -> str:
    fact = category.fact(fact_id)
    return fact_id if fact is None else fact.label


def tell_fact(fact: Fact) -> str:
    """A field of the form: label, unit, whether it must be filled in, its choices."""
    choices = f"：{'、'.join(choice.label for choice in fact.allowed)}" if fact.allowed else ""
    unit = f"（{fact.unit}）" if fact.unit else ""
    return f"{fact.label}{unit}{'，必填' if fact.required else ''}{choices}"


def _fact(fact: Fact) -> str:
    return f"{fact.id}  {tell_fact(fact)}"


def _card(card: Scorecard) -> Iterator[str]:
    yield f"{card.title}（{card.attachment}），满分 {points_text(card.total)}"
    for group in tell_groups(card):
        yield f"  {group.heading}"
        for item, lines in group.items:
            yield f"    {item}"
            yield from (f"      {line}" for line in lines)
    yield from _told("零分情形", (f"{zero.label} → {zero.item}" for zero in card.zero_conditions))
    yield from _told("一票否决", (f"{veto.label}（{veto.article}）" for veto in card.vetoes))


class GroupTold(NamedTuple):
    """A group of a scorecard in words: its heading, and each item with the lines printed beneath it."""

    heading: str
    items: tuple[tuple[str, tuple[str, ...]], ...]


def tell_groups(card: Scorecard) -> Iterator[GroupTold]:
    """The groups of a scorecard as they are printed."""
    names = {variant.id: variant.name for variant in card.variants}
    return (_group(group, names) for group in card.groups)


def _group(group: Group, names: dict[str, str]) -> GroupTold:
    how = {"sum": "各项相加", "any_of": "择一，取最高", "variant": "按类型"}[group.mode]
    note = f"；{group.points_note}" if group.points_note else ""
    items = []
    for item in group.items:
        variants = f"（{'、'.join(names[variant] for variant in item.variants)}）" if item.variants else ""
        heading = f"{item.name}{variants} {plain_decimal(item.points)} 分"
        items.append((heading, tuple(item.rule.printed_lines(item.points))))
    return GroupTold(f"{group.name} {points_text(group.points)}（{how}{note}）", tuple(items))


def _outcome(outcome: Outcome) -> str:
    return f"{outcome.label}{'（须写明理由）' if outcome.reason_required else ''}"


def _stage(stage: Stage) -> str:
    terms = "、".join(term.words() for term in terms_of(stage))
    rule = stage.params.aggregate if isinstance(stage, PanelReviewStage) else None
    score = f"；{rule.words()}" if isinstance(rule, TrimmedMean) else ""
    return f"{stage.title}（{stage.article}）{f'：{terms}' if terms else ''}{score}"
