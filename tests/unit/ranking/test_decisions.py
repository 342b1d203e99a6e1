"""Quota, departures from rank order, shares of classes."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ranking.domain.decisions import Choice, Edges, Quota, check_choices, departure_marks, line_states
from services.ranking.domain.ranks import Ranked, Standing, rank
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import Refusal

PLAIN = Quota(count=3, article="第二十一条", shares={}, strict=False, share_article=None)
SPLIT = Quota(count=4, article="第二十一条", shares={"made": 2, "other": 2}, strict=False, share_article="第二十一条")


def ranked(*means: int, groups: str | None = None) -> list[Ranked]:
    """Cases 1, 2, … with these means; ``groups`` one letter a case: m(ade) or o(ther)."""
    names = {"m": "made", "o": "other"}
    return rank(
        [
            Standing(UUID(int=number), f"C-{number}", mean, 1, names[groups[number - 1]] if groups else None)
            for number, mean in enumerate(means, 1)
        ]
    )


def chosen(among: list[Ranked], *numbers: int, reasons: Mapping[int, str] | None = None) -> dict[UUID, Choice]:
    given = reasons or {}
    return {one.case_id: Choice(one.case_id.int in numbers, given.get(one.case_id.int)) for one in among}


def code_of(among: list[Ranked], choices: dict[UUID, Choice], quota: Quota = PLAIN, reason: str | None = None) -> str:
    with pytest.raises(Refusal) as refused:
        check_choices(among, choices, quota, reason)
    return refused.value.code


def test_the_best_up_to_the_quota_need_no_reason() -> None:
    among = ranked(9, 8, 7, 6, 5)

    check_choices(among, chosen(among, 1, 2, 3), PLAIN)


def test_more_than_the_quota_is_refused_even_with_reasons() -> None:
    among = ranked(9, 8, 7, 6)

    assert code_of(among, chosen(among, 1, 2, 3, 4, reasons={4: "x"}), reason="x") == "over_quota"


@pytest.mark.parametrize("reasons", [{3: "行业集中"}, {4: "新兴产业"}])
def test_a_departure_needs_a_reason_on_either_side(reasons: dict[int, str]) -> None:
    among = ranked(9, 8, 7, 6)

    assert code_of(among, chosen(among, 1, 2, 4)) == "departure_needs_reason"
    check_choices(among, chosen(among, 1, 2, 4, reasons=reasons), PLAIN)


def test_the_next_in_rank_who_moves_up_needs_no_reason_of_its_own() -> None:
    among = ranked(9, 8, 7, 6, 5)

    check_choices(among, chosen(among, 1, 3, 4, reasons={2: "经核查不宜"}), PLAIN)


def test_choosing_among_equals_needs_a_reason() -> None:
    among = ranked(9, 8, 7, 7)

    assert code_of(among, chosen(among, 1, 2, 3)) == "departure_needs_reason"
    check_choices(among, chosen(among, 1, 2, 3, reasons={4: "同分，经研究"}), PLAIN)


def test_fewer_than_the_quota_need_a_reason() -> None:
    among = ranked(9, 8, 7, 6)

    assert code_of(among, chosen(among, 1, 2)) == "fewer_needs_reason"
    check_choices(among, chosen(among, 1, 2), PLAIN, "宁缺毋滥")
    check_choices(among, chosen(among, 1, 2, reasons={3: "不宜", 4: "不宜"}), PLAIN)


def test_fewer_cases_than_the_quota_need_no_reason() -> None:
    among = ranked(9, 8)

    check_choices(among, chosen(among, 1, 2), PLAIN)


def test_a_part_of_the_decisions_is_judged_by_what_is_decided() -> None:
    among = ranked(9, 8, 7, 6)
    choices = chosen(among, 1, 2)

    check_choices(among, {case: choices[case] for case in list(choices)[:2]}, PLAIN)


def test_no_quota_means_no_number() -> None:
    among = ranked(9, 8, 7)
    no_number = Quota.of(_category("development_case"))

    check_choices(among, chosen(among, 1), no_number)
    check_choices(among, chosen(among, 1, 2, 3), no_number)
    assert code_of(among, chosen(among, 2), no_number) == "departure_needs_reason"


def test_classes_are_ranked_and_chosen_apart() -> None:
    among = ranked(99, 98, 97, 10, 9, 8, groups="mmmooo")

    check_choices(among, chosen(among, 1, 2, 4, 5), SPLIT)
    assert code_of(among, chosen(among, 1, 3, 4, 5), SPLIT) == "departure_needs_reason"


def test_a_split_in_principle_is_left_only_with_a_reason() -> None:
    among = ranked(99, 98, 97, 10, groups="mmmo")

    assert code_of(among, chosen(among, 1, 2, 3, 4), SPLIT) == "split_needs_reason"
    check_choices(among, chosen(among, 1, 2, 3, 4), SPLIT, "其他类型不足")


def test_a_strict_split_is_never_left() -> None:
    among = ranked(99, 98, 97, 10, groups="mmmo")
    strict = Quota(4, "第二十一条", {"made": 2, "other": 2}, strict=True, share_article="第二十一条")

    assert code_of(among, chosen(among, 1, 2, 3, 4), strict, "其他类型不足") == "over_share"


def test_the_quota_of_trade_pioneers_is_five_and_five_in_principle() -> None:
    quota = Quota.of(_category("trade_pioneer"))

    names = {"manufacturing": "制造类", "other": "其他类型"}
    assert quota == Quota(10, "第二十一条", {"manufacturing": 5, "other": 5}, False, "第二十一条", names)
    assert (quota.line("manufacturing"), quota.line(None)) == (5, 10)


def test_a_tie_that_crosses_the_line_stands_on_it() -> None:
    among = ranked(9, 8, 7, 7, 6)

    assert list(line_states(among, PLAIN).values()) == ["above", "above", "on", "on", "below"]


def test_the_table_shows_who_was_passed_over_and_who_preferred() -> None:
    among = ranked(9, 8, 7, 6)
    choices = chosen(among, 1, 2, 4, reasons={3: "x"})

    assert departure_marks(among, choices) == {UUID(int=3): "passed_over", UUID(int=4): "preferred"}


def test_a_choice_among_equals_is_told_from_a_departure() -> None:
    among = ranked(9, 8, 7, 7)
    choices = chosen(among, 1, 2, 3, reasons={4: "x"})

    assert departure_marks(among, choices) == {UUID(int=3): "among_equals", UUID(int=4): "among_equals"}


def _category(key: str):  # type: ignore[no-untyped-def]
    return load_shipped()["qingdao-economic-achievements"].category(key)


def test_who_sees_only_a_part_is_not_asked_why_places_are_left() -> None:
    among = ranked(9, 8, 7)

    assert code_of(among, chosen(among, 1, 2)) == "fewer_needs_reason"
    check_choices(among, chosen(among, 1, 2), PLAIN, whole=False)
    with pytest.raises(Refusal, match="departure_needs_reason"):
        check_choices(among, chosen(among, 1, 3), PLAIN, whole=False)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=9), st.integers(1, 9), st.sets(st.integers(1, 9)))
def test_the_edges_of_a_class_say_the_same_of_each_entry_as_the_whole(
    means: list[int], line: int, picked: set[int]
) -> None:
    among, quota = ranked(*means), Quota(count=line, article="x", shares={}, strict=False, share_article=None)
    choices = chosen(among, *picked)
    within = [one.rank for one in among if one.rank <= line]
    edges = Edges(
        line,
        max(within),
        len(within),
        max((one.rank for one in among if choices[one.case_id].shortlisted), default=None),
        min((one.rank for one in among if not choices[one.case_id].shortlisted), default=None),
    )
    marks, states = departure_marks(among, choices), line_states(among, quota)

    for one in among:
        assert edges.line_state(one.rank) == states[one.case_id]
        assert edges.departure(one.rank, choices[one.case_id].shortlisted) == marks.get(one.case_id)
