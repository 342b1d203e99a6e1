"""What the guidance committee may decide: the quota, departures from rank order, and who must give a reason."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from services.ranking.domain.ranks import Ranked
from shared.kernel.refusals import FieldProblem, Refusal
from shared.rulebook import Category


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided of a case, and why if a reason was given."""

    shortlisted: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """How many may be chosen; ``count`` None: no number. ``shares`` of the classes, strict or in principle (原则上)."""

    count: int | None
    article: str
    shares: Mapping[str, int]
    strict: bool
    share_article: str | None
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, category: Category) -> "Quota":
        """The quota of a category."""
        split = category.split
        return cls(
            count=category.quota.count,
            article=category.quota.article,
            shares={share.variant: share.count for share in split.shares} if split else {},
            strict=split is not None and split.binding == "strict",
            share_article=split.article if split else None,
            names={variant.id: variant.name for variant in category.variants},
        )

    def line(self, group: str | None) -> int | None:
        """How many places the cases of a group have between them."""
        return self.shares.get(group, 0) if group is not None and self.shares else self.count


def check_choices(
    ranked: Sequence[Ranked],
    choices: Mapping[UUID, Choice],
    quota: Quota,
    reason: str | None = None,
    *,
    whole: bool = True,
) -> None:
    """Refuse choices that break the quota or depart from the ranking without a reason.

    Args:
        whole: False where ``ranked`` is what somebody sees who stands aside from a case: whether all places are
            taken and the classes have their shares cannot be told from that part.
        choices: all choices made so far, the new ones among them.
        reason: why fewer are chosen than the quota, or why the classes share it otherwise.
    """
    _within_quota(choices, quota)
    _departures_have_reasons(ranked, choices)
    if whole and all(one.case_id in choices for one in ranked):
        _all_places_taken(ranked, choices, quota, reason)
        _shares_kept(ranked, choices, quota, reason)


def _within_quota(choices: Mapping[UUID, Choice], quota: Quota) -> None:
    chosen = sum(choice.shortlisted for choice in choices.values())
    if quota.count is not None and chosen > quota.count:
        raise Refusal(
            "over_quota", f"名额为{quota.count}，已选{chosen}，超出名额。", field="entries", article=quota.article
        )


def departures(ranked: Sequence[Ranked], choices: Mapping[UUID, Choice]) -> Iterator[tuple[Ranked, Ranked]]:
    """Pairs (passed over, preferred) of one group where the preferred one does not stand before the other."""
    passed = [one for one in ranked if one.case_id in choices and not choices[one.case_id].shortlisted]
    chosen = [one for one in ranked if one.case_id in choices and choices[one.case_id].shortlisted]
    for over in passed:
        for preferred in chosen:
            if preferred.group == over.group and preferred.rank >= over.rank:
                yield over, preferred


def _departures_have_reasons(ranked: Sequence[Ranked], choices: Mapping[UUID, Choice]) -> None:
    """A reason on either side of a pair is enough: why this one, or why not that one. Equal ranks count as well."""
    problems = {
        over.number: FieldProblem(
            f"entries.{over.number}.reason",
            "departure_needs_reason",
            f"{over.number}（第{over.rank}名）未入围而{preferred.number}（第{preferred.rank}名）入围，须写明理由。",
        )
        for over, preferred in departures(ranked, choices)
        if not (choices[over.case_id].reason or choices[preferred.case_id].reason)
    }
    if problems:
        first = next(iter(problems.values()))
        raise Refusal("departure_needs_reason", first.message, field=first.field, problems=tuple(problems.values()))


def _all_places_taken(
    ranked: Sequence[Ranked], choices: Mapping[UUID, Choice], quota: Quota, reason: str | None
) -> None:
    if quota.count is None or reason:
        return
    chosen = sum(choice.shortlisted for choice in choices.values())
    unexplained = [one for one in ranked if not choices[one.case_id].shortlisted and not choices[one.case_id].reason]
    if chosen < min(quota.count, len(ranked)) and unexplained:
        raise Refusal(
            "fewer_needs_reason",
            f"名额为{quota.count}，只选{chosen}，须写明不足额的理由。",
            field="reason",
            article=quota.article,
        )


def _shares_kept(ranked: Sequence[Ranked], choices: Mapping[UUID, Choice], quota: Quota, reason: str | None) -> None:
    """Classes keep their shares; where the split is one in principle, a reason lets them part from it."""
    if reason and not quota.strict:
        return
    chosen = Counter(one.group for one in ranked if choices[one.case_id].shortlisted)
    there = Counter(one.group for one in ranked)
    for group, share in quota.shares.items():
        if chosen[group] > share:
            code = "over_share" if quota.strict else "split_needs_reason"
            raise _share_refusal(code, group, share, chosen[group], quota)
        if not quota.strict and chosen[group] < min(share, there[group]):
            raise _share_refusal("split_needs_reason", group, share, chosen[group], quota)


def _share_refusal(code: str, group: str, share: int, chosen: int, quota: Quota) -> Refusal:
    end = "不得超出。" if code == "over_share" else "须写明理由。"
    message = f"“{quota.names.get(group, group)}”名额为{share}，已选{chosen}，{end}"
    return Refusal(code, message, field="reason", article=quota.share_article)


Departure = Literal["passed_over", "preferred", "among_equals"]
LineState = Literal["above", "on", "below"]


def departure_marks(ranked: Sequence[Ranked], choices: Mapping[UUID, Choice]) -> dict[UUID, Departure]:
    """Entries that stand out of the rank order, for the table; a choice among equals is told from a departure."""
    marks: dict[UUID, Departure] = {}
    for over, preferred in departures(ranked, choices):
        if over.rank == preferred.rank:
            marks.setdefault(over.case_id, "among_equals")
            marks.setdefault(preferred.case_id, "among_equals")
        else:
            marks[over.case_id], marks[preferred.case_id] = "passed_over", "preferred"
    return marks


def line_states(ranked: Sequence[Ranked], quota: Quota) -> dict[UUID, LineState]:
    """How each entry stands to the quota line: ``above``, ``below`` or ``on`` (a tie that crosses it)."""
    sharing = Counter((one.group, one.rank) for one in ranked)
    return {one.case_id: _line_state(one, sharing[one.group, one.rank], quota.line(one.group)) for one in ranked}


def _line_state(one: Ranked, sharing: int, line: int | None) -> LineState:
    if line is None or one.rank + sharing - 1 <= line:
        return "above"
    return "on" if one.rank <= line else "below"


@dataclass(frozen=True, slots=True)
class Edges:
    """What decides the marks of a class's entries without looking at all of them.

    ``last_rank``, ``reach``: the last rank within the line, and how many stand at it or before; ``worst_chosen``,
    ``best_passed``: ranks among the decided, None where nobody is.
    """

    line: int | None
    last_rank: int = 0
    reach: int = 0
    worst_chosen: int | None = None
    best_passed: int | None = None

    def line_state(self, rank: int) -> LineState:
        """As ``line_states`` says of the whole."""
        if self.line is None:
            return "above"
        if rank > self.line:
            return "below"
        return "on" if rank == self.last_rank and self.reach > self.line else "above"

    def departure(self, rank: int, shortlisted: bool | None) -> Departure | None:
        """As ``departure_marks`` says of the whole."""
        other = self.best_passed if shortlisted else self.worst_chosen
        if shortlisted is None or other is None:
            return None
        if (other < rank) if shortlisted else (other > rank):
            return "preferred" if shortlisted else "passed_over"
        return "among_equals" if other == rank else None
