"""A refused form comes back on the page it stands on: what is wrong beside its field, what was typed kept."""

from collections.abc import Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import UUID

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from shared.infra.tickets import FRESH_AUTHENTICATION
from shared.kernel.refusals import FieldProblem, NotFound, Refusal
from shared.web.act import HIDDEN_FIELDS, Act, FormPage
from shared.web.parts import FieldError

_MENDED_ON_THE_PAGE = frozenset(
    {HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)


@dataclass(frozen=True)
class FormAgain:
    """One form of a page, known by where it goes: as it was sent and refused, or blank."""

    action: str
    sent: FormData = field(default_factory=FormData)
    refusal: Refusal | None = None

    def typed(self, name: str, otherwise: str = "") -> str:
        """What was typed into a field."""
        return str(self.sent.get(name, otherwise))

    def chosen(self, name: str, otherwise: list[str]) -> list[str]:
        """Which of several boxes were ticked."""
        return [str(one) for one in self.sent.getlist(name)] if self.refusal else otherwise

    def only(self, **hidden: object) -> "FormAgain":
        """The form where its hidden fields say so, else a blank one: several that go to one place are told apart."""
        return self if all(self.typed(name) == str(value) for name, value in hidden.items()) else FormAgain(self.action)

    def at(self, name: str) -> str:
        """Under which name errors speak of a field: forms of a page may have fields of one name."""
        return name + self.action.replace("/", "-")

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """What is wrong, under the names of ``at``; what is said of no field stands at the first, unless things have
        moved on meanwhile."""
        moved_on = self.refusal is not None and self.refusal.status == HTTPStatus.CONFLICT
        first = "" if moved_on else next((name for name in self.sent if name not in HIDDEN_FIELDS), "")
        found = ((one.field or first, one.message) for one in self.problems)
        return tuple(FieldError(field=self.at(name) if name else "", message=message) for name, message in found)

    @property
    def problems(self) -> tuple[FieldProblem, ...]:
        """What is wrong, each with its field, or with none."""
        if self.refusal is None:
            return ()
        one = FieldProblem(self.refusal.field or "", self.refusal.code, self.refusal.message)
        return self.refusal.problems or (one,)


def form_of(request: Request, action: str) -> FormAgain:
    """The form that goes to ``action`` on the page being drawn."""
    again: FormAgain | None = getattr(request.state, "again", None)
    return again if again is not None and again.action == action else FormAgain(action)


def refused_on(request: Request, *, plain: Collection[str] = ()) -> tuple[FieldError, ...]:
    """What was refused, for the summary of the page being drawn.

    ``plain``: where forms go whose inputs errors speak of by their own names.
    """
    again: FormAgain | None = getattr(request.state, "again", None)
    if again is None:
        return ()
    if again.action in plain:
        return tuple(FieldError(field=one.field, message=one.message) for one in again.problems)
    return again.errors


def path_id(request: Request, name: str) -> UUID:
    """An id in the address of the page being drawn, whether it is asked for or a form on it comes back."""
    try:
        return UUID(str(request.path_params[name]))
    except ValueError:
        raise NotFound("没有这个页面。") from None


async def page_again(request: Request, refusal: Refusal) -> Response | None:
    """The page of the form that was sent (``acting_form(…, page=…)``), with the refusal in it; none where the form
    names no page, or the page is not there for whoever asks."""
    stands_on: tuple[Act, FormPage] | None = getattr(request.state, "stands_on", None)
    elsewhere = refusal.status not in _MENDED_ON_THE_PAGE or refusal.code == FRESH_AUTHENTICATION
    if stands_on is None or elsewhere or refusal.field in request.path_params:
        return None
    act, page = stands_on
    request.state.again = FormAgain(request.url.path, await request.form(), refusal)
    try:
        found = await act.read(lambda tx: page(tx, request))
    except Refusal:
        return None
    found.status_code = refusal.status
    return found
