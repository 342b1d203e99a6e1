"""Who must confirm an entry: two co-chairs; in the place of one who stands aside, a member who does not."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.ranking.domain.confirming import Confirmed, Member, may_stand_in, unconfirmed

CASES = [UUID(int=number) for number in range(1, 6)]
LINES = {case: f"line {case.int}" for case in CASES}
A, B, C = (UUID(int=number) for number in (11, 12, 13))


def member(account: UUID, *recused: UUID, chair: bool = True) -> Member:
    return Member(account, chair, frozenset(recused))


def sees(one: Member) -> Confirmed:
    return Confirmed(one, {case: line for case, line in LINES.items() if case not in one.recused})


asides = st.lists(st.sampled_from(CASES), unique=True)


@given(asides, asides, asides)
def test_a_list_is_confirmed_only_when_two_who_may_confirm_every_entry_did(
    first: list[UUID], second: list[UUID], third: list[UUID]
) -> None:
    committee = [member(A, *first), member(B, *second), member(C, *third, chair=False)]
    missing = unconfirmed(LINES, committee, [sees(one) for one in committee], 2)

    assert set(missing) == {case for case in CASES if sum(case not in one.recused for one in committee) < 2}


@given(asides)
def test_a_member_takes_no_co_chairs_place_where_none_stands_aside(aside: list[UUID]) -> None:
    committee = [member(A), member(B, *aside), member(C, chair=False)]
    without_b = [sees(committee[0]), sees(committee[2])]

    assert set(unconfirmed(LINES, committee, without_b, 2)) == set(CASES) - set(aside)


@given(asides)
def test_a_confirmation_given_before_standing_aside_counts_no_more(aside: list[UUID]) -> None:
    before, after = member(B), member(B, *aside)
    confirmed = [sees(member(A)), Confirmed(after, sees(before).lines)]

    assert set(unconfirmed(LINES, [member(A), after], confirmed, 2)) == set(aside)


def test_a_changed_line_is_to_be_confirmed_anew() -> None:
    committee = [member(A), member(B)]
    changed = {**LINES, CASES[0]: "another reason"}

    assert unconfirmed(changed, committee, [sees(one) for one in committee], 2) == [CASES[0]]


def test_the_same_co_chair_does_not_count_twice_and_one_is_enough_where_the_rules_say_so() -> None:
    committee = [member(A), member(B)]

    assert unconfirmed(LINES, committee, [sees(committee[0])], 2) == CASES
    assert unconfirmed(LINES, committee, [sees(committee[0])], 1) == []


def test_a_member_may_confirm_only_where_a_co_chair_stands_aside_and_they_do_not() -> None:
    stands_in, aside = member(C, chair=False), member(C, CASES[0], chair=False)
    committee = [member(A, CASES[0]), member(B)]

    assert may_stand_in(stands_in, committee, CASES)
    assert not may_stand_in(aside, committee, CASES)
    assert not may_stand_in(stands_in, [member(A), member(B)], CASES)
