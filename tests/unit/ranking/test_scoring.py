"""Scoring by rule: the 28 published forms, points by hand, trade pioneers in their classes."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.ranking.domain.ranks import Standing, rank
from services.ranking.domain.scoring import (
    ByHand,
    check_judgement,
    check_override,
    result_json,
    review_dossier,
    score_all,
    scorecard_of,
)
from shared.contracts.dossiers import ApplicationDossier
from shared.contracts.subjects import CaseSubject
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import Refusal

DATA = Path(__file__).parents[1] / "rulebook" / "data"
BOOK = load_shipped()["little-giant-performance"]
CATEGORY = BOOK.category("little_giant")
TRADE = {"general_violations": "1"}


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line, parse_float=str) for line in (DATA / name).read_text("utf-8").splitlines() if line]


def filing(number: str, figures: dict[str, Any], variant: str | None = None) -> ApplicationDossier:
    return ApplicationDossier(
        case_id=uuid4(),
        number=number,
        category_key="little_giant",
        variant=variant,
        subject=CaseSubject(name=number),
        figures=figures,
        evidence=(),
        investigations=(),
        statement_version=None,
        accepted_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def score_one(figures: dict[str, Any], by_hand: ByHand | None = None) -> dict[str, Any]:
    one = filing("A", figures)
    found = score_all(BOOK, CATEGORY, [one], {one.case_id: by_hand or ByHand()})
    return result_json(CATEGORY, found[one.case_id])


def test_the_28_published_forms_give_the_results_of_the_rule() -> None:
    filings = [filing(one["case"], one["facts"]) for one in lines("little_giant_cases.jsonl")]
    expected = {one["case"]: (one["total"], one["items"]) for one in lines("little_giant_results.jsonl")}

    results = score_all(BOOK, CATEGORY, filings, {})

    found = {one.number: result_json(CATEGORY, results[one.case_id]) for one in filings}
    assert {number: (one["total"], one["items"]) for number, one in found.items()} == expected


def test_a_kept_result_says_the_whole_path_with_the_figures_read() -> None:
    said = score_one(lines("little_giant_cases.jsonl")[0]["facts"])["words"]["rd_intensity"]

    assert said["sentence"].startswith(f"{said['item_name']} {said['words']} → ")
    assert said["sentence"].endswith("（附2，创新能力）")
    assert [reading.split(" ")[0] for reading in said["readings"]] == [
        "研发经费支出占营业收入比重（目标值）",
        "研发经费支出占营业收入比重（完成值）",
    ]


def test_an_item_without_a_target_waits_for_a_decision_by_hand() -> None:
    figures = {**lines("little_giant_cases.jsonl")[0]["facts"], "export_share_target": None, "export_share_actual": "5"}

    waiting = score_one(figures)
    decided = score_one(figures, ByHand(overrides={"export_share": Decimal("2.5")}))

    assert (waiting["provisional"], waiting["items"]["export_share"]) == (["export_share"], "0")
    assert (decided["provisional"], decided["items"]["export_share"]) == ([], "2.5")
    assert Decimal(decided["total"]) - Decimal(waiting["total"]) == Decimal("2.5")


def test_a_deduction_is_taken_from_the_total_and_stops_at_zero() -> None:
    figures = lines("little_giant_cases.jsonl")[0]["facts"]

    plain, taken = score_one(figures), score_one(figures, ByHand(judgements={"fund_use_compliance": Decimal(20)}))

    assert Decimal(plain["total"]) - Decimal(taken["total"]) == 20


@pytest.mark.parametrize(
    ("item", "points", "code"),
    [
        ("export_share", "5.5", "out_of_range"),
        ("export_share", "-0.5", "out_of_range"),
        ("export_share", "2.25", "not_a_step"),
        ("rd_intensity", "5", "override_not_allowed"),
        ("no_such_item", "5", "override_not_allowed"),
    ],
)
def test_points_by_hand_that_cannot_stand_are_refused(item: str, points: str, code: str) -> None:
    figures = {**lines("little_giant_cases.jsonl")[0]["facts"], "export_share_target": None, "export_share_actual": "5"}

    with pytest.raises(Refusal) as refused:
        check_override(scorecard_of(CATEGORY), None, score_one(figures), item, Decimal(points))

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("item", "points", "code"),
    [
        ("fund_use_compliance", "20.5", "out_of_range"),
        ("fund_use_compliance", "0.3", "not_a_step"),
        ("main_revenue_share", "1", "item_not_judged"),
        ("no_such_item", "1", "unknown_item"),
    ],
)
def test_deductions_that_cannot_stand_are_refused(item: str, points: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_judgement(scorecard_of(CATEGORY), None, item, Decimal(points))

    assert refused.value.code == code


def test_a_figure_that_cannot_be_read_names_the_case() -> None:
    with pytest.raises(Refusal, match="A：") as refused:
        score_one({**lines("little_giant_cases.jsonl")[0]["facts"], "rd_intensity_actual": "六"})

    assert refused.value.code == "not_scorable"


def test_a_missing_figure_is_refused_and_not_a_fault() -> None:
    category = load_shipped()["qingdao-economic-achievements"].category("trade_pioneer")

    with pytest.raises(Refusal, match="not_scorable"):
        score_all(load_shipped()["qingdao-economic-achievements"], category, [filing("A", TRADE, "other")], {})


def test_the_result_is_handed_over_as_the_exact_mean_of_one_sheet() -> None:
    one = filing("A", lines("little_giant_cases.jsonl")[0]["facts"])
    result = result_json(CATEGORY, score_all(BOOK, CATEGORY, [one], {})[one.case_id])

    dossier = review_dossier(one, "d" * 64, result, ByHand())

    assert (dossier.mean_numerator, dossier.mean_denominator) == (175, 2)
    assert (dossier.sheets[0].total, dossier.sheets[0].items["export_share"]) == ("87.5", "2.5")


def test_trade_pioneers_are_scored_and_ranked_in_their_classes() -> None:
    book = load_shipped()["qingdao-economic-achievements"]
    category = book.category("trade_pioneer")
    amounts = {"A": ("manufacturing", 500, 400), "B": ("manufacturing", 300, 100), "C": ("other", 50, 50)}
    filings = [
        filing(number, TRADE | {"trade_amount_this_year": str(now), "trade_amount_last_year": str(before)}, variant)
        for number, (variant, now, before) in amounts.items()
    ]

    results = score_all(book, category, filings, {})
    ranked = rank(
        [
            Standing(UUID(int=place), one.number, int(results[one.case_id].total * 10**6), 10**6, one.variant)
            for place, one in enumerate(filings)
        ]
    )

    assert {(one.group, one.rank) for one in ranked} == {("manufacturing", 1), ("manufacturing", 2), ("other", 1)}
