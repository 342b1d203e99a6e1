"""The form of a category as a page draws it, in sections, and what a browser sends back."""

from collections.abc import Collection, Mapping

from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData

from shared.rulebook import Category, Fact

_NUMBERS = {"number", "integer", "money_10k_cny", "percent", "year"}
_SECTIONS = (
    ("eligibility", "参评条件"),
    ("score", "计分数据"),
    ("reference", "供专家参考的数据"),
    ("crosscheck", "供核对的数据"),
)


class FieldView(BaseModel):
    """One field: how it is asked and what was entered."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    kind: str
    hint: str | None
    unit: str | None
    required: bool
    options: tuple[tuple[str, str], ...]
    value: str
    values: tuple[str, ...]
    shown: str
    open: bool


class SectionView(BaseModel):
    """Fields that belong together."""

    model_config = ConfigDict(frozen=True)

    title: str
    fields: tuple[FieldView, ...]


def sections(
    category: Category, variant: str | None, entered: Mapping[str, object], reopened: frozenset[str] | None, party: str
) -> tuple[SectionView, ...]:
    """The form by sections; ``reopened``: only these fields may change (None: all that the party fills in)."""
    entry = _entry_facts(category)

    def drawn(fact: Fact) -> FieldView:
        is_open = fact.filled_by == party and (reopened is None or fact.id in reopened)
        return _field(fact, variant, entered.get(fact.id), is_open, entry)

    def shown(fact: Fact) -> bool:
        asked = fact.filled_by == party and (not fact.required_for or variant in fact.required_for)
        return asked or fact.id in entered

    found = []
    for role, title in _SECTIONS:
        fields = tuple(drawn(fact) for fact in category.facts if fact.role == role and shown(fact))
        if fields:
            found.append(SectionView(title=title, fields=fields))
    return tuple(found)


def _entry_facts(category: Category) -> frozenset[str]:
    """Facts without which nobody may enter: asked for although the figure itself may not exist."""
    blocking = [rule.condition for rule in category.eligibility if rule.effect == "block" and rule.condition]
    return frozenset(fact_id for condition in blocking for fact_id in condition.facts())


def _field(fact: Fact, variant: str | None, value: object, is_open: bool, entry: Collection[str]) -> FieldView:
    options = tuple((choice.value, choice.label) for choice in fact.allowed)
    if fact.type == "boolean":
        options = (("true", "是"), ("false", "否"))
    values = tuple(str(each) for each in value) if isinstance(value, list) else ()
    text = _text(value)
    return FieldView(
        name=fact.id,
        label=fact.label,
        kind=_kind(fact),
        hint=fact.hint,
        unit=fact.unit,
        required=(fact.required_in(variant) and not fact.nullable) or fact.id in entry,
        options=options,
        value=text,
        values=values,
        shown=_shown(fact, text, values, dict(options)),
        open=is_open,
    )


def _kind(fact: Fact) -> str:
    if fact.type in _NUMBERS:
        return "number"
    if fact.multiple:
        return "several"
    return "choice" if fact.type in ("enum", "boolean") else "text"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, list) else str(value)


def _shown(fact: Fact, text: str, values: tuple[str, ...], labels: Mapping[str, str]) -> str:
    """A figure for reading: labels instead of ids, the unit behind."""
    if values:
        return "、".join(labels.get(value, value) for value in values)
    if not text:
        return "—"
    return labels.get(text, text) + (f" {fact.unit}" if fact.unit else "")


def read_form(category: Category, form: FormData, party: str, reopened: frozenset[str] | None) -> dict[str, object]:
    """What a browser sent, as raw figures; empty fields that must hold something are left out."""
    raw: dict[str, object] = {}
    for fact in category.facts:
        if fact.filled_by != party or (reopened is not None and fact.id not in reopened):
            continue
        if fact.multiple:
            raw[fact.id] = [str(value) for value in form.getlist(fact.id) if value]
            continue
        text = str(form.get(fact.id, "")).strip()
        if text or fact.nullable:
            raw[fact.id] = text or None
    return raw
