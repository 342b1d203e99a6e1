"""Who takes part in a draw, who is silent, who stands in."""

import pytest

from services.review.domain.parties import Phase, Stand, absent, check_commitment, check_stand_in, parties_of
from shared.kernel.refusals import Conflict, Refusal


def keys(silences: list[str], stand_ins: dict[str, str], *, with_applicants: bool = False) -> list[str]:
    return [one.key for one in parties_of(silences, stand_ins, with_applicants=with_applicants)]


def test_office_and_supervisor_take_part_and_the_applicants_if_asked() -> None:
    assert keys([], {}) == ["office", "supervisor"]
    assert keys(["supervisor"], {}, with_applicants=True) == ["office", "supervisor", "applicants"]


def test_after_two_silences_somebody_must_be_named() -> None:
    with pytest.raises(Conflict) as refusal:
        keys(["supervisor", "supervisor"], {})

    assert refusal.value.code == "stand_in_needed"
    assert "监督员已两次逾期" in refusal.value.message
    assert keys(["supervisor", "office", "supervisor"], {"supervisor": "review_chair"}) == ["office", "review_chair"]


def test_a_stand_in_that_is_silent_twice_is_replaced_in_turn() -> None:
    silences = ["supervisor", "supervisor", "review_chair", "review_chair"]

    assert keys(silences, {"supervisor": "review_chair", "review_chair": "co_chair"}) == ["office", "co_chair"]


def test_only_who_was_silent_twice_is_replaced_and_by_nobody_who_takes_part() -> None:
    twice = ["supervisor", "supervisor", "office", "office"]

    with pytest.raises(Conflict, match="not_silent"):
        check_stand_in("supervisor", "co_chair", ["supervisor"], {})
    with pytest.raises(Conflict, match="stand_in_named"):
        check_stand_in("supervisor", "co_chair", twice, {"supervisor": "guidance"})
    for by in ("office", "expert", "guidance"):
        with pytest.raises(Refusal, match="bad_stand_in"):
            check_stand_in("office", by, twice, {"supervisor": "guidance"})
    check_stand_in("office", "co_chair", twice, {"supervisor": "guidance"})


def test_who_has_not_answered_is_absent_only_while_answers_are_awaited() -> None:
    stands = [
        Stand(party="office", committed=True, revealed=False),
        Stand(party="supervisor", committed=False, revealed=False),
    ]

    assert {phase: absent(phase, stands) for phase in Phase if absent(phase, stands)} == {
        Phase.COMMITTING: ["supervisor"],
        Phase.REVEALING: ["office", "supervisor"],
    }


@pytest.mark.parametrize("commitment", ["", "00" * 31, "AB" * 32, "zz" * 32])
def test_what_is_no_commitment_is_refused(commitment: str) -> None:
    with pytest.raises(Refusal, match="bad_commitment"):
        check_commitment(commitment)
