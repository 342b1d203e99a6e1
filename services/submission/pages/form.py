"""The form of a category as a page draws it, in sections, and what a browser sends back."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData

from services.submission.domain.drafting import (
    BLANK,
    Change,
    Clash,
    Typed,
    as_typed,
    for_reading,
    options_of,
    problems_of,
    sort_out,
    typed_in,
)
from services.submission.tables import FieldMark
from shared.kernel.refusals import Refusal
from shared.rulebook import Category, Fact, formulas_of

_NUMBERS = {"number", "integer", "money_10k_cny", "percent", "year"}
_SECTIONS = (
    ("eligibility", "参评条件"),
    ("score", "计分数据"),
    ("reference", "供专家参考的数据"),
    ("crosscheck", "供核对的数据"),
)


class ClashView(BaseModel):
    """A field that two have changed: what is kept, as typed and for reading, by whom and when."""

    model_config = ConfigDict(frozen=True)

    theirs: Typed
    shown: str
    who: str
    at: datetime | None


class OfferView(BaseModel):
    """What was filed in an earlier year and may be taken over, as typed and for reading; ``year`` of that filing."""

    model_config = ConfigDict(frozen=True)

    typed: Typed
    shown: str
    year: int


class FieldView(BaseModel):
    """One field: how it is asked, what was typed, and what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    kind: str
    hint: str | None
    unit: str | None
    required: bool
    options: tuple[tuple[str, str], ...]
    values: Typed
    shown: str
    open: bool
    problem: str | None = None
    asked: str | None = None
    formulas: tuple[str, ...] = ()
    offer: OfferView | None = None
    clash: ClashView | None = None

    @property
    def value(self) -> str:
        """What stands in a field that holds one text."""
        return self.values[0] if self.values else ""

    @property
    def filled(self) -> bool:
        """Whether something stands there that can be taken."""
        return bool(self.values) and self.problem is None


class SectionView(BaseModel):
    """Fields that belong together, and how far they are filled in."""

    model_config = ConfigDict(frozen=True)

    key: str
    title: str
    fields: tuple[FieldView, ...]

    @property
    def open(self) -> tuple[FieldView, ...]:
        """The fields that may be written."""
        return tuple(field for field in self.fields if field.open)

    @property
    def filled(self) -> int:
        """How many of them are filled in."""
        return sum(field.filled for field in self.open)

    @property
    def missing(self) -> tuple[FieldView, ...]:
        """Those that must be filled in and are still blank; of several boxes none may apply."""
        return tuple(field for field in self.open if field.required and not field.values and field.kind != "several")


def sections(
    category: Category,
    variant: str | None,
    entered: Mapping[str, object],
    reopened: frozenset[str] | None,
    party: str,
    unsound: Mapping[str, Sequence[str]] = MappingProxyType({}),
    asked: Mapping[str, str] = MappingProxyType({}),
) -> tuple[SectionView, ...]:
    """The form by sections; ``reopened``: only these fields may change (None: all that the party fills in).

    ``asked``: why a field is to be put right.
    """
    entry = _entry_facts(category)
    typed, formulas = typed_in(entered, unsound), formulas_of(category, variant)
    wrong = {one.field: one.message for one in problems_of(category, unsound)}

    def drawn(fact: Fact) -> FieldView:
        is_open = fact.filled_by == party and (reopened is None or fact.id in reopened)
        field = _field(fact, variant, typed.get(fact.id, BLANK), is_open, entry, wrong.get(fact.id))
        return field.model_copy(update={"asked": asked.get(fact.id), "formulas": formulas.get(fact.id, ())})

    def shown(fact: Fact) -> bool:
        asked = fact.filled_by == party and (not fact.required_for or variant in fact.required_for)
        return asked or fact.id in entered

    found = []
    for role, title in _SECTIONS:
        fields = tuple(drawn(fact) for fact in category.facts if fact.role == role and shown(fact))
        if fields:
            found.append(SectionView(key=role, title=title, fields=fields))
    return tuple(found)


def asked_fields(category: Category, facts: Sequence[Fact], typed: Mapping[str, Typed]) -> tuple[FieldView, ...]:
    """Some fields of a form outside of it, with what was typed there and what is wrong with it."""
    unsound = sort_out(category, typed).unsound
    wrong = {one.field: one.message for one in problems_of(category, unsound)}
    return tuple(
        _field(fact, None, typed.get(fact.id, BLANK), True, (), wrong.get(fact.id)).model_copy(
            update={"required": True}
        )
        for fact in facts
    )


def _entry_facts(category: Category) -> frozenset[str]:
    """Facts without which nobody may enter: asked for although the figure itself may not exist."""
    blocking = [rule.condition for rule in category.eligibility if rule.effect == "block" and rule.condition]
    return frozenset(fact_id for condition in blocking for fact_id in condition.facts())


def _field(
    fact: Fact, variant: str | None, typed: Typed, is_open: bool, entry: Collection[str], problem: str | None
) -> FieldView:
    options = options_of(fact)
    return FieldView(
        name=fact.id,
        label=fact.label,
        kind=_kind(fact),
        hint=fact.hint,
        unit=fact.unit,
        required=(fact.required_in(variant) and not fact.nullable) or fact.id in entry,
        options=options,
        values=typed,
        shown=for_reading(typed, options, fact.unit),
        open=is_open,
        problem=problem,
    )


def _kind(fact: Fact) -> str:
    if fact.type in _NUMBERS:
        return "number"
    if fact.multiple:
        return "several"
    return "choice" if fact.type in ("enum", "boolean") else "text"


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


def read_changes(category: Category, form: FormData) -> list[Change]:
    """What was changed on a page sent without scripts: what it showed (``seen``) beside what it holds now.

    A field that the page did not have is not touched; ``theirs`` names those where the other's value shall stand.
    """
    seen = _seen(str(form.get("seen", "")))
    return [
        Change(fact.id, as_typed(seen.get(fact.id, [])), as_typed(str(value) for value in form.getlist(fact.id)))
        for fact in _sent_facts(category, form, seen)
    ]


def _sent_facts(category: Category, form: FormData, seen: Mapping[str, list[str]]) -> Iterator[Fact]:
    """Open fields of the page; boxes that nobody ticked are not sent, the page knows that it had them."""
    theirs = form.getlist("theirs")
    for fact in category.facts:
        there = fact.id in form or (fact.multiple and fact.id in seen)
        if fact.filled_by == "applicant" and there and fact.id not in theirs:
            yield fact


def _seen(text: str) -> dict[str, list[str]]:
    try:
        seen = json.loads(text)
    except ValueError:
        seen = None
    if not isinstance(seen, dict) or not all(isinstance(values, list) for values in seen.values()):
        raise Refusal("invalid_request", "页面不完整，请刷新后重新填写。", field="seen")
    return {field: [str(value) for value in values] for field, values in seen.items()}


def seen_on(form: Sequence[SectionView]) -> str:
    """What a page shows in its open fields, for ``read_changes``; of a clash what is kept."""
    shown = {field.name: field.clash.theirs if field.clash else field.values for part in form for field in part.open}
    return json.dumps(shown, ensure_ascii=False)


def clash_views(
    clashes: Collection[Clash], fields: Mapping[str, FieldView], marks: Mapping[str, FieldMark], reader: UUID | None
) -> dict[str, ClashView]:
    """What two have changed, by field: the other's value, who that was as far as the reader may know, and when."""
    found = {}
    for clash in clashes:
        field, mark = fields[clash.field], marks.get(clash.field)
        mine = mark is not None and mark.changed_by == reader
        found[clash.field] = ClashView(
            theirs=clash.theirs,
            shown=for_reading(clash.theirs, field.options, field.unit),
            who="您在另一窗口" if mine else "贵企业的另一位经办人",
            at=mark.changed_at if mark else None,
        )
    return found


def with_clashes(
    form: Sequence[SectionView], clashes: Collection[Clash], marks: Mapping[str, FieldMark], reader: UUID | None
) -> tuple[SectionView, ...]:
    """The form as this person typed it, what others wrote beside their fields."""
    fields = {field.name: field for part in form for field in part.open}
    views = clash_views(clashes, fields, marks, reader)
    mine = {clash.field: clash.mine for clash in clashes}

    def drawn(field: FieldView) -> FieldView:
        changed = {"values": mine[field.name], "clash": views[field.name]} if field.name in mine else {}
        return field.model_copy(update=changed)

    return tuple(part.model_copy(update={"fields": tuple(drawn(field) for field in part.fields)}) for part in form)


def with_offers(form: Sequence[SectionView], offers: Mapping[str, Typed], year: int) -> tuple[SectionView, ...]:
    """The form with what an earlier filing holds beside the open fields that differ from it."""

    def drawn(field: FieldView) -> FieldView:
        typed = offers.get(field.name)
        if not field.open or typed is None or typed == field.values:
            return field
        shown = for_reading(typed, field.options, field.unit)
        return field.model_copy(update={"offer": OfferView(typed=typed, shown=shown, year=year)})

    return tuple(part.model_copy(update={"fields": tuple(drawn(field) for field in part.fields)}) for part in form)


def take_over(changes: Sequence[Change], offers: Mapping[str, Typed], wanted: Collection[str]) -> list[Change]:
    """The changes of a page with the offers that were chosen; ``*`` takes all into fields that stand blank."""
    there = {change.field: change for change in changes}
    for field, typed in offers.items():
        change = there.get(field)
        if change is not None and (field in wanted or ("*" in wanted and not change.now)):
            there[field] = Change(field, change.was, typed)
    return list(there.values())


def wrong_fields(form: Sequence[SectionView]) -> dict[str, str]:
    """What is wrong in the open fields, in form order."""
    return {field.name: field.problem for part in form for field in part.open if field.problem}
