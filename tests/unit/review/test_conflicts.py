"""Conflicts of interest follow from ties, employers, groups and earlier panels, and from nothing else."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.conflicts import KIND_WORDS, Kind, Tie, Tied, conflicts_of

TODAY = date(2026, 3, 2)
EXPERT = UUID(int=1)
CODES = st.sampled_from(["A", "B", "C", "D"])
GROUPS = st.dictionaries(CODES, st.sampled_from(["甲集团", "乙集团"]))
TIES = st.builds(
    Tie,
    kind=st.sampled_from([Kind.DECLARED, Kind.CONSULTING, Kind.ASSOCIATION, Kind.LEGAL_REPRESENTATIVE]),
    organisation=CODES,
    evidence=st.just("登记表"),
    until=st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
)
PEOPLE = st.builds(
    Tied,
    expert=st.just(EXPERT),
    employer=st.none() | CODES,
    ties=st.lists(TIES, max_size=4).map(tuple),
    judged=st.dictionaries(CODES, st.dates(date(2020, 1, 1), TODAY)),
)


def kinds(one: Tied, *codes: str, groups: dict[str, str] | None = None, years: int = 3) -> list[Kind]:
    return [found.kind for found in conflicts_of(one, codes, groups or {}, today=TODAY, years=years)]


def tied(kind: Kind, until: date | None = None) -> Tied:
    return Tied(expert=EXPERT, ties=(Tie(kind=kind, organisation="A", evidence="登记表", until=until),))


def test_employer_and_its_group_keep_away() -> None:
    one = Tied(expert=EXPERT, employer="A")

    assert kinds(one, "A", "B", groups={"A": "甲集团", "B": "甲集团"}) == [Kind.EMPLOYER, Kind.GROUP]
    assert kinds(one, "B", groups={"A": "甲集团", "B": "乙集团"}) == []
    assert kinds(one, "B") == []


@pytest.mark.parametrize("kind", [Kind.DECLARED, Kind.CONSULTING, Kind.ASSOCIATION, Kind.LEGAL_REPRESENTATIVE])
def test_a_recorded_tie_keeps_away_until_it_is_over(kind: Kind) -> None:
    assert kinds(tied(kind), "A") == [kind]
    assert kinds(tied(kind, TODAY), "A") == [kind]
    assert kinds(tied(kind, TODAY - timedelta(days=1)), "A") == []
    assert kinds(tied(kind), "B") == []


def test_a_tie_to_one_of_a_group_reaches_the_others() -> None:
    assert kinds(tied(Kind.CONSULTING), "B", groups={"A": "甲集团", "B": "甲集团"}) == [Kind.CONSULTING]


@pytest.mark.parametrize(
    ("judged", "years", "away"),
    [
        (date(2023, 3, 3), 3, True),
        (date(2023, 3, 2), 3, False),
        (date(2024, 2, 29), 2, False),
        (date(2024, 2, 29), 3, True),
        (TODAY, 0, False),
    ],
)
def test_an_earlier_panel_keeps_away_for_so_many_years(judged: date, years: int, away: bool) -> None:
    assert bool(kinds(Tied(expert=EXPERT, judged={"A": judged}), "A", years=years)) is away


@given(PEOPLE, st.sets(CODES), GROUPS)
def test_what_is_found_concerns_only_what_is_under_review(one: Tied, codes: set[str], groups: dict[str, str]) -> None:
    found = conflicts_of(one, codes, groups, today=TODAY, years=3)

    assert {each.organisation for each in found} <= codes
    assert all(each.expert == EXPERT and each.evidence for each in found)


@given(PEOPLE, st.sets(CODES), CODES, GROUPS)
def test_another_case_never_takes_a_conflict_away(
    one: Tied, codes: set[str], more: str, groups: dict[str, str]
) -> None:
    before = conflicts_of(one, codes, groups, today=TODAY, years=3)
    after = conflicts_of(one, codes | {more}, groups, today=TODAY, years=3)

    assert [each for each in after if each.organisation in codes] == before


@given(PEOPLE, TIES, st.sets(CODES), GROUPS)
def test_another_tie_never_takes_a_conflict_away(one: Tied, tie: Tie, codes: set[str], groups: dict[str, str]) -> None:
    more = one.model_copy(update={"ties": (*one.ties, tie)})
    before = conflicts_of(one, codes, groups, today=TODAY, years=3)

    assert set(before) <= set(conflicts_of(more, codes, groups, today=TODAY, years=3))


@given(PEOPLE, st.sets(CODES), GROUPS)
def test_a_ruling_lifts_exactly_what_it_names(one: Tied, codes: set[str], groups: dict[str, str]) -> None:
    found = conflicts_of(one, codes, groups, today=TODAY, years=3)
    lifted = frozenset((each.kind, each.organisation, each.evidence) for each in found[:1])
    left = conflicts_of(one.model_copy(update={"lifted": lifted}), codes, groups, today=TODAY, years=3)

    assert left == [each for each in found if not each.quoted & lifted]


def test_a_lifted_tie_holds_again_with_other_evidence_and_for_nobody_of_its_group_with_the_same() -> None:
    groups = {"A": "甲集团", "B": "甲集团"}
    lifted = tied(Kind.CONSULTING).model_copy(update={"lifted": {(Kind.CONSULTING, "A", "登记表")}})
    anew = Tie(kind=Kind.CONSULTING, organisation="A", evidence="2026年合同")

    assert kinds(lifted, "A", "B", groups=groups) == []
    assert kinds(lifted.model_copy(update={"ties": (*lifted.ties, anew)}), "A") == [Kind.CONSULTING]


def test_every_kind_has_words() -> None:
    assert set(KIND_WORDS) == set(Kind)
