"""What holds for every case of every scorecard, and that no input, however bad, is a fault of ours."""

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.infra.rulebooks import load_shipped
from shared.rulebook import Category, RulebookRefused, load_rulebook
from shared.rulebook.exchange import score_lines, scorecard_of, scored_categories
from tests.unit.rulebook.cases import json_line, valid_case

CATEGORIES: dict[str, Category] = {
    key: category for book in load_shipped().values() for key, category in scored_categories(book).items()
}
categories = st.sampled_from(sorted(CATEGORIES))
seeds = st.randoms(use_true_random=False)


def scored(*cases: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(answer)) for answer in score_lines(CATEGORIES, map(json_line, cases))]


@settings(max_examples=150, deadline=None)
@given(key=categories, random=seeds)
def test_items_keep_to_their_points_and_groups_add_up(key: str, random: Random) -> None:
    case = valid_case(CATEGORIES[key], random, "x")

    (answer,) = scored(case)

    card = scorecard_of(CATEGORIES[key])
    points = {item.id: item.points for _, item in card.lines(case.get("variant"))}
    assert list(answer["items"]) == list(answer["explanations"]) == list(points)
    for item, full in points.items():
        assert Decimal(answer["items"][item]) <= full
        assert Decimal(answer["items"][item]) >= (-20 if item == "fund_use_compliance" else 0)
    assert [group.id for group in card.groups] == list(answer["groups"])
    total = sum(map(Decimal, answer["groups"].values()))
    assert Decimal(answer["total"]) == (total if card.floor is None else max(card.floor, total))
    assert Decimal(answer["total"]) <= Decimal(answer["reachable_max"]) <= card.total


@settings(max_examples=60, deadline=None)
@given(key=categories, random=seeds, others=st.integers(1, 6))
def test_another_applicant_never_changes_absolute_items(key: str, random: Random, others: int) -> None:
    category = CATEGORIES[key]
    first, *rest = [valid_case(category, random, str(place), "pool") for place in range(1 + others)]

    alone, together = scored(first)[0], scored(first, *rest)[0]

    card = scorecard_of(category)
    for item, points in alone["items"].items():
        rule = card.item(item, first.get("variant"))
        assert rule is not None
        if not rule.rule.compares:
            assert together["items"][item] == points
            assert together["explanations"][item] == alone["explanations"][item]


@settings(max_examples=60, deadline=None)
@given(random=seeds, size=st.integers(1, 8))
def test_the_order_of_lines_changes_no_result(random: Random, size: int) -> None:
    keys = sorted(CATEGORIES)
    cases = [valid_case(CATEGORIES[random.choice(keys)], random, str(place), "pool") for place in range(size)]
    shuffled = random.sample(cases, size)

    assert {answer["case"]: answer for answer in scored(*cases)} == {
        answer["case"]: answer for answer in scored(*shuffled)
    }


BAD_NUMBERS = (
    "NaN",
    "-Infinity",
    "1e999",
    "-1e999999999999999999999",
    "1e-99999999999999999999",
    "1E+400",
    "0e-999999999",
)
BAD_VALUES = (
    *BAD_NUMBERS,
    "-5",
    "true",
    "null",
    '"１２"',
    '"12%"',
    '"5"',
    "[]",
    "{}",
    "[[1]]",
    "0.0000001",
    '"\\ud800"',
)


@settings(max_examples=250, deadline=None)
@given(key=categories, random=seeds, value=st.sampled_from(BAD_VALUES), data=st.data())
def test_one_bad_value_anywhere_is_named_and_never_a_traceback(
    key: str, random: Random, value: str, data: st.DataObject
) -> None:
    case = valid_case(CATEGORIES[key], random, "x")
    section = data.draw(st.sampled_from([name for name, part in case.items() if part]))
    field = section
    if isinstance(case[section], dict):
        name = data.draw(st.sampled_from(sorted(case[section])))
        case[section][name] = "HERE"
        field = f"{section}.{name}"
    else:
        case[section] = "HERE"

    (answer,) = score_lines(CATEGORIES, [json_line(case).replace('"HERE"', value)])

    named = {error["field"] for error in answer.get("errors", ())}  # type: ignore[index,union-attr,call-overload]
    assert named <= {field, section}
    if value in BAD_NUMBERS[:3]:
        assert named


@settings(max_examples=150, deadline=None)
@given(line=st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))))
def test_any_text_is_answered(line: str) -> None:
    for answer in score_lines(CATEGORIES, [line]):
        assert answer["errors"]


jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4),
    max_leaves=12,
)
fields = ("case", "category", "variant", "population", "facts", "judgements", "vetoes", "overrides", "options", "other")


@settings(max_examples=150, deadline=None)
@given(value=st.dictionaries(st.sampled_from(fields), jsons), key=categories)
def test_any_object_is_answered(value: dict[str, Any], key: str) -> None:
    for line in (value, {**value, "case": "x", "category": key}):
        (answer,) = score_lines(CATEGORIES, [json.dumps(line)])
        assert "errors" in answer or answer["total"] is not None


@pytest.mark.parametrize(
    "digits", ["9" * 10_000_000, "0." + "1" * 10_000_000, "1e" + "9" * 10_000_000, "-" + "9" * 10**7]
)
def test_ten_million_digits_are_out_of_range(digits: str) -> None:
    case = valid_case(CATEGORIES["trade_pioneer"], Random(1), "x")
    line = json_line({**case, "facts": {**case["facts"], "trade_amount_this_year": "HERE"}}).replace('"HERE"', digits)

    (answer,) = score_lines(CATEGORIES, [line])

    assert [(e["field"], e["code"]) for e in answer["errors"]] == [("facts.trade_amount_this_year", "out_of_range")]  # type: ignore[index,union-attr,call-overload]


def test_a_line_of_ten_megabytes_is_scored() -> None:
    case = valid_case(CATEGORIES["development_case"], Random(1), "案" * 1_000_000)

    (long, short) = scored({**case, "facts": {"key_chain_name": "链" * 3_000_000}}, {**case, "case": "x"})

    assert {**long, "case": "x"} == short


@pytest.mark.parametrize("digits", ["5" + "." + "0" * 10_000_000, "0.5e1", "500e-2", "5.0E+0"])
def test_a_number_may_be_written_at_any_length(digits: str) -> None:
    case = valid_case(CATEGORIES["trade_pioneer"], Random(1), "x")
    facts = {"trade_amount_this_year": "HERE", "trade_amount_last_year": 5, "general_violations": 0}
    line = json_line({**case, "facts": facts}).replace('"HERE"', digits)

    (answer,) = score_lines(CATEGORIES, [line])

    said = answer["explanations"]["trade_growth"]  # type: ignore[index,call-overload]
    assert said["inputs"]["trade_amount_this_year"] == "5"  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("-1e-400", "out_of_range"),
        ("-1e-99999999999999999999", "out_of_range"),
        ("1e-99999999999999999999", "not_a_step"),
    ],
)
def test_a_tiny_judgement_is_below_zero_or_off_its_step(given: str, code: str) -> None:
    case = valid_case(CATEGORIES["development_case"], Random(1), "x")
    line = json_line({**case, "judgements": {**case["judgements"], "key_chain": "HERE"}}).replace('"HERE"', given)

    (answer,) = score_lines(CATEGORIES, [line])

    assert [error["code"] for error in answer["errors"]] == [code]  # type: ignore[index,union-attr,call-overload]


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.text(), st.text(alphabet=" \n\t-:[]{}&*!|>'\"%@`#?,abc01.é案\ufeff\x85\u2028")))
def test_any_text_is_refused_as_rulebook_with_a_reason(text: str) -> None:
    with pytest.raises(RulebookRefused) as refused:
        load_rulebook(text)

    assert all(problem.message for problem in refused.value.problems)
