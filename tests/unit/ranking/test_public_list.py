"""The part of a bundle that everybody may read gives away no rank that the rulebook keeps."""

from typing import Any
from uuid import UUID

import pytest

from services.ranking.actions.parts import public_list
from services.ranking.tables import ListEntry
from shared.infra.rulebooks import load_shipped
from shared.infra.tables import Stage

QINGDAO, GIANT = "qingdao-economic-achievements", "little-giant-performance"


def stage_of(rulebook_id: str, category_key: str) -> Stage:
    return Stage(rulebook_id=rulebook_id, rulebook_digest=load_shipped()[rulebook_id].digest, category_key=category_key)


def line(position: int, number: str, struck: str | None = None) -> ListEntry:
    return ListEntry(
        stage_id=UUID(int=1),
        case_id=UUID(int=position),
        category_id=UUID(int=2),
        final=True,
        position=position,
        number=number,
        subject={"name": f"演练企业{number}", "industry": "制造业"},
        outcome="listed",
        dossier_digest="0" * 64,
        dossier={"score": f"{100 - position}", "rank": position},
        struck=struck,
    )


LINES = [line(1, "C"), line(2, "A"), line(3, "B"), line(4, "D", struck="withdrawn")]


def names(shown: dict[str, Any]) -> list[str]:
    return [entry["name"] for entry in shown["entries"]]


def test_a_list_without_public_ranks_goes_by_case_number_and_names_no_position() -> None:
    shown = public_list(stage_of(QINGDAO, "model_enterprise"), LINES)

    assert names(shown) == ["演练企业A", "演练企业B", "演练企业C"]
    assert all(not {"position", "rank", "score"} & set(entry) for entry in shown["entries"])


def test_a_list_with_public_scores_keeps_its_order() -> None:
    shown = public_list(stage_of(GIANT, "little_giant"), LINES)

    assert names(shown) == ["演练企业C", "演练企业A", "演练企业B"]
    assert [entry["score"] for entry in shown["entries"]] == ["99", "98", "97"]


@pytest.mark.parametrize("rulebook_id", [QINGDAO, GIANT])
def test_a_struck_line_is_on_no_public_list(rulebook_id: str) -> None:
    key = "model_enterprise" if rulebook_id == QINGDAO else "little_giant"

    assert "演练企业D" not in names(public_list(stage_of(rulebook_id, key), LINES))


def test_the_public_part_of_a_bundle_says_the_declared_outcome() -> None:
    one = line(1, "A").model_copy(update={"outcome": "refund_required"})

    [entry] = public_list(stage_of(GIANT, "service_platform"), [one])["entries"]

    assert entry["recommendation"] == "须退回资金"
