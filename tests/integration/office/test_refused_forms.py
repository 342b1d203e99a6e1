"""Every form of office that names its page, sent wrong: it comes back there, each error beside its field."""

import html
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from deploy.stack import Stack
from shared.kernel.ids import derived_id
from tests.contract.declared import declare, page_of
from tests.integration.office.neighbours import PASSWORD, Office
from tests.integration.office.running import running
from tests.integration.office.test_deliveries import Firm
from tests.integration.office.test_joining import code, register, registrant

LONG = "长" * 501
WRONG = {str: LONG, int: "很多", date: "明天"}
"""What is refused of each kind of field that is typed, before anything is done."""

CHOSEN = {
    "change": "pause",
    "days": "",
    "wish": "bounce",
    "roles": "office",
    "scopes": "cycle.read",
    "rulebook": "none",
    "department": "",
}
"""Fields that a page's form offers as choices."""

HIDDEN = {"/office/stages/{stage_id}/cancellations": {"change": "cancel"}}
"""What a form sends that its route does not ask for; the page is drawn by it."""

WHO = {
    "/account/enterprises/{enterprise_id}/people": "firm",
    "/office/accounts/{account_id}/roles": "security1",
    "/office/accounts/{account_id}/revoke": "security1",
    "/office/accounts/{account_id}/recover": "security1",
    "/office/invitations/new": "security1",
}
"""Who may send the form; office1 where nobody is named."""


@cache
def forms(folder: Path) -> list[RouteContext]:
    """The forms that name a page and have fields to type into."""
    routes = iter_route_contexts(declare("office", folder).app.routes)
    named = [one for one in routes if isinstance(one.original_route, APIRoute) and page_of(one) is not None]
    return [one for one in named if one.dependant.body_params]


@pytest.fixture(scope="module")
def ids(office: Office, stack: Stack) -> dict[str, str]:
    """An object of each kind on which a form stands, as it waits to be acted on."""
    credit = code()
    firm = office.member("enterprise", enterprises=[credit])
    office.sign_in_as(firm["login"], PASSWORD)
    asked = {"act": "stage.change", "digest": uuid4().hex * 2, "subject": "演练"}
    letters = Firm(office, stack)
    return {
        "firm": firm["login"],
        "enterprise_id": str(derived_id("enterprise", credit)),
        "account_id": office.member("auditor")["account_id"],
        "registration_id": register(office, registrant()).raise_for_status().json()["registration_id"],
        "stage_id": running(office, stack, "表单", date(2026, 1, 12))[1]["stage_id"],
        "ticket_id": office.post("office2", "/api/office/tickets", asked).raise_for_status().json()["ticket_id"],
        "delivery_id": letters.comes_to(letters.told(), "sent")["delivery_id"],
    }


def sent_wrong(form: RouteContext) -> tuple[dict[str, str], dict[str, str]]:
    """What is typed wrong into the form, and what is chosen beside it."""
    typed: dict[str, str] = {}
    chosen: dict[str, str] = {}
    for param in form.dependant.body_params:
        kind: Any = param.field_info.annotation
        if kind is UUID:
            chosen[param.alias] = str(uuid4())
        elif param.alias in CHOSEN and kind not in (int, date):
            chosen[param.alias] = CHOSEN[param.alias]
        elif kind in WRONG:
            typed[param.alias] = WRONG[kind]
    return typed, chosen | HIDDEN.get(str(form.path), {})


def test_a_form_sent_wrong_comes_back_with_each_error_beside_its_field_and_all_that_was_typed(
    office: Office, ids: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    tried, wrong = [], []
    for form in forms(tmp_path_factory.mktemp("declared")):
        path, who = str(form.path), WHO.get(str(form.path), "office1")
        login = ids.get(who, who)
        typed, chosen = sent_wrong(form)
        if not typed:
            continue
        page = send(office, login, path.format(**ids), {**typed, **chosen})
        tried.append(path)
        wrong += [f"{path}: {one}" for one in troubles(page, typed)]

    print(f"{len(tried)} forms sent wrong")
    assert not wrong, "\n".join(wrong)
    assert len(tried) >= 14


def send(office: Office, login: str, path: str, fields: dict[str, str]) -> httpx.Response:
    """Send a form as a browser of this person does."""
    with httpx.Client(
        base_url=office.client.base_url,
        cookies={"fb_token": office.token(login)},
        headers={"Accept": "text/html"},
        timeout=20,
    ) as browser:
        csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/account").text)
        assert csrf
        return browser.post(path, data={**fields, "csrf": csrf[1], "key": uuid4().hex})


def troubles(page: httpx.Response, typed: dict[str, str]) -> list[str]:
    """What of a refused form was lost or is said elsewhere than beside its field."""
    found = [] if page.status_code == 422 else [f"answered {page.status_code}"]
    if f"有 {len(typed)} 处需要更正" not in page.text:
        found.append("does not say how many are left")
    fields = re.findall(r"<(?:input|textarea)[^>]*>[^<]*", page.text)
    for name, text in typed.items():
        own = [one for one in fields if f'name="{name}"' in one and 'aria-invalid="true"' in one]
        if len(own) != 1:
            found.append(f"{len(own)} fields {name} are marked")
        elif 'type="password"' not in own[0] and text not in html.unescape(own[0]):
            found.append(f"{name} was lost")
    linked = re.findall(r'<li><a href="#([^"]+)">', page.text)
    found += [f"the summary leads nowhere: {one}" for one in linked if f'id="{one}"' not in page.text]
    return found


def test_blanks_are_no_reason(office: Office, ids: dict[str, str]) -> None:
    page = send(office, "office1", f"/office/registrations/{ids['registration_id']}/decline", {"reason": "  "})

    assert page.status_code == 422
    assert troubles(page, {"reason": ""}) == []
    assert "此项必填。" in page.text
    assert "<h2>演练企业" in page.text, "the registration still waits"


def test_a_refusal_that_names_no_field_stands_at_the_first_and_keeps_what_was_typed(
    office: Office, ids: dict[str, str]
) -> None:
    office.post("office2", f"/api/office/tickets/{ids['ticket_id']}/decline", {"reason": "演练"}).raise_for_status()
    waiting = register(office, registrant()).raise_for_status().json()["registration_id"]
    path = f"/office/registrations/{waiting}/decline"

    good = send(office, "office1", path, {"reason": "资料不符"})
    again = send(office, "office1", path, {"reason": "资料不符"})

    assert good.status_code == 303
    assert (again.status_code, "有 1 处需要更正" in again.text) == (409, True)
