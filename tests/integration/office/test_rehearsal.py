"""The rehearsal clock and the one-time links."""

from datetime import datetime, timedelta

import httpx

from tests.integration.office.neighbours import Office
from tests.integration.servers import TLS, eventually


def now(office: Office) -> datetime:
    return datetime.fromisoformat(office.get("operator1", "/api/office/rehearsal/clock").json()["business_now"])


def test_the_clock_moves_forward_only_and_only_for_operators(office: Office) -> None:
    begun = now(office)
    target = (begun + timedelta(hours=3)).isoformat()

    refused = office.post("office1", "/api/office/rehearsal/clock", {"to": target})
    office.post("operator1", "/api/office/rehearsal/clock", {"to": target}).raise_for_status()
    eventually(lambda: now(office) >= begun + timedelta(hours=3), "the clock did not move")
    back = office.post("operator1", "/api/office/rehearsal/clock", {"to": begun.isoformat()})

    assert refused.status_code == 403
    assert (back.status_code, back.json()["code"]) == (409, "clock_backwards")
    assert now(office) - begun < timedelta(hours=3, minutes=5)


def test_a_link_signs_in_once(office: Office) -> None:
    links = office.post("operator1", "/api/office/rehearsal/links", {"logins": ["office1"]}).json()
    path = httpx.URL(links[0]["url"]).path

    with httpx.Client(base_url=office.client.base_url, verify=TLS) as browser:
        first = browser.get(path)
        page = browser.get("/office", headers={"Accept": "text/html"})
        again = browser.get(path, headers={"Accept": "text/html"})

    assert (first.status_code, page.status_code, again.status_code) == (303, 200, 303)
