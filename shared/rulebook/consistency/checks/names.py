"""Is every subject the same everywhere: its code, its name, its rows?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from shared.kernel.credit_code import BadCreditCode, check_credit_code
from shared.rulebook.base import Frozen, Key, Label
from shared.rulebook.consistency.checks.check import Check
from shared.rulebook.consistency.findings import Finding, Value
from shared.rulebook.consistency.report import Row, subject_of, value_of

if TYPE_CHECKING:
    from shared.rulebook.consistency.ground import Ground


class CreditCodes(Check):
    """Unified social credit codes: well formed, the check digit right, used once."""

    kind: Literal["credit_code"]
    table: Key
    source: Label
    key: Key
    column: Key

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Each subject whose code is wrong, or another's."""
        rows = ground.report.rows(self.table)
        users: dict[object, list[str]] = defaultdict(list)
        for row in rows:
            users[value_of(row, self.column)].append(subject_of(row, self.key))
        for row in rows:
            subject, code = subject_of(row, self.key), value_of(row, self.column)
            others = [other for other in users[code] if other != subject]
            fault = _fault(code) or (f"与{'、'.join(map(ground.report.who, others))}相同" if others else None)
            if fault is not None:
                message = f"{ground.report.who(subject)}{self.source}统一社会信用代码{ground.words(code)}：{fault}。"
                yield Finding(self.check, subject, None, {self.source: code}, None, "error", message)


def _fault(code: object) -> str | None:
    if not isinstance(code, str):
        return "没有填写"
    try:
        plain = check_credit_code(code)
    except BadCreditCode as error:
        return error.message.rstrip("。")
    return None if plain == code else f"写法不规范，应为{plain}"


class Naming(Frozen):
    """A table that names the subjects; ``every``: each of them has a row there."""

    table: Key
    source: Label
    key: Key
    name_column: Key
    every: bool = False


class Names(Check):
    """Names as the list of subjects has them (former and present name alike), and no row missing or foreign."""

    kind: Literal["names"]
    table: Key
    source: Label
    key: Key
    known: tuple[Key, ...]
    tables: tuple[Naming, ...]

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Table by table."""
        known = {subject_of(row, self.key): _names(row, self.known) for row in ground.report.rows(self.table)}
        for naming in self.tables:
            rows = ground.report.rows(naming.table)
            for row in rows:
                subject, name = subject_of(row, naming.key), value_of(row, naming.name_column)
                names = known.get(subject, set())
                if not names & _names(row, (naming.name_column,)):
                    yield self._finding(ground, subject, naming, name, sorted(names))
            present = {subject_of(row, naming.key) for row in rows}
            for subject in known if naming.every and rows else ():
                if subject not in present:
                    yield self._finding(ground, subject, naming, None, sorted(known[subject]))

    def _finding(self, ground: Ground, subject: str, naming: Naming, name: Value, known: list[str]) -> Finding:
        listed = known[0] if known else None
        values: dict[str, Value] = {self.source: listed, naming.source: name}
        said = f"{self.source}为{ground.words(listed)}，{naming.source}为{ground.words(name)}"
        message = f"{ground.report.who(subject)}名称：{said}，请核对是否同一企业。"
        return Finding(self.check, subject, None, values, None, "warning", message)


_RENAMED = re.compile(r"[（(]现更名为[:：]?(?P<now>.*?)[）)]")


def _names(row: Row, columns: tuple[str, ...]) -> set[str]:
    """Every name a row gives: as printed, and the two of ``旧名（现更名为：新名）`` apart."""
    names: set[str] = set()
    for column in columns:
        text = "".join(str(row.get(column) or "").split())
        renamed = _RENAMED.search(text)
        names |= {_RENAMED.sub("", text)} | ({renamed["now"]} if renamed else set())
    return names - {""}
