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

from services.review.domain.pool import Candidate, Reason, sort_out
from services.review.domain.sheets import (
    SheetContent,
    check_numbers,
    computed_part,
    figures_shown,
    neutral_numbers,
    plain_judgements,
    population,
    review_case,
)
from services.review.sealing import Sealer
from shared.contracts.dossiers import ApplicationDossier
from shared.contracts.subjects import CaseSubject
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import Refusal

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
        zero_conditions=(),
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
        check_numbers(CATEGORY, None, judgements, (), complete=True)

    assert (refusal.value.code, refusal.value.field, refusal.value.article) == (code, field, "附件四")


def test_draft_may_have_gaps_but_no_wrong_numbers() -> None:
    check_numbers(CATEGORY, None, {"integrity": Decimal(1)}, (), complete=False)

    with pytest.raises(Refusal):
        check_numbers(CATEGORY, None, {"integrity": Decimal(11)}, (), complete=False)


def test_unknown_zero_condition_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        check_numbers(CATEGORY, None, GOOD, ("no_such",), complete=True)

    assert refusal.value.code == "unknown_zero_condition"


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


def candidate(number: int, pool: str = "media", code: str | None = None, *, available: bool = True) -> Candidate:
    return Candidate(
        expert_id=UUID(int=number), pseudonym=f"p{number}", pool=pool, employer_code=code, available=available
    )


def test_sort_out_names_the_reason() -> None:
    eligible, excluded = sort_out(
        [
            candidate(6),
            candidate(1, pool="other"),
            candidate(2, available=False),
            candidate(3, code="91370200APPLICANT1"),
            candidate(4),
            candidate(5),
        ],
        pools=["media"],
        applicants=frozenset({"91370200APPLICANT1"}),
        stated=frozenset({UUID(int=4)}),
        members=frozenset({UUID(int=5)}),
    )

    assert [one.expert for one in eligible] == ["p6"]
    assert [(one.expert, one.reason) for one in excluded] == [
        ("p1", Reason.POOL_NOT_USED),
        ("p2", Reason.UNAVAILABLE),
        ("p3", Reason.EMPLOYER_APPLIES),
        ("p4", Reason.CONFLICT_STATED),
        ("p5", Reason.ALREADY_ON_PANEL),
    ]
