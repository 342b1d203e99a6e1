"""A case moves only as the procedure allows, and is decided once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.submission.domain.cases import (
    FALLEN,
    LIVING,
    UNDECIDED,
    WORDS,
    CaseEvent,
    CaseState,
    after,
    case_number,
    next_step,
    require_version,
    who_must_act,
)
from shared.kernel.refusals import Conflict

TAKEN_BACK = (CaseEvent.REINSTATE, CaseEvent.RESTORE)
DECIDING = (CaseEvent.PASS, CaseEvent.REJECT, CaseEvent.LAPSE)


class Filing(RuleBasedStateMachine):
    """Random events on a case, against what the regulation promises."""

    def __init__(self) -> None:
        super().__init__()
        self.state = CaseState.DRAFT
        self.decisions = 0
        self.accepted = False

    @rule(event=st.sampled_from([event for event in CaseEvent if event not in TAKEN_BACK]))
    def happen(self, event: CaseEvent) -> None:
        before = self.state
        try:
            self.state = after(before, event)
        except Conflict:
            assert self.state is before
            return
        assert before in LIVING
        self.decisions += event in DECIDING
        self.accepted |= event is CaseEvent.SUBMIT

    @precondition(lambda self: self.state is CaseState.DISQUALIFIED)
    @rule()
    def the_disqualification_is_taken_back(self) -> None:
        self.state = after(self.state, CaseEvent.REINSTATE if self.decisions else CaseEvent.RESTORE)

    @precondition(lambda self: self.state in FALLEN)
    @rule(event=st.sampled_from([event for event in CaseEvent if event not in TAKEN_BACK]))
    def nothing_leaves_an_end(self, event: CaseEvent) -> None:
        with pytest.raises(Conflict):
            after(self.state, event)

    @invariant()
    def decided_at_most_once(self) -> None:
        assert self.decisions <= 1

    @invariant()
    def only_what_was_accepted_is_screened(self) -> None:
        if self.state in UNDECIDED | {CaseState.PASSED, CaseState.REJECTED, CaseState.LAPSED, CaseState.DISQUALIFIED}:
            assert self.accepted


TestFiling = Filing.TestCase
TestFiling.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize("state", sorted(FALLEN | {CaseState.PASSED} - {CaseState.DRAFT}))
@pytest.mark.parametrize("event", [CaseEvent.PASS, CaseEvent.REJECT, CaseEvent.ASK])
def test_a_second_decision_is_named_as_such(state: CaseState, event: CaseEvent) -> None:
    with pytest.raises(Conflict) as refusal:
        after(state, event)

    assert refusal.value.code == "already_decided"


def test_a_rectification_goes_back_to_the_screener() -> None:
    asked = after(CaseState.ACCEPTED, CaseEvent.ASK)

    assert asked is CaseState.RECTIFYING
    assert after(asked, CaseEvent.RESUBMIT) is CaseState.ACCEPTED


def test_nobody_decides_while_the_applicant_puts_things_right() -> None:
    with pytest.raises(Conflict) as refusal:
        after(CaseState.RECTIFYING, CaseEvent.PASS)

    assert refusal.value.code == "case_state"


@pytest.mark.parametrize("state", CaseState)
def test_every_state_is_told_in_words(state: CaseState) -> None:
    assert WORDS[state]
    assert next_step(state).endswith("。")


def test_a_passed_case_is_told_when_its_list_is_public_and_no_other_is() -> None:
    assert next_step(CaseState.PASSED, "publicity").startswith("名单已公示")
    assert next_step(CaseState.PASSED, "release").startswith("名单已经发布")
    assert next_step(CaseState.REJECTED, "release") == next_step(CaseState.REJECTED)


def test_whose_turn_it_is() -> None:
    turns = {state: who_must_act(state) for state in CaseState if who_must_act(state)}

    assert turns == {CaseState.DRAFT: "enterprise", CaseState.RECTIFYING: "enterprise", CaseState.ACCEPTED: "office"}


def test_a_decision_on_another_version_is_refused() -> None:
    require_version(3, 3)

    with pytest.raises(Conflict):
        require_version(4, 3)


@given(place=st.integers(1, 99_999))
def test_numbers_are_unique_and_legible(place: int) -> None:
    number = case_number("NQ", 2025, place)

    assert number.startswith("NQ-2025-")
    assert int(number.rsplit("-", 1)[1]) == place


def test_categories_of_both_rulebooks_have_numbers_of_their_own() -> None:
    from shared.infra.rulebooks import load_shipped

    for book in load_shipped().values():
        initials = [case_number(category.initials, 2025, 1) for category in book.categories]
        assert len(set(initials)) == len(initials)
