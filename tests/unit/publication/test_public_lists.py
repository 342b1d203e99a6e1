"""A public list holds whitelisted fields only, in an order that gives nothing away."""

import csv
import io
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.publication.domain.lists import Entry, ListFrame, allowed_codes, as_csv, public_content
from shared.contracts.subjects import CaseSubject
from shared.infra.rulebooks import load_shipped
from shared.kernel.canonical import digest
from shared.kernel.credit_code import make_credit_code
from shared.rulebook import Rulebook

BOOKS = load_shipped()
QINGDAO, GIANT = BOOKS["qingdao-economic-achievements"], BOOKS["little-giant-performance"]
ZERO = UUID(int=0)
CODE = make_credit_code("91370200MA3ABCDE1")


def frame() -> ListFrame:
    return ListFrame(
        cycle_id=ZERO, category_id=ZERO, supplement=0, addendum=0, year=2026, manifest_digest="0" * 64, rehearsal=True
    )


def entry(number: int, position: int, name: str = "") -> Entry:
    return Entry(
        case_id=uuid5(ZERO, str(number)),
        number=f"XZ-2026-{number:03d}",
        position=position,
        subject=CaseSubject(
            name=name or f"演练企业{number:03d}",
            credit_code=CODE,
            industry="制造业",
            district="崂山区",
            ownership="民营",
        ),
        score=f"{100 - position}.5",
        rank=position,
        outcome="recommended",
        reason="达到目标",
    )


def content(book: Rulebook, entries: list[Entry]) -> dict[str, object]:
    return public_content(frame(), entries, book, book.categories[0])


def test_list_without_scores_shows_neither_score_nor_rank_nor_code() -> None:
    shown = content(QINGDAO, [entry(1, 1)])

    assert shown["entries"] == [
        {
            "place": 1,
            "number": "XZ-2026-001",
            "name": "演练企业001",
            "industry": "制造业",
            "district": "崂山区",
            "ownership": "民营",
        }
    ]


def test_list_with_scores_shows_what_the_rulebook_discloses() -> None:
    [shown] = content(GIANT, [entry(1, 1)])["entries"]  # type: ignore[misc]

    assert set(shown) == {"place", "number", *GIANT.disclosure.shown_fields}
    assert (shown["score"], shown["recommendation"], shown["reason"]) == ("99.5", "推荐", "达到目标")


def test_a_declared_outcome_stands_on_the_list_in_the_rulebook_s_words() -> None:
    one = entry(1, 1).model_copy(update={"outcome": "rectification_required", "score": None, "rank": None})
    [shown] = public_content(frame(), [one], GIANT, GIANT.category("service_platform"))["entries"]

    assert (shown["recommendation"], shown.get("score")) == ("须整改", None)


def test_order_of_a_list_without_scores_is_that_of_case_numbers() -> None:
    shown = content(QINGDAO, [entry(3, 1), entry(1, 3), entry(2, 2)])["entries"]

    assert [one["number"] for one in shown] == ["XZ-2026-001", "XZ-2026-002", "XZ-2026-003"]  # type: ignore[attr-defined]


def test_order_of_a_list_with_scores_is_that_of_positions() -> None:
    shown = content(GIANT, [entry(3, 1), entry(1, 3), entry(2, 2)])["entries"]

    assert [one["number"] for one in shown] == ["XZ-2026-003", "XZ-2026-002", "XZ-2026-001"]  # type: ignore[attr-defined]


@given(st.permutations(range(6)))
def test_digest_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    rows = [entry(number + 1, number + 1) for number in order]

    assert digest(content(QINGDAO, rows)) == digest(content(QINGDAO, sorted(rows, key=lambda one: one.number)))


@pytest.mark.parametrize("name", ["=1+1", "+演练", "-演练", "@演练"])
def test_cell_that_looks_like_a_formula_is_text(name: str) -> None:
    written = as_csv(content(QINGDAO, [entry(1, 1, name)]))

    rows = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"))))
    assert rows[0][:3] == ["序号", "案号", "名称"]
    assert rows[1][2] == f"'{name}"


def test_codes_may_be_shown_only_where_the_rulebook_lists_them() -> None:
    assert allowed_codes([entry(1, 1)], GIANT) == {CODE}
    assert allowed_codes([entry(1, 1)], QINGDAO) == frozenset()
