"""Conflicts of interest: which ties between an expert and the subjects under review keep the expert away, and why.

Everything here follows from what is given: the same experts, cases and rulings always give the same conflicts.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """The kind of a conflict; the codes stand in the public transcript as the reason for an exclusion."""

    EMPLOYER = "employer_applies"
    GROUP = "group_applies"
    LEGAL_REPRESENTATIVE = "legal_representative"
    DECLARED = "declared_tie"
    CONSULTING = "past_consulting"
    ASSOCIATION = "association_post"
    EARLIER_PANEL = "earlier_panel"


KIND_WORDS: Mapping[Kind, str] = {
    Kind.EMPLOYER: "所在单位为参评对象",
    Kind.GROUP: "所在单位与参评对象同属一个集团",
    Kind.LEGAL_REPRESENTATIVE: "担任参评对象的法定代表人",
    Kind.DECLARED: "本人申报的利害关系",
    Kind.CONSULTING: "曾为参评对象提供咨询",
    Kind.ASSOCIATION: "与参评对象同在协会任职",
    Kind.EARLIER_PANEL: "近年审查过同一参评对象",
}
RECORDED = (Kind.LEGAL_REPRESENTATIVE, Kind.DECLARED, Kind.CONSULTING, Kind.ASSOCIATION)
"""Kinds that somebody records; the others follow from employers, groups and earlier panels."""


class Frozen(BaseModel):
    """Base of the models here."""

    model_config = ConfigDict(frozen=True)


class Tie(Frozen):
    """A recorded tie to an organisation (credit code), with its evidence; over after ``until``."""

    kind: Kind
    organisation: str
    evidence: str
    until: date | None = None


Quoted = tuple[Kind, str, str]
"""A conflict as a contest quotes it: kind, organisation, evidence. Other evidence is another conflict."""


class Tied(Frozen):
    """An expert with everything that may keep him away; ``judged`` is the last day of a panel on each organisation."""

    expert: UUID
    employer: str | None = None
    ties: tuple[Tie, ...] = ()
    judged: Mapping[str, date] = {}
    lifted: frozenset[Quoted] = frozenset()


class Found(Frozen):
    """A conflict of an expert with one organisation under review, and what shows it.

    ``through``: the organisation with which it is recorded, this one or another of its group.
    """

    expert: UUID
    kind: Kind
    organisation: str
    through: str
    evidence: str

    @property
    def quoted(self) -> frozenset[Quoted]:
        """How a contest may name it."""
        return frozenset((self.kind, one, self.evidence) for one in (self.organisation, self.through))


def conflicts_of(
    one: Tied, organisations: Iterable[str], groups: Mapping[str, str], *, today: date, years: int
) -> list[Found]:
    """Every conflict of an expert with the organisations, in their order, the gravest first.

    Args:
        organisations: credit codes under review.
        groups: group name by credit code.
        years: so many years an earlier panel on the same subject keeps away; 0: not at all.
    """
    found = []
    for organisation in sorted(set(organisations)):
        between = _between(one, organisation, groups, today, years)
        found += [conflict for conflict in between if not conflict.quoted & one.lifted]
    return found


def _between(one: Tied, organisation: str, groups: Mapping[str, str], today: date, years: int) -> Iterable[Found]:
    def found(kind: Kind, evidence: str, through: str = organisation) -> Found:
        return Found(expert=one.expert, kind=kind, organisation=organisation, through=through, evidence=evidence)

    if one.employer == organisation:
        yield found(Kind.EMPLOYER, "专家库登记的所在单位")
    elif one.employer is not None and same_group(one.employer, organisation, groups):
        yield found(Kind.GROUP, f"同属{groups[organisation]}")
    for tie in one.ties:
        over = tie.until is not None and tie.until < today
        if same_group(tie.organisation, organisation, groups) and not over:
            yield found(tie.kind, tie.evidence, tie.organisation)
    judged = one.judged.get(organisation)
    if judged is not None and _within(judged, today, years):
        yield found(Kind.EARLIER_PANEL, f"{judged.isoformat()}审查过同一参评对象")


def same_group(first: str, second: str, groups: Mapping[str, str]) -> bool:
    """Whether two organisations are the same one or of one group."""
    return first == second or (first in groups and groups.get(first) == groups.get(second))


def _within(then: date, today: date, years: int) -> bool:
    """Whether fewer than so many years have passed; 29 February counts as 28 February."""
    try:
        end = then.replace(year=then.year + years)
    except ValueError:
        end = then.replace(year=then.year + years, day=28)
    return today < end
