"""The example cases of both programmes come out equal as parsed JSON, free-text messages aside."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.rulebook import Rulebook
from shared.rulebook.exchange import score_lines, scored_categories

DATA = Path(__file__).parent / "data"


def _parsed(answer: Any) -> Any:
    value = json.loads(json.dumps(answer))
    for error in value.get("errors", ()):
        del error["message"]
    return value


@pytest.mark.parametrize(
    ("programme", "rulebook", "count"),
    [("economic", "qingdao-economic-achievements", 41), ("little_giant", "little-giant-performance", 28)],
)
def test_example_cases_come_out_equal(books: dict[str, Rulebook], programme: str, rulebook: str, count: int) -> None:
    cases = (DATA / f"{programme}_cases.jsonl").read_text(encoding="utf-8").split("\n")
    expected = (DATA / f"{programme}_results.jsonl").read_text(encoding="utf-8").splitlines()

    answers = [_parsed(answer) for answer in score_lines(scored_categories(books[rulebook]), cases)]

    assert len(answers) == count
    assert answers == [_parsed(json.loads(line)) for line in expected]


def _codes(books: dict[str, Rulebook], *lines: str) -> list[list[tuple[str | None, str]]]:
    categories = scored_categories(books["qingdao-economic-achievements"])
    categories |= scored_categories(books["little-giant-performance"])
    return [
        [(error["field"], error["code"]) for error in _parsed(answer).get("errors", ())]
        for answer in score_lines(categories, lines)
    ]


SCORES = '"judgements":{"five_concepts":1,"key_chain":1,"localisation":1,"innovation_output":1,"economic_potential":1}'


@pytest.mark.parametrize(
    ("line", "errors"),
    [
        ("[1]", [(None, "not_an_object")]),
        ('{"case":"a","case":"b"}', [(None, "bad_json")]),
        ("[" * 100_000, [(None, "bad_json")]),
        ("{}", [("case", "missing_field"), ("category", "missing_field")]),
        ('{"case":"","category":"nothing"}', [("case", "wrong_type"), ("category", "unknown_category")]),
        (
            '{"case":"a","category":"development_case","vetoes":[1],"shoe":1}',
            [("vetoes", "wrong_type"), ("shoe", "unknown_field")],
        ),
        ('{"case":"a","category":"model_enterprise"}', [("variant", "missing_variant")]),
        (
            '{"case":"a","category":"development_case","variant":"services",' + SCORES + "}",
            [("variant", "unknown_variant")],
        ),
        (
            '{"case":"a","category":"development_case",' + SCORES.replace("1", "NaN", 1) + "}",
            [("judgements.five_concepts", "not_a_number")],
        ),
        (
            '{"case":"a","category":"development_case",' + SCORES.replace("1", "1e999999999", 1) + "}",
            [("judgements.five_concepts", "out_of_range")],
        ),
        (
            '{"case":"a","category":"development_case","vetoes":["x"],"overrides":{"key_chain":1},' + SCORES + "}",
            [("overrides.key_chain", "override_not_allowed"), ("vetoes.x", "unknown_veto")],
        ),
    ],
)
def test_bad_lines_are_answered_with_the_errors_of_the_first_step(
    books: dict[str, Rulebook], line: str, errors: list[tuple[str | None, str]]
) -> None:
    assert _codes(books, line) == [errors]


def test_a_repeated_case_is_refused_and_the_others_are_scored(books: dict[str, Rulebook]) -> None:
    line = '{"case":"a","category":"development_case",' + SCORES + "}"

    assert _codes(books, line, "", line, line.replace('"a"', '"b"')) == [[], [("case", "duplicate_case")], []]


def test_a_decision_by_hand_stands_only_where_nothing_can_be_computed(books: dict[str, Rulebook]) -> None:
    facts = '"trade_amount_this_year":5,"trade_amount_last_year":%s,"general_violations":0'
    line = '{"case":"a","category":"trade_pioneer","variant":"other","overrides":{"trade_growth":2.5},"facts":{%s}}'

    assert _codes(books, line % (facts % "4"), line.replace('"a"', '"b"') % (facts % "0")) == [
        [("overrides.trade_growth", "override_not_allowed")],
        [],
    ]


def test_a_figure_that_only_consistency_checks_compare_is_unknown_to_the_scorer(books: dict[str, Rulebook]) -> None:
    (errors,) = _codes(books, '{"case":"a","category":"little_giant","facts":{"total_revenue":1}}')

    assert errors[0] == ("facts.total_revenue", "unknown_fact")
