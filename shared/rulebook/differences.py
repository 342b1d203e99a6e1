"""What changed between two versions of a rulebook, in plain words, and which part of a category it touches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Frozen
from shared.rulebook.field_words import FIELD_WORDS, IDENTITIES, TITLES, VALUE_WORDS, WORDING
from shared.rulebook.models import Rulebook


class Part(StrEnum):
    """The part of a category that a change touches."""

    FORM = "form"
    SCORECARD = "scorecard"
    STAGES = "stages"
    RANKING = "ranking"
    WORDING = "wording"


EFFECTS = {
    Part.FORM: "申报表或参评条件有变：已报的须退回补填、重新核对",
    Part.SCORECARD: "计分表有变：须在拆封前作出决定，已有的得分全部重算",
    Part.STAGES: "阶段或期限有变：尚未开始的阶段按新规定办理",
    Part.RANKING: "名额或同分规则有变：须在排序前作出决定",
    Part.WORDING: "只改文字：不影响结果",
}
"""What a change of a part means for the cases of its category."""

_PART_OF = {
    "scorecard": Part.SCORECARD,
    "stages": Part.STAGES,
    "quota": Part.RANKING,
    "split": Part.RANKING,
    "tie": Part.RANKING,
    "tie_breaks": Part.RANKING,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: ``path`` in words; ``category`` and ``part`` where it lies in one (a whole category: no part)."""

    path: tuple[str, ...]
    change: str
    category: str | None
    part: Part | None

    def __str__(self) -> str:
        return f"{' › '.join(self.path)}：{self.change}" if self.path else self.change


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the comparison is: the keys of the models, and the same in words."""

    keys: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def into(self, key: str, word: str) -> "_Place":
        return _Place((*self.keys, key), (*self.words, word) if word else self.words)

    def found(self, change: str, *, wording: bool = False) -> Difference:
        if self.keys[:1] != ("categories",) or len(self.keys) == 1:
            return Difference(self.words, change, None, None)
        part = None if len(self.keys) == 2 else _PART_OF.get(self.keys[2], Part.FORM)
        return Difference(self.words, change, self.keys[1], Part.WORDING if wording else part)


def differences(old: Rulebook, new: Rulebook) -> list[Difference]:
    """Every change, in the order of the rulebook. Empty when both say the same."""
    return list(_compare(old, new, _Place()))


def touched(found: list[Difference]) -> dict[str, frozenset[Part]]:
    """Which parts of which categories the changes touch; a category that came or went has all its parts."""
    parts: dict[str, set[Part]] = {}
    for one in found:
        if one.category is not None:
            parts.setdefault(one.category, set()).update(Part if one.part is None else {one.part})
    return {category: frozenset(changed) for category, changed in parts.items()}


def _compare(old: object, new: object, place: _Place) -> Iterator[Difference]:
    if isinstance(old, Frozen) and type(old) is type(new):
        for name in type(old).model_fields:
            yield from _compare(getattr(old, name), getattr(new, name), place.into(name, FIELD_WORDS.get(name, name)))
    elif _identified(old) and _identified(new):
        yield from _compare_lists(_by_identity(old), _by_identity(new), place)
    elif old != new:
        wording = bool(place.keys) and place.keys[-1] in WORDING
        yield place.found(f"由{_said(old)}改为{_said(new)}", wording=wording)


def _compare_lists(old: dict[str, Frozen], new: dict[str, Frozen], place: _Place) -> Iterator[Difference]:
    for name, part in old.items():
        if name not in new:
            yield place.into(name, "").found(f"删去{_said(part)}")
    for name, part in new.items():
        if name not in old:
            yield place.into(name, "").found(f"增加{_said(part)}")
        else:
            yield from _compare(old[name], part, place.into(name, _title(old[name])))
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        yield place.found("顺序改变")


def _identified(value: object) -> bool:
    """Whether the parts of a list can be told apart by name."""
    if not isinstance(value, tuple) or not all(isinstance(part, Frozen) for part in value):
        return False
    names = [_identity(part) for part in value]
    return all(names) and len(set(names)) == len(names)


def _by_identity(value: object) -> dict[str, Frozen]:
    parts = value if isinstance(value, tuple) else ()
    return {_identity(part): part for part in parts}


def _identity(part: Frozen) -> str:
    return next((str(getattr(part, name)) for name in IDENTITIES if getattr(part, name, None) is not None), "")


def _title(part: Frozen) -> str:
    """What people call a part: its printed name, else its key."""
    names = (getattr(part, name) for name in TITLES if getattr(part, name, None))
    identity = _identity(part)
    return f"“{next(names, VALUE_WORDS.get(identity, identity))}”"


def _said(value: object) -> str:
    match value:
        case None | ():
            return "无"
        case bool():
            return "“是”" if value else "“否”"
        case Decimal():
            return plain_decimal(value)
        case Frozen():
            title = _title(value)
            return "另一规定" if title == "“”" else title
        case tuple():
            return "、".join(map(_said, value))
        case int() | date():
            return str(value)
    return f"“{VALUE_WORDS.get(str(value), value)}”"
