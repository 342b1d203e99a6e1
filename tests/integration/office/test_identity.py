"""Signing in at a real OpenID Connect provider: linked accounts alone, each way once, nothing taken on trust."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from deploy.stack import Stack
from tests.integration.office.desk import Desk, hidden
from tests.integration.office.neighbours import Office
from tests.integration.office.provider import OpenProvider
from tests.integration.servers import TLS

TWO_FACTORS = {"acr": "urn:test:two-factors"}


@contextmanager
def fresh_browser(stack: Stack) -> Iterator[httpx.Client]:
    """A browser before the public origin."""
    options = {"headers": {"Accept": "text/html"}, "follow_redirects": True, "timeout": 20, "verify": TLS}
    with httpx.Client(base_url=stack.birth.page_origin, **options) as client:  # type: ignore[arg-type]
        yield client


@pytest.fixture
def browser(stack: Stack) -> Iterator[httpx.Client]:
    with fresh_browser(stack) as client:
        yield client


@pytest.fixture
def linked(office: Office, stack: Stack, provider: OpenProvider) -> Iterator[str]:
    """The subject that office1 has linked."""
    subject = f"zhao-{uuid4().hex[:8]}"
    provider.at_door(subject)
    with fresh_browser(stack) as client:
        clerk = Desk(client, office, "office1")
        page = clerk.send("/account/oidc/link")
        assert (page.url.path, "已关联" in page.text) == ("/account", True), page.text[-2000:]
        yield subject
        clerk.send("/account/oidc/unlink")


def test_a_linked_account_signs_in_and_out_at_the_provider(
    browser: httpx.Client, provider: OpenProvider, linked: str
) -> None:
    provider.at_door(linked, **TWO_FACTORS)

    form = browser.get("/account/sign-in?next=/office/notices")
    page = browser.get("/account/oidc?next=/office/notices")
    own = {"csrf": hidden(browser.get("/account").text, "csrf"), "key": uuid4().hex}
    grave = browser.post("/account/oidc/link", data=own)
    out = browser.get("/account/sign-out", follow_redirects=False)

    assert "用演练统一认证登录" in form.text
    assert (page.url.path, page.status_code, "办公室甲" in page.text) == ("/office/notices", 200, True)
    assert (grave.status_code, "须再次验证身份" in grave.text) == (422, True)
    assert out.headers["location"].startswith(f"{provider.issuer}/session/end?client_id=fangbang")
    assert browser.get("/office").url.path == "/account/sign-in"


def test_without_a_second_factor_there_our_own_code_is_asked(
    browser: httpx.Client, office: Office, provider: OpenProvider, linked: str
) -> None:
    provider.at_door(linked)

    asked = browser.get("/account/oidc?next=/office/notices")
    before = browser.get("/office").url.path
    office.half_minute_passed("office1")
    done = browser.post("/account/code", data={"code": office.code("office1"), "next": "/office/notices"})

    assert (asked.url.path, before) == ("/account/code", "/account/sign-in")
    assert done.url.path == "/office/notices"


def test_a_subject_that_nobody_has_linked_gets_no_account(browser: httpx.Client, provider: OpenProvider) -> None:
    provider.at_door(f"stranger-{uuid4().hex[:8]}", **TWO_FACTORS)

    page = browser.get("/account/oidc")

    assert (page.status_code, "这个身份没有关联账号" in page.text) == (403, True)
    assert browser.get("/office").url.path == "/account/sign-in"


def test_a_subject_belongs_to_one_account_and_enterprises_have_none(
    office: Office, stack: Stack, provider: OpenProvider, linked: str
) -> None:
    provider.at_door(linked)
    with fresh_browser(stack) as client:
        second = Desk(client, office, "office2").send("/account/oidc/link")
    firm = office.member("enterprise")
    office.sign_in_as(firm["login"], firm["password"])
    with fresh_browser(stack) as client:
        client.post("/account/sign-in", data={"login": firm["login"], "password": firm["password"]})
        page = client.get("/account").text

    assert (second.status_code, "已经关联了另一个账号" in second.text) == (409, True)
    assert "演练统一认证" not in page


def way(browser: httpx.Client) -> tuple[str, dict[str, list[str]]]:
    """Where office sends the browser, and what it asks there."""
    sent = browser.get("/account/oidc", follow_redirects=False).headers["location"]
    return sent, parse_qs(urlsplit(sent).query)


def back(browser: httpx.Client, sent: str) -> str:
    """The address by which the provider sends the browser back."""
    with httpx.Client(follow_redirects=False, timeout=20, verify=TLS) as there:
        answer = there.get(sent)
        while "/account/oidc/callback" not in answer.headers["location"]:
            assert answer.next_request is not None
            answer = there.send(answer.next_request)
    return answer.headers["location"]


def test_the_way_there_carries_state_nonce_and_a_challenge_and_the_way_back_works_once(
    browser: httpx.Client, provider: OpenProvider, linked: str
) -> None:
    provider.at_door(linked, **TWO_FACTORS)
    sent, asked = way(browser)
    returned = back(browser, sent)

    first = browser.get(returned, follow_redirects=False)
    browser.cookies.set("fb_identity", asked["state"][0], path="/account/oidc")
    again = browser.get(returned)

    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) == len(asked["nonce"][0]) == len(asked["code_challenge"][0]) == 43
    assert first.status_code == 303
    assert (again.status_code, "未通过核验" in again.text) == (401, True)


def test_a_state_of_another_browser_is_refused(
    browser: httpx.Client, stack: Stack, provider: OpenProvider, linked: str
) -> None:
    provider.at_door(linked, **TWO_FACTORS)
    returned = back(browser, way(browser)[0])

    with fresh_browser(stack) as victim:
        without = victim.get(returned)
        way(victim)
        planted = victim.get(returned)

    assert [(one.status_code, "未通过核验" in one.text) for one in (without, planted)] == [(401, True)] * 2


@pytest.mark.parametrize("column", ["nonce", "verifier"])
def test_a_token_of_another_sign_in_is_refused(
    browser: httpx.Client, office: Office, provider: OpenProvider, linked: str, column: str
) -> None:
    provider.at_door(linked, **TWO_FACTORS)
    returned = back(browser, way(browser)[0])
    office.change(f"UPDATE identity_attempt SET {column} = repeat('x', 43) WHERE used_at IS NULL")

    page = browser.get(returned)

    assert (page.status_code, "未通过核验" in page.text) == (401, True)


def test_an_expired_token_is_refused(browser: httpx.Client, provider: OpenProvider, linked: str) -> None:
    provider.at_door(linked, **TWO_FACTORS, ttl=-60)

    page = browser.get("/account/oidc")

    assert (page.status_code, "未通过核验" in page.text) == (401, True)


def test_a_provider_that_is_down_leads_back_to_the_password(
    browser: httpx.Client, provider: OpenProvider, linked: str
) -> None:
    provider.at_door(linked, **TWO_FACTORS)
    returned = back(browser, way(browser)[0])
    provider.stop()
    try:
        there, here = browser.get("/account/oidc"), browser.get(returned)
    finally:
        provider.start()

    assert [(one.status_code, "没有应答" in one.text) for one in (there, here)] == [(503, True)] * 2
    assert 'name="password"' in there.text
