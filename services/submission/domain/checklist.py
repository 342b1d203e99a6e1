"""The rulebook's checklist of a category: each point is ticked by a person before a filing can pass."""

from collections.abc import Collection

from shared.kernel.refusals import Conflict, Refusal
from shared.rulebook import Category, ChecklistPoint


def point_of(category: Category, point_id: str) -> ChecklistPoint:
    """The point of that id; refuses one that the rulebook does not know."""
    for point in category.checklist:
        if point.id == point_id:
            return point
    raise Refusal("unknown_point", f"本项目的初审要点中没有“{point_id}”。", field="point")


def require_all_ticked(category: Category, ticked: Collection[str]) -> None:
    """Refuse to pass a filing as long as a point was not looked at."""
    missing = [point for point in category.checklist if point.id not in ticked]
    if missing:
        first = missing[0]
        message = f"还有{len(missing)}项初审要点没有核对：{first.label}（{first.article}）。逐项勾选后才能通过。"
        raise Conflict("open_checklist", message, field="checklist", article=first.article)
