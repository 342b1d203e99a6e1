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

_PANEL, _COMMITTEE = "/expert/panels/{stage_id}", "/committee"
DRAWN_OTHERWISE = {
    "/expert/tasks/{case_id}/correction": "the sheet keeps its judgements by item, as scripts know them",
    "/expert/tasks/{case_id}/findings": "stands on the sheet",
    "/expert/orders/{stage_id}": "the places are drawn again from what was sent",
    "/expert/custody": "a passphrase is never drawn again",
    **dict.fromkeys(
        (f"{_PANEL}/{one}" for one in ("custodians", "shares/lost", "key", "unseal")),
        "shown on the panel's custody page, without the passphrase",
    ),
    f"{_PANEL}/meeting": "attendance is drawn again by member",
    **dict.fromkeys(
        (f"{_PANEL}/{one}" for one in ("freeze", "commit", "reveal", "stand-in", "void")),
        "a step of the draw, shown on the draw's page",
    ),
    **dict.fromkeys(
        (
            f"{_COMMITTEE}/{one}"
            for one in (
                "stages/{stage_id}/meeting",
                "stages/{stage_id}/decisions",
                "stages/{stage_id}/confirm",
                "stages/{stage_id}/decisions/take-back",
                "stages/{stage_id}/recommendations",
                "evaluations/{stage_id}/{case_id}/{kind}",
                "consultations/{stage_id}/replies",
                "consultations/{stage_id}/concerns/{case_id}/{step}",
            )
        ),
        "ranking's refusals lead back to the form, where app.js brings back what was typed",
    ),
}
"""Forms that draw themselves again in a way of their own."""


@pytest.mark.parametrize(
    ("service", "least"), [("office", 19), ("publication", 2), ("submission", 25), ("review", 15), ("ranking", 3)]
)
def test_every_form_into_which_somebody_types_names_the_page_it_stands_on(
    declared: Mapping[str, Declared], service: str, least: int
) -> None:
    named, lost = set(), []
    for context in iter_route_contexts(declared[service].app.routes):
        route, path = context.original_route, str(context.path)
        if not isinstance(route, APIRoute) or path.startswith("/api/") or "POST" not in (context.methods or ()):
            continue
        source = inspect.getsource(route.endpoint)
        typed = context.dependant.body_params or "request.form()" in source
        if page_of(context) is not None:
            named.add(path)
        elif typed and "except Refusal" not in source and path not in (NOTHING_TYPED | DRAWN_OTHERWISE):
            lost.append(path)

    assert lost == []
    assert len(named) >= least
    assert not {*NOTHING_TYPED, *DRAWN_OTHERWISE} & named, "no longer an exception"
