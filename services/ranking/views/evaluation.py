"""An evaluation by rule, item by item."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.ranking.views.base import state_of
from shared.web.parts import Badge, Part


class ItemLine(Part):
    """An item of a scored case."""

    item: str
    name: str
    group: str
    points: str
    words: str
    readings: tuple[str, ...]
    open: bool
    by_hand: str | None


class CaseLine(Part):
    """A scored case."""

    case_id: str
    number: str
    name: str
    total: str
    struck: bool
    items: tuple[ItemLine, ...]
    open_items: tuple[ItemLine, ...]
    deductions: tuple[ItemLine, ...]


class EvaluationView(Part):
    """An evaluation as its page shows it."""

    place: dict[str, Any]
    badge: Badge
    cases: tuple[CaseLine, ...]
    open_items: int
    completed: bool

    @property
    def expected(self) -> str | None:
        """What is expected of the office."""
        if self.completed:
            return None
        return f"还有{self.open_items}项待人工认定" if self.open_items else "核对得分，结束评分"


def evaluation_view(shown: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> EvaluationView:
    """An evaluation for its page."""
    cases = tuple(_case_line(one) for one in results)
    return EvaluationView(
        place={"programme": shown["programme"], "category": shown["category"]},
        badge=state_of(shown),
        cases=cases,
        open_items=sum(len(one.open_items) for one in cases if not one.struck),
        completed=bool(shown["completed"]),
    )


def _case_line(result: Mapping[str, Any]) -> CaseLine:
    reasons = {one["item"]: one["reason"] for one in result["by_hand"]}
    items = tuple(
        ItemLine(
            item=item,
            name=said["item_name"],
            group=said["group_name"],
            points=said["points"],
            words=said["words"],
            readings=tuple(said["readings"]),
            open=item in result["open_items"],
            by_hand=reasons.get(item),
        )
        for item, said in result["explanations"].items()
    )
    return CaseLine(
        case_id=result["case_id"],
        number=result["number"],
        name=result["name"],
        total=result["total"],
        struck=result["struck"] is not None,
        items=items,
        open_items=tuple(one for one in items if one.open),
        deductions=tuple(one for one in items if result["explanations"][one.item]["rule"] == "deduction"),
    )
