"""When a list counts as confirmed: two persons an entry, every co-chair who does not stand aside among them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the committee. ``recused``: the cases they stand aside from."""

    account_id: UUID
    chair: bool
    recused: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a member confirmed: the digest of each entry's line they were shown."""

    member: Member
    lines: Mapping[UUID, str]

    def holds_for(self, case: UUID, line: str) -> bool:
        """Whether this still is a confirmation of that line by somebody who may confirm it."""
        return case not in self.member.recused and self.lines.get(case) == line


def chairs_away(members: Collection[Member], case: UUID) -> int:
    """How many co-chairs stand aside from a case."""
    return sum(one.chair and case in one.recused for one in members)


def unconfirmed(
    lines: Mapping[UUID, str], members: Collection[Member], confirmed: Sequence[Confirmed], needed: int
) -> list[UUID]:
    """The entries that still lack a confirmation.

    Article 21 names two co-chairs and does not say who confirms when one stands aside (reading
    ``co_chair_recused``): in the place of each co-chair who does, and for that entry only, a member who does not.

    Args:
        lines: the digest of each entry's line as it stands now.
        needed: persons an entry, 2 where both co-chairs confirm.
    """
    return [case for case, line in lines.items() if not _is_confirmed(case, line, members, confirmed, needed)]


def _is_confirmed(
    case: UUID, line: str, members: Collection[Member], confirmed: Sequence[Confirmed], needed: int
) -> bool:
    holding = [one.member for one in confirmed if one.holds_for(case, line)]
    chairs, away = sum(one.chair for one in holding), min(chairs_away(members, case), needed)
    return chairs >= needed - away and chairs + min(len(holding) - chairs, away) >= needed


def may_stand_in(member: Member, members: Collection[Member], cases: Collection[UUID]) -> bool:
    """Whether somebody may confirm at all: a co-chair always, a member where a co-chair stands aside."""
    return member.chair or any(case not in member.recused and chairs_away(members, case) for case in cases)
