"""What the two ready-made pages need: the public list (templates/patterns/public_list.html) and the office's
overview of stages (templates/patterns/overview.html)."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from pydantic import AwareDatetime, ConfigDict

from shared.web.parts import Badge, Download, Link, Part, StageStep, Term, Tone


class ListKind(StrEnum):
    """What the seal on a public list says."""

    PUBLICITY = "publicity"
    RELEASE = "release"
    SUPPLEMENT = "supplement"

    @property
    def word(self) -> str:
        """公示, 发布 or 增补."""
        return {ListKind.PUBLICITY: "公示", ListKind.RELEASE: "发布", ListKind.SUPPLEMENT: "增补"}[self]


class EntryState(StrEnum):
    """How an entry stands in the list."""

    LISTED = "listed"
    HELD = "held"
    STRUCK = "struck"
    EMPTY_SEAT = "empty_seat"


_ENTRY_BADGES = {
    EntryState.HELD: Badge(text="异议核查中", tone=Tone.WARNING),
    EntryState.STRUCK: Badge(text="已移出", tone=Tone.BAD),
    EntryState.EMPTY_SEAT: Badge(text="空缺", tone=Tone.NEUTRAL),
}


class ListEntry(Part):
    """One line of a public list. Only fields whitelisted for disclosure may be filled.

    ``identifier`` is an organisation's credit code or a certificate number, never a person's number; ``extra``
    holds one text per extra column of the list.
    """

    # A Fraction is the exact mean; pydantic has no schema of its own for it.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    place: int | None = None
    identifier: str | None = None
    extra: tuple[str, ...] = ()
    score: Decimal | Fraction | None = None
    state: EntryState = EntryState.LISTED
    note: str | None = None

    @property
    def badge(self) -> Badge | None:
        """The word beside the name when the entry is not simply listed."""
        return _ENTRY_BADGES.get(self.state)

    @property
    def css_class(self) -> str:
        """The row's class in the stylesheet."""
        return self.state.value.replace("_", "-")


class ObjectionGuide(Part):
    """How to object: steps in plain words, the form, another way to reach the office, or that it is over."""

    steps: tuple[str, ...]
    href: str
    contact: str
    closed_note: str | None = None


class PublicList(Part):
    """A publicity notice or a released list, complete: who published what where, how many, until when, how to
    object, and the digest by which any copy can be checked."""

    kind: ListKind
    heading: str
    issuer: str
    posted_at: AwareDatetime
    channel: str
    entries: tuple[ListEntry, ...]
    digest: str
    reference: str | None = None
    preamble: tuple[str, ...] = ()
    subject_label: str = "名称"
    unit: str = "家"
    quota: int | None = None
    extra_columns: tuple[str, ...] = ()
    shows_scores: bool = False
    ordered: bool = False
    order_note: str = "排名不分先后"
    empty_reason: str = "经审查，本项目没有符合条件的对象。"
    stages: tuple[StageStep, ...] = ()
    term: Term | None = None
    objection: ObjectionGuide | None = None
    downloads: tuple[Download, ...] = ()
    checkpoint: str | None = None

    @property
    def shown_entries(self) -> int:
        """Entries that count towards the list."""
        return sum(1 for entry in self.entries if entry.state is EntryState.LISTED)

    @property
    def held_entries(self) -> int:
        """Entries held back by an open objection."""
        return sum(1 for entry in self.entries if entry.state is EntryState.HELD)


class Count(Part):
    """A figure with its name; ``alert`` sets it in the colour of what needs attention."""

    label: str
    value: int
    href: str | None = None
    alert: bool = False


class Risk(Part):
    """What may go wrong soon: lapses tomorrow, provisional term, stuck."""

    badge: Badge
    text: str
    href: str | None = None


class OverviewRow(Part):
    """One category: its stage line, counts, who is waited for, risks."""

    key: str
    name: str
    href: str
    stages: tuple[StageStep, ...]
    badge: Badge | None = None
    counts: tuple[Count, ...] = ()
    waiting_for: str | None = None
    risks: tuple[Risk, ...] = ()


class OverviewGroup(Part):
    """The categories of one cycle."""

    title: str
    rows: tuple[OverviewRow, ...]


class Overview(Part):
    """Everything that runs, a row a category."""

    groups: tuple[OverviewGroup, ...]
    totals: tuple[Count, ...] = ()
    first_step: Link | None = None
