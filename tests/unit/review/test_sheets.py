"""Sheets: what may be signed, the exact mean, and sealing."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from services.review.domain.findings import VETO, ZERO, Applied, applied_to
from services.review.domain.pool import REASON_WORDS, Candidate, ExpertState, Reason, sort_out
from services.review.domain.sheets import (
    SheetContent,
    check_numbers,
    check_reasons,
    computed_part,
    figures_shown,
    neutral_numbers,
    personal_order,
    plain_judgements,
    population,
    review_case,
    scorecard_of,
)
from services.review.domain.undertaking import USUAL_TEXT, undertaking_text
from services.review.sealing import Sealer
from shared.contracts.dossiers import ApplicationDossier, RaisedRule
from shared.contracts.subjects import CaseSubject
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import Refusal
from shared.rulebook import Category
from shared.rulebook.scoring.card import Scorecard, ZeroCondition

CATEGORY = load_shipped()["qingdao-economic-achievements"].category("new_quality_pioneer")
GOOD = {"core_technology": Decimal("22.5"), "integrity": Decimal(10)}


def dossier(number: int = 1, **figures: Any) -> ApplicationDossier:
    return ApplicationDossier(
        case_id=UUID(int=number),
        number=f"演练-{number:03d}",
        category_key="new_quality_pioneer",
        variant=None,
        subject=CaseSubject(name=f"演练企业{number:03d}"),
        figures={
            "industry_class": "strategic_emerging",
            "titles_valid": ["little_giant"],
            "main_product_invention_patents_3_years": "4",
            "revenue_this_year": "20000",
            "revenue_last_year": "18000",
            "revenue_two_years_ago": "15000",
            "rd_expense_this_year": str(1000 + number),
            "rd_expense_last_year": "1000",
            "rd_expense_two_years_ago": "800",
            **figures,
        },
        evidence=(),
        investigations=(),
        statement_version=None,
        accepted_at=datetime(2026, 2, 3, tzinfo=UTC),
    )


def sheet(expert: str, points: str, number: int = 1) -> SheetContent:
    return SheetContent(
        stage=UUID(int=9),
        case=UUID(int=number),
        case_number=f"演练-{number:03d}",
        expert=expert,
        judgements=plain_judgements({"core_technology": Decimal(points), "integrity": Decimal("9.5")}),
        salt="00" * 16,
    )


@settings(max_examples=40)
@given(st.lists(st.integers(0, 60), min_size=7, max_size=9))
def test_mean_is_exact(halves: list[int]) -> None:
    case = dossier()
    among = population(CATEGORY, [case, dossier(2)])
    sheets = [sheet(f"e{place}", str(Decimal(half) / 2)) for place, half in enumerate(halves)]

    reviewed = review_case(CATEGORY, case, among, sheets)

    computed = sum(
        points
        for item, points in computed_part(CATEGORY, case, among).items.items()
        if item not in ("core_technology", "integrity")
    )
    expected = Fraction(computed) + Fraction(19, 2) + Fraction(sum(halves), 2 * len(halves))
    assert reviewed.mean == expected
    assert [Fraction(Decimal(one.total)) for one in reviewed.sheets] == [
        Fraction(computed) + Fraction(19, 2) + Fraction(half, 2) for half in halves
    ]


def test_struck_case_stays_in_the_population() -> None:
    alone = computed_part(CATEGORY, dossier(1), population(CATEGORY, [dossier(1)]))
    among = population(CATEGORY, [dossier(1), dossier(2, rd_expense_this_year="9000")])
    compared = computed_part(CATEGORY, dossier(1), among)

    assert alone.items["rd_share"] > compared.items["rd_share"]


@pytest.mark.parametrize(
    ("judgements", "code", "field"),
    [
        (GOOD | {"core_technology": Decimal("30.5")}, "out_of_range", "core_technology"),
        (GOOD | {"core_technology": Decimal("-0.5")}, "out_of_range", "core_technology"),
        (GOOD | {"core_technology": Decimal("22.3")}, "not_a_step", "core_technology"),
        (GOOD | {"core_technology": Decimal("22.50000000000000001")}, "not_a_step", "core_technology"),
        (GOOD | {"rd_share": Decimal(10)}, "item_not_judged", "rd_share"),
        (GOOD | {"beauty": Decimal(1)}, "unknown_item", "beauty"),
        ({"integrity": Decimal(10)}, "missing_judgement", "core_technology"),
    ],
)
def test_wrong_sheet_is_refused(judgements: dict[str, Decimal], code: str, field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_numbers(CATEGORY, None, judgements, complete=True)

    assert (refusal.value.code, refusal.value.field, refusal.value.article) == (code, field, "附件四")


def test_draft_may_have_gaps_but_no_wrong_numbers() -> None:
    check_numbers(CATEGORY, None, {"integrity": Decimal(1)}, complete=False)

    with pytest.raises(Refusal):
        check_numbers(CATEGORY, None, {"integrity": Decimal(11)}, complete=False)


def ruled(kind: str, rule: str) -> Applied:
    return applied_to([(kind, rule, "附件四")])


def with_zero_condition() -> Category:
    """The category with a zero condition on one of its judged items."""
    zero = ZeroCondition(id="fined", item="integrity", label="受到处罚")
    card = Scorecard(**{**dict(scorecard_of(CATEGORY)), "zero_conditions": (zero,)})
    return CATEGORY.model_copy(update={"scorecard": card})


def test_upheld_zero_condition_sets_its_item_to_zero_on_every_sheet_before_the_mean() -> None:
    category, case = with_zero_condition(), dossier()
    among, sheets = population(category, [case]), [sheet("e1", "20"), sheet("e2", "10")]

    before = review_case(category, case, among, sheets)
    after = review_case(category, case, among, sheets, ruled(ZERO, "fined"))

    assert {one.items["integrity"] for one in before.sheets} == {"9.5"}
    assert {one.items["integrity"] for one in after.sheets} == {"0"}
    assert before.mean - after.mean == Fraction(19, 2)


def test_upheld_veto_takes_the_case_out_and_keeps_its_scores() -> None:
    among, sheets = population(CATEGORY, [dossier()]), [sheet("e1", "20")]

    before = review_case(CATEGORY, dossier(), among, sheets)
    after = review_case(CATEGORY, dossier(), among, sheets, ruled(VETO, "quality_bad_faith"))

    assert (before.vetoed, after.vetoed, after.mean) == (False, True, before.mean)


def test_what_an_investigation_only_raised_counts_through_the_ruling_alone() -> None:
    raised = RaisedRule(
        rule_id="quality_bad_faith", kind=VETO, source="演练", found_on="2026-02-01", investigation_id=UUID(int=5)
    )
    case = dossier().model_copy(update={"vetoes": ("quality_bad_faith",), "raised": (raised,)})
    confirmed = case.model_copy(update={"raised": ()})
    among, sheets = population(CATEGORY, [case]), [sheet("e1", "20")]

    assert not review_case(CATEGORY, case, among, sheets).vetoed
    assert review_case(CATEGORY, case, among, sheets, ruled(VETO, "quality_bad_faith")).vetoed
    assert review_case(CATEGORY, confirmed, among, sheets).vetoed


def test_a_sheet_that_is_missing_is_no_zero() -> None:
    among = population(CATEGORY, [dossier()])
    whole = review_case(CATEGORY, dossier(), among, [sheet("e1", "20"), sheet("e2", "20")])
    one_absent = review_case(CATEGORY, dossier(), among, [sheet("e1", "20")])

    assert whole.mean == one_absent.mean


@pytest.mark.parametrize(
    ("reason_if", "integrity", "wanted"),
    [("always", 10, True), ("below_full", 9, True), ("below_full", 10, False), ("zero", 0, True), ("zero", 1, False)],
)
def test_reason_is_asked_where_the_rule_says_so(reason_if: str, integrity: int, wanted: bool) -> None:
    category, given = asking_for_reasons(reason_if), {"integrity": Decimal(integrity)}

    check_reasons(category, None, given, {"integrity": "见第3页"})
    if not wanted:
        check_reasons(category, None, given, {})
        return
    with pytest.raises(Refusal) as refusal:
        check_reasons(category, None, given, {"integrity": " "})
    assert (refusal.value.code, refusal.value.field) == ("reason_needed", "integrity")


def asking_for_reasons(reason_if: str) -> Category:
    """The category whose item 'integrity' asks for reasons."""
    card = scorecard_of(CATEGORY)
    groups = tuple(
        group.model_copy(update={"items": tuple(_asking(item, reason_if) for item in group.items)})
        for group in card.groups
    )
    return CATEGORY.model_copy(update={"scorecard": Scorecard(**{**dict(card), "groups": groups})})


def _asking(item: Any, reason_if: str) -> Any:
    if item.id != "integrity":
        return item
    return item.model_copy(update={"rule": item.rule.model_copy(update={"reason_if": reason_if})})


def test_reason_for_an_unknown_item_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        check_reasons(CATEGORY, None, GOOD, {"beauty": "很好"})

    assert refusal.value.code == "unknown_item"


def test_everybody_has_an_order_of_cases_of_the_own_that_stays() -> None:
    cases = [UUID(int=number) for number in range(20)]
    orders = {tuple(personal_order(UUID(int=100 + one), cases)) for one in range(7)}

    assert len(orders) == 7
    assert all(sorted(order) == cases for order in orders)
    assert personal_order(UUID(int=100), cases) == personal_order(UUID(int=100), cases[::-1])


def test_digest_depends_on_the_salt() -> None:
    one = sheet("e1", "20")

    assert one.digest != one.model_copy(update={"salt": "11" * 16}).digest
    assert SheetContent.model_validate_json(one.bytes) == one


def test_neutral_numbers_tell_nothing_of_the_order() -> None:
    cases = [UUID(int=number) for number in range(1, 13)]

    numbers = neutral_numbers(UUID(int=77), cases)

    assert sorted(numbers.values()) == [f"{place:02d}号案" for place in range(1, 13)]
    assert [numbers[case] for case in cases] != sorted(numbers.values())
    assert numbers == neutral_numbers(UUID(int=77), list(reversed(cases)))


def test_figures_are_shown_in_words() -> None:
    shown = {one["id"]: one["value"] for one in figures_shown(CATEGORY, dossier(rd_expense_last_year=None))}

    assert shown["rd_expense_last_year"] == "没有数据"
    assert shown["revenue_this_year"] == "20000"
    assert shown["industry_class"] != "strategic_emerging"


def test_sealed_text_opens_only_at_its_place_and_with_its_key() -> None:
    sealer = Sealer(b"k" * 32)
    sealed = sealer.seal(b"content", "sheet", 1, 2)

    assert sealer.open(sealed, "sheet", 1, 2) == b"content"
    assert b"content" not in sealed
    assert sealer.seal(b"content", "sheet", 1, 2) != sealed
    for open_it in (
        lambda: sealer.open(sealed, "sheet", 1, 3),
        lambda: sealer.open(sealed, "draft", 1, 2),
        lambda: sealer.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "sheet", 1, 2),
        lambda: Sealer(b"x" * 32).open(sealed, "sheet", 1, 2),
    ):
        with pytest.raises(InvalidTag):
            open_it()


def test_pseudonym_is_another_on_every_panel_and_needs_the_key() -> None:
    sealer, expert = Sealer(b"k" * 32), UUID(int=1)

    found = {
        sealer.pseudonym(UUID(int=2), expert),
        sealer.pseudonym(UUID(int=3), expert),
        Sealer(b"x" * 32).pseudonym(UUID(int=2), expert),
    }

    assert len(found) == 3
    assert sealer.pseudonym(UUID(int=2), expert) in found


def candidate(number: int, pool: str = "media", **known: Any) -> Candidate:
    return Candidate(expert_id=UUID(int=number), pseudonym=f"p{number}", pool=pool, **known)


def test_sort_out_names_the_reason() -> None:
    eligible, excluded = sort_out(
        [
            candidate(6),
            candidate(1, pool="other"),
            candidate(2, available=False),
            candidate(3),
            candidate(4),
            candidate(5),
            candidate(7, state=ExpertState.RECORDED),
            candidate(8, state=ExpertState.SUSPENDED),
            candidate(9, loaded=True),
        ],
        pools=["media"],
        conflicts={UUID(int=3): "employer_applies"},
        stated=frozenset({UUID(int=4)}),
        members=frozenset({UUID(int=5)}),
    )

    assert [one.expert for one in eligible] == ["p6"]
    assert [(one.expert, one.reason) for one in excluded] == [
        ("p1", Reason.POOL_NOT_USED),
        ("p2", Reason.UNAVAILABLE),
        ("p3", "employer_applies"),
        ("p4", Reason.CONFLICT_STATED),
        ("p5", Reason.ALREADY_ON_PANEL),
        ("p7", Reason.NOT_APPROVED),
        ("p8", Reason.SUSPENDED),
        ("p9", Reason.LOADED),
    ]
    assert {one.reason for one in excluded} <= set(REASON_WORDS)


def test_undertaking_is_the_rulebooks_own_and_another_text_is_another_version() -> None:
    usual, own, other = undertaking_text(()), undertaking_text(["甲"]), undertaking_text(["甲", "乙"])

    assert (usual.version, usual.lines) == ("2026-1", USUAL_TEXT)
    assert len({usual.version, own.version, other.version}) == 3
    assert len({usual.digest, own.digest, other.digest}) == 3
    assert own.lines == ("甲",)
