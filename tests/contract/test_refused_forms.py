"""What a person types into a form comes back with what is wrong beside it, never on a page of its own."""

import inspect
from collections.abc import Mapping

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from tests.contract.declared import Declared, page_of

NOTHING_TYPED = {
    "/office/tickets": "the page that asks fills the fields in",
    "/office/calendar/tickets": "the notice that was previewed goes along hidden",
    "/office/operations/retries": "a button beside a workflow",
    "/office/operations/dead-letters": "a button beside a letter",
    "/office/rules/{rulebook_id}/comparison": "a file is chosen, its faults are listed on the page",
}


@pytest.mark.parametrize(("service", "least"), [("office", 20), ("publication", 3), ("submission", 20)])
def test_every_form_into_which_somebody_types_names_the_page_it_stands_on(
    declared: Mapping[str, Declared], service: str, least: int
) -> None:
    typed, lost = [], []
    for context in iter_route_contexts(declared[service].app.routes):
        route, path = context.original_route, str(context.path)
        if not isinstance(route, APIRoute) or path.startswith("/api/") or "POST" not in (context.methods or ()):
            continue
        if not context.dependant.body_params or path in NOTHING_TYPED:
            continue
        typed.append(path)
        if page_of(context) is None and "except Refusal" not in inspect.getsource(route.endpoint):
            lost.append(path)

    assert lost == []
    assert len(typed) >= least
    assert not set(NOTHING_TYPED) & set(typed)
