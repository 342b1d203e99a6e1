"""What must hold across a rulebook: points add up, citations exist, facts are on the form, stages lead to release."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from pydantic import BaseModel

from shared.kernel.canonical import plain_decimal
from shared.rulebook.aggregation import TrimmedMean
from shared.rulebook.conditions import Condition
from shared.rulebook.forms import value_fault
from shared.rulebook.models import Category, Rulebook
from shared.rulebook.scoring.card import Group, Scorecard
from shared.rulebook.scoring.rule import ZERO
from shared.rulebook.stages import SCORING_STAGES, DecisionStage, PanelReviewStage, PublicityStage, StageKind, terms_of

Path = tuple[str | int, ...]
Fault = tuple[Path, str]

_ORDER = [
    {StageKind.CALL},
    {StageKind.APPLICATION_WINDOW, StageKind.INTAKE, StageKind.NOMINATION},
    {StageKind.SCREENING},
    {StageKind.PUBLIC_VOTE},
    set(SCORING_STAGES),
    {StageKind.DECISION},
    {StageKind.CONSULTATION},
    {StageKind.PUBLICITY},
    {StageKind.RELEASE},
]
_PLACE = {kind: place for place, kinds in enumerate(_ORDER) for kind in kinds}


def find_faults(rulebook: Rulebook) -> list[Fault]:
    """Every fault, with the path of the part at fault and a Chinese sentence."""
    return list(_faults(rulebook))


def _faults(rulebook: Rulebook) -> Iterator[Fault]:
    yield from _repeated(("articles",), "条款", (article.number for article in rulebook.articles))
    yield from _repeated(("settings",), "设定", (setting.id for setting in rulebook.settings))
    yield from _repeated(("categories",), "发布项目", (category.key for category in rulebook.categories))
    yield from _ambiguous_numbers(rulebook)
    yield from _citations(rulebook)
    for place, category in enumerate(rulebook.categories):
        for path, message in _category_faults(category):
            yield ("categories", place, *path), message
    yield from _consistency_faults(rulebook)


def _ambiguous_numbers(rulebook: Rulebook) -> Iterator[Fault]:
    """Numbers of cases are unique in a cycle: no two categories may begin theirs alike."""
    first: dict[str, str] = {}
    for place, category in enumerate(rulebook.categories):
        other = first.setdefault(category.initials, category.key)
        if other != category.key:
            sentence = f"“{other}”与“{category.key}”的案号都以 {category.initials} 开头，无法区分，须换一个标识。"
            yield ("categories", place, "key"), sentence


def _consistency_faults(rulebook: Rulebook) -> Iterator[Fault]:
    declared = rulebook.consistency
    if declared is None:
        if rulebook.report_tables:
            yield ("report_tables",), "报告的表取自 consistency 中声明的表，须先声明。"
        return
    if declared.category not in {category.key for category in rulebook.categories}:
        yield ("consistency", "category"), f"没有发布项目“{declared.category}”。"
    for path, message in declared.faults():
        yield ("consistency", *path), message
    tables, series = {one.id for one in declared.tables}, {one.id for one in declared.series}
    for place, layout in enumerate(rulebook.report_tables):
        for name in sorted({*layout.tables()} - tables | {*layout.series()} - series):
            yield ("report_tables", place), f"没有声明表或数列“{name}”。"


def _repeated(path: Path, what: str, ids: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield path, f"{what}“{name}”重复。"


def _citations(rulebook: Rulebook) -> Iterator[Fault]:
    """Every article and setting named anywhere exists."""
    articles = {article.number for article in rulebook.articles}
    settings = {setting.id for setting in rulebook.settings}
    for path, key, value in _walk(rulebook, ()):
        if key in ("article", "attachment") and value not in articles:
            yield path, f"引用的条款“{value}”不在条款表中。"
        if key == "setting" and value is not None and value not in settings:
            yield path, f"引用的设定“{value}”不存在。"


def _walk(part: object, path: Path) -> Iterator[tuple[Path, str, object]]:
    if isinstance(part, tuple):
        for place, each in enumerate(part):
            yield from _walk(each, (*path, place))
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            value = getattr(part, name)
            yield (*path, name), name, value
            yield from _walk(value, (*path, name))


_NEEDS = {
    StageKind.SCREENING: _ORDER[1],
    StageKind.PUBLIC_VOTE: _ORDER[1],
    StageKind.DECISION: _ORDER[4],
    StageKind.CONSULTATION: _ORDER[5],
    StageKind.PUBLICITY: _ORDER[5],
}


def _category_faults(category: Category) -> Iterator[Fault]:
    yield from _variant_faults(category)
    yield from _repeated(("facts",), "表中事实", (fact.id for fact in category.facts))
    yield from _repeated(("checklist",), "初审要点", (point.id for point in category.checklist))
    if category.checklist and category.stage(StageKind.SCREENING) is None:
        yield ("checklist",), "没有初审阶段的项目不写初审要点。"
    yield from _form_faults(category)
    yield from _use_faults(category)
    yield from _quota_faults(category)
    yield from _stage_faults(category)
    if category.scorecard is not None:
        for path, message in _card_faults(category, category.scorecard):
            yield ("scorecard", *path), message


def _form_faults(category: Category) -> Iterator[Fault]:
    for place, fact in enumerate(category.facts):
        if (fact.type == "enum") != bool(fact.allowed):
            yield ("facts", place), f"事实“{fact.id}”：选择项须列出选项，且只有选择项才有选项。"
    for place, rule in enumerate(category.eligibility):
        if (rule.effect == "by_hand") == (rule.condition is not None):
            yield ("eligibility", place), "人工认定的条件不写 condition，其他的必须写。"
        if rule.condition is not None:
            yield from ((("eligibility", place), message) for message in _condition_text(category, rule.condition))


def _use_faults(category: Category) -> Iterator[Fault]:
    """A fact is shown beside an item that exists."""
    card = category.scorecard
    items = {item.id for group in card.groups for item in group.items} if card else set()
    for place, fact in enumerate(category.facts):
        yield from ((("facts", place), f"没有计分项“{item}”。") for item in fact.used_by if item not in items)


def _condition_text(category: Category, condition: Condition) -> Iterator[str]:
    """What the condition looks at is on the form, and can have the value it is compared with."""
    for part in condition.tests():
        fact = category.fact(part.fact or "")
        if fact is None:
            yield f"用到的事实“{part.fact}”不在表中。"
        elif part.test in ("equals", "not_equals", "one_of"):
            values = part.value if isinstance(part.value, tuple) else (part.value,)
            yield from (f"“{fact.label}”不会是“{value}”。" for value in values if value_fault(fact, value) is not None)
        elif (part.test in ("at_least", "at_most")) != isinstance(part.value, Decimal):
            yield f"“{fact.label}”须与一个数比较。"


def _variant_faults(category: Category) -> Iterator[Fault]:
    """Whatever is said of a variant is said of one that exists."""
    known = {variant.id for variant in category.variants}
    named: list[tuple[Path, tuple[str, ...]]] = [
        *((("facts", place), fact.required_for) for place, fact in enumerate(category.facts)),
        *((("evidence", place), kind.variants) for place, kind in enumerate(category.evidence)),
        (("split",), tuple(share.variant for share in category.split.shares) if category.split else ()),
    ]
    for path, variants in named:
        yield from ((path, f"没有类型“{variant}”。") for variant in variants if variant not in known)


def _quota_faults(category: Category) -> Iterator[Fault]:
    quota, split = category.quota, category.split
    if (quota.kind == "fixed") != (quota.count is not None):
        yield ("quota",), "固定名额须有数量，不设名额则不写数量。"
    if quota.kind == "fixed" and not category.tie_breaks and category.tie is None:
        yield ("quota",), "有名额须写明同分时如何排序，或写 tie: committee, not printed。"
    if category.tie_breaks and category.tie is not None:
        yield ("tie",), "已有印定的同分规则，不能再写 tie。"
    if split is not None and sum(share.count for share in split.shares) != quota.count:
        yield ("split",), "分配之和不等于名额。"
    for place, tie in enumerate(category.tie_breaks):
        if category.fact(tie.fact) is None:
            yield ("tie_breaks", place), f"用到的事实“{tie.fact}”不在表中。"


def _stage_faults(category: Category) -> Iterator[Fault]:
    kinds = [stage.kind for stage in category.stages]
    yield from _repeated(("stages",), "阶段", kinds)
    if kinds[-1] is not StageKind.RELEASE:
        yield ("stages", len(kinds) - 1), "最后一个阶段须为发布（release），否则此路不通。"
    if not _ORDER[1] & set(kinds):
        yield ("stages",), "没有申报、提名或取数阶段，后面的阶段无案可办。"
    for place in range(1, len(kinds)):
        if _PLACE[kinds[place]] <= _PLACE[kinds[place - 1]]:
            yield ("stages", place), f"阶段 {kinds[place]} 走不到：不能排在 {kinds[place - 1]} 之后。"
    if not category.application_form and StageKind.APPLICATION_WINDOW in kinds:
        yield ("stages",), "本项目不填申报表，不应有申报阶段。"
    for place, kind in enumerate(kinds):
        needed = _needed_before(category, kind)
        if needed and not needed & set(kinds[:place]):
            before = "或".join(sorted(needed))
            yield ("stages", place), f"阶段 {kind} 走不到：之前没有 {before}，无案可办。"
    yield from _stage_card_faults(category, set(kinds))
    yield from _decision_faults(category)
    for place, stage in enumerate(category.stages):
        for message in _parameter_faults(stage):
            yield ("stages", place, "params"), message


def _needed_before(category: Category, kind: StageKind) -> set[StageKind]:
    """The stages of which one goes before; where each case is decided by itself it need not be scored or ranked."""
    if kind is StageKind.DECISION and category.case_outcomes:
        return _ORDER[1] | _ORDER[4]
    return _NEEDS.get(kind, set())


def _stage_card_faults(category: Category, kinds: set[StageKind]) -> Iterator[Fault]:
    scored = kinds & {StageKind.PANEL_REVIEW, StageKind.EVALUATION}
    if scored and category.scorecard is None:
        yield ("stages",), "有审查或评价阶段，但没有计分表。"
    if category.scorecard is not None and not scored:
        yield ("scorecard",), "有计分表，但没有用它的阶段。"


def _decision_faults(category: Category) -> Iterator[Fault]:
    """Outcomes belong to a decision case by case, and one of them is favourable."""
    for place, stage in enumerate(category.stages):
        if not isinstance(stage, DecisionStage):
            continue
        path: Path = ("stages", place, "params", "outcomes")
        outcomes, by_case = stage.params.outcomes, stage.params.decides == "recommendation"
        if outcomes and not by_case:
            yield path, "只有逐案提出意见（decides: recommendation）才写结论。"
        if outcomes and not any(outcome.favourable for outcome in outcomes):
            yield path, "结论中须有一项是通过的（favourable: true）。"
        yield from _repeated(path, "结论", (outcome.id for outcome in outcomes))


def _parameter_faults(stage: object) -> Iterator[str]:
    for term in terms_of(stage):
        if term.minimum is not None and term.length < term.minimum:
            yield f"期限{term.words()}短于规定的下限{term.minimum}。"
    if isinstance(stage, PublicityStage) and stage.params.term.minimum is None:
        yield "公示期限须写明规定的下限（minimum）。"
    if isinstance(stage, PanelReviewStage):
        yield from _panel_faults(stage)


def _panel_faults(stage: PanelReviewStage) -> Iterator[str]:
    params = stage.params
    if sum(pool.min for pool in params.pools) > params.min_experts:
        yield "各库最少人数之和超过专家组人数。"
    if params.quorum > params.min_experts:
        yield "有效评分表份数超过专家组人数。"
    if isinstance(params.aggregate, TrimmedMean):
        left_out = params.aggregate.highest + params.aggregate.lowest
        if not left_out:
            yield "去掉的最高分、最低分都是0个，应写 aggregate: mean。"
        if params.aggregate.min_sheets <= left_out:
            yield "去掉最高分、最低分以后没有剩下的评分表，min_sheets 须大于去掉的份数。"
        if params.aggregate.min_sheets > params.min_experts:
            yield "min_sheets 超过专家组人数，最高分、最低分永远不会去掉。"


def _card_faults(category: Category, card: Scorecard) -> Iterator[Fault]:
    if sum((group.points for group in card.groups), ZERO) != card.total:
        yield ("groups",), f"各组分值之和不等于总分{plain_decimal(card.total)}。"
    variants: tuple[str | None, ...] = tuple(variant.id for variant in card.variants) or (None,)
    yield from _repeated(("groups",), "一级指标", (group.id for group in card.groups))
    for place, group in enumerate(card.groups):
        for message in _group_faults(group, variants):
            yield ("groups", place), message
    for variant in variants:
        yield from _repeated(("groups",), "计分项", (item.id for _, item in card.lines(variant)))
    yield from _item_faults(category, card, variants)
    yield from _condition_faults(card)
    yield from _option_faults(card)


def _option_faults(card: Scorecard) -> Iterator[Fault]:
    options = {option.id: option for option in card.options}
    for place, option in enumerate(card.options):
        if option.default not in option.allowed:
            yield ("options", place), f"默认读法“{option.default}”不在允许的读法中。"
    for place, group in enumerate(card.groups):
        for line, item in enumerate(group.items):
            for name, reading in item.rule.readings():
                if name not in options or reading not in options[name].allowed:
                    yield ("groups", place, "items", line), f"“{item.name}”依据的读法“{name}: {reading}”不存在。"


def _group_faults(group: Group, variants: tuple[str | None, ...]) -> Iterator[str]:
    for item in group.items:
        if unknown := set(item.variants) - set(variants):
            yield f"计分项“{item.id}”的类型{sorted(map(str, unknown))}不在计分表中。"
        if group.mode == "any_of" and item.points != group.points:
            yield f"“{group.name}”为择一组，各项分值须等于组的分值。"
    if group.mode == "any_of" or group.points_note is not None:
        return
    for variant in variants:
        points = sum((item.points for item in group.items_for(variant)), Decimal(0))
        if points != group.points:
            printed = plain_decimal(group.points)
            yield f"“{group.name}”各项相加为{plain_decimal(points)}，印定{printed}；不符须写明原因（points_note）。"


def _item_faults(category: Category, card: Scorecard, variants: tuple[str | None, ...]) -> Iterator[Fault]:
    for place, group in enumerate(card.groups):
        for line, item in enumerate(group.items):
            path: Path = ("groups", place, "items", line)
            for message in item.rule.faults(item.points):
                yield (*path, "rule"), f"“{item.name}”{message}。"
            for variant in item.variants or variants:
                yield from ((path, message) for message in _fact_faults(category, item.rule.fact_ids(), variant))
            for condition in item.rule.conditions():
                yield from (((*path, "rule"), message) for message in _condition_text(category, condition))


def _fact_faults(category: Category, fact_ids: Iterable[str], variant: str | None) -> Iterator[str]:
    for fact_id in fact_ids:
        fact = category.fact(fact_id)
        if fact is None:
            yield f"用到的事实“{fact_id}”不在表中。"
        elif fact.role != "score" or not fact.required_in(variant):
            yield f"计分用到的事实“{fact_id}”须为必填的计分事实。"


def _condition_faults(card: Scorecard) -> Iterator[Fault]:
    judged = {item.id: item.rule.judged for group in card.groups for item in group.items}
    yield from _repeated(("zero_conditions",), "零分情形", (zero.id for zero in card.zero_conditions))
    yield from _repeated(("vetoes",), "否决情形", (veto.id for veto in card.vetoes))
    for place, zero in enumerate(card.zero_conditions):
        if not judged.get(zero.item, False):
            yield ("zero_conditions", place), f"零分情形的计分项“{zero.item}”不存在，或不由专家赋分。"
    for place, veto in enumerate(card.vetoes):
        if veto.item is not None and veto.item not in judged:
            yield ("vetoes", place), f"否决情形的计分项“{veto.item}”不存在。"
