"""The kinds of import. A row is taken over by the same act that a person would do: nothing is checked twice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.submission.actions import intake, targets
from services.submission.actions.filing import enter_figures
from services.submission.actions.intake import IntakeRow
from services.submission.actions.paper import open_paper
from services.submission.actions.rules import category_of
from shared.contracts.subjects import Subject
from shared.infra.database import Tx
from shared.infra.form_workbooks import raw_value
from shared.infra.stages import stage_row
from shared.infra.tables import Stage
from shared.infra.workbook_rows import SheetColumn
from shared.kernel.credit_code import check_credit_code
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal
from shared.rulebook import Category, Fact
from shared.web.importing.acts import ImportKind, Prepared, Values

TakeOver = Callable[[Tx, Stage, Category, Values, str], Awaitable[UUID]]

_NAME = SheetColumn("name", "名称", required=True)
_CODE = SheetColumn("credit_code", "统一社会信用代码", required=True)
_PLACE = (
    SheetColumn("industry", "行业"),
    SheetColumn("district", "所在区市"),
    SheetColumn("ownership", "所有制"),
)
_LONGEST = 200


def _column(fact: Fact) -> SheetColumn:
    options = ("是", "否") if fact.type == "boolean" else tuple(choice.label for choice in fact.allowed)
    heading = f"{fact.label}（{fact.unit}）" if fact.unit else fact.label
    return SheetColumn(fact.id, heading, options=() if fact.multiple else options)


def _variants(category: Category) -> tuple[SheetColumn, ...]:
    names = tuple(variant.name for variant in category.variants)
    return (SheetColumn("variant", "类别", required=True, options=names),) if names else ()


def _figures(category: Category, party: str, values: Values) -> dict[str, object]:
    """The facts of a row as a form would send them."""
    own = [fact for fact in category.facts if fact.filled_by == party and fact.id in values]
    return {fact.id: raw_value(fact, values[fact.id]) for fact in own}


def _text(values: Values, name: str) -> str | None:
    """A text cell; a number that a spreadsheet made of it is written out again."""
    value = values.get(name)
    text = None if value is None else str(value).strip()
    if text is not None and len(text) > _LONGEST:
        raise Refusal("too_long", f"不得超过 {_LONGEST} 字。", field=name)
    return text or None


def _variant(category: Category, values: Values) -> str | None:
    given = _text(values, "variant")
    return {variant.name: variant.id for variant in category.variants}.get(given or "", given)


def _subject(values: Values) -> Subject:
    texts = {name: _text(values, name) for name in ("credit_code", "industry", "district", "ownership")}
    return Subject(name=_text(values, "name") or "", **texts)


def _day(values: Values, name: str) -> date:
    value = values.get(name)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Refusal("date", "日期格式不正确，应为 2026-05-07。", field=name) from None


async def _take_in(tx: Tx, stage: Stage, category: Category, values: Values, source: str) -> UUID:
    figures = _figures(category, "intake", values)
    row = IntakeRow(_subject(values), figures, _variant(category, values))
    return (await intake.record_subject(tx, stage.stage_id, row, source)).case_id


async def _nominate(tx: Tx, stage: Stage, category: Category, values: Values, _source: str) -> UUID:
    figures = _figures(category, "applicant", values)
    return (await intake.nominate_event(tx, stage.stage_id, _text(values, "title") or "", figures)).case_id


async def _target(tx: Tx, stage: Stage, category: Category, values: Values, source: str) -> UUID:
    code = check_credit_code(_text(values, "credit_code") or "")
    figures = _figures(category, "office", values)
    enterprise_id = derived_id("enterprise", code)
    await targets.record_target(tx, stage.stage_id, enterprise_id, figures, source, None)
    return enterprise_id


async def _paper(tx: Tx, stage: Stage, category: Category, values: Values, _source: str) -> UUID:
    who, received = _subject(values), _day(values, "paper_on")
    title, variant = _text(values, "title"), _variant(category, values)
    case = await open_paper(tx, stage.stage_id, who, received, variant, title)
    await enter_figures(tx, case.case_id, _figures(category, "applicant", values))
    return case.case_id


def _who(category: Category) -> tuple[SheetColumn, ...]:
    code = SheetColumn("credit_code", "统一社会信用代码", required=category.subject_kind != "organisation")
    return (_NAME, code, *_PLACE, *_variants(category))


def _filer(category: Category) -> tuple[SheetColumn, ...]:
    titles = {"person": "参评人姓名", "case": "案例名称"}
    label = titles.get(category.subject_kind)
    title = (SheetColumn("title", label, required=True),) if label else ()
    received = SheetColumn("paper_on", "收到日期（2026-05-07）", required=True)
    return (_NAME, _CODE, *_PLACE, *_variants(category), *title, received)


@dataclass(frozen=True)
class _Way:
    """During which stage, whose facts, which columns before them, how a row is taken over."""

    stage_kind: str
    party: str
    fixed: Callable[[Category], tuple[SheetColumn, ...]]
    take_over: TakeOver


_WAYS = {
    "applications": _Way("application_window", "applicant", _filer, _paper),
    "intake": _Way("intake", "intake", _who, _take_in),
    "nominations": _Way(
        "nomination", "applicant", lambda _category: (SheetColumn("title", "事件名称", required=True),), _nominate
    ),
    "targets": _Way(
        "application_window", "office", lambda _category: (_CODE, SheetColumn("name", "企业名称（仅供核对）")), _target
    ),
}
STAGES = {key: way.stage_kind for key, way in _WAYS.items()}
"""During which kind of stage each is offered."""


def offered_in(key: str, stage: Stage) -> bool:
    """Whether a stage's category has anything for this kind of import."""
    way = _WAYS[key]
    return stage.kind == way.stage_kind and any(fact.filled_by == way.party for fact in category_of(stage).facts)


def columns_of(key: str, category: Category) -> tuple[SheetColumn, ...]:
    """The columns of a template: who it is, then the facts that this party fills in."""
    way = _WAYS[key]
    facts = (fact for fact in category.facts if fact.filled_by == way.party)
    return (*way.fixed(category), *(_column(fact) for fact in facts))


def _kind(key: str, title: str, act: str, after: str) -> ImportKind:
    async def prepare(tx: Tx, stage_id: UUID) -> Prepared:
        stage = await stage_row(tx, stage_id)
        if not offered_in(key, stage):
            raise Refusal("wrong_stage", "此阶段不办理这一类导入。", field="stage_id")
        category = category_of(stage)

        async def take_over(inner: Tx, values: Values, source: str) -> UUID:
            return await _WAYS[key].take_over(inner, stage, category, values, source)

        place = {"cycle_id": stage.cycle_id, "category_id": stage.category_id, "stage_id": stage_id}
        return Prepared(f"{category.name}·{title}", columns_of(key, category), take_over, place)

    return ImportKind(key, title, act, after, prepare)


KINDS = {
    kind.key: kind
    for kind in (
        _kind(
            "applications",
            "代录纸质申报",
            "paper.open",
            "导入后为草稿：逐案上传盖章申报书的扫描件和证明材料，再提交。",
        ),
        _kind("intake", "统计数据采集", "intake.record", "导入后即登记为参评案件。"),
        _kind("nominations", "媒体提名", "nomination.record", "导入后即登记为提名。"),
        _kind("targets", "目标值", "target.record", "双人锁定之前可以再次导入；再次导入同一企业即更新。"),
    )
}
