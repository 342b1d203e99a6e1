"""Votes are checked and counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.publication.domain.votes import check_choices, count
from shared.kernel.refusals import Refusal

CANDIDATES = ("a", "b", "c")


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ([], "no_choice"),
        (["a", "b", "c"], "too_many_choices"),
        (["a", "a"], "repeated_choice"),
        (["a", "x"], "unknown_choice"),
    ],
)
def test_bad_vote_is_refused(choices: list[str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_choices(choices, CANDIDATES, 2)

    assert refused.value.code == code


@given(st.lists(st.lists(st.sampled_from(CANDIDATES), unique=True, min_size=1)))
def test_every_choice_counts_once(votes: list[list[str]]) -> None:
    counted = count(votes, CANDIDATES)

    assert set(counted) == set(CANDIDATES)
    assert sum(counted.values()) == sum(len(vote) for vote in votes)
