"""双人复核 on pages: a page of another service leads here, the second confirms, the way leads back with a ticket."""

import re
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt

from tests.integration.office.desk import Desk, desk
from tests.integration.office.neighbours import Office

NEW = "/office/tickets/new"


def wish(**other: str) -> dict[str, str]:
    """What a page of submission asks for."""
    way_on = "/screening/cases/1/disqualify?reason=%E6%BC%94%E7%BB%83"
    asked = {"act": "case.disqualify", "digest": uuid4().hex * 2, "subject": f"演练 {uuid4().hex}"}
    return {**asked, "way_on": way_on, **other}


def way_on(one: Desk, ticket: str) -> str:
    """Where 去办理 leads."""
    path = f"/office/tickets/{ticket}/way-on"
    assert path in one.get("/office/tickets").text
    return one.client.get(path, follow_redirects=False).headers["location"]


def test_grounds_that_a_page_names_come_back_to_it_with_the_ticket(office: Office) -> None:
    asked = wish()
    with desk(office, "office1") as first, desk(office, "office2") as second:
        shown = first.get(NEW, **asked).text
        first.send("/office/tickets", **asked)
        waiting = second.get("/office/tickets").text
        card = re.search(rf'id="ticket-([0-9a-f-]+)">.{{0,200}}{asked["subject"]}', waiting, re.S)
        assert card is not None
        second.send(f"/office/tickets/{card[1]}/confirm").raise_for_status()
        back = [way_on(one, card[1]) for one in (first, second)]

    assert asked["subject"] in shown
    for address in back:
        assert address.startswith("/screening/cases/1/disqualify?")
        given = parse_qs(urlsplit(address).query)
        signed = jwt.decode(given["ticket"][0], options={"verify_signature": False})["ticket"]
        assert given["reason"] == ["演练"]
        assert (signed["act"], signed["digest"]) == ("case.disqualify", asked["digest"])


def test_nothing_else_can_be_asked_for(office: Office) -> None:
    others = [
        {"act": "application.file"},
        {"act": "nothing"},
        {"way_on": "https://elsewhere.example/"},
        {"digest": "x"},
    ]
    asked = [wish(**other) for other in others]
    with desk(office, "office1") as clerk:
        answers = [answer for one in asked for answer in (clerk.get(NEW, **one), clerk.send("/office/tickets", **one))]
        listed = clerk.get("/office/tickets").text

    assert {one.status_code for one in answers} == {422}
    assert [one["subject"] in listed for one in asked] == [False] * 4


def test_who_may_not_do_the_act_asks_for_no_agreement(office: Office) -> None:
    asked = wish()

    def told(one: Desk) -> list[int]:
        return [one.get(NEW, **asked).status_code, one.send("/office/tickets", **asked).status_code]

    with desk(office, "supervisor1") as supervisor, desk(office, "auditor1") as auditor:
        assert told(supervisor) == [403, 403]
        assert told(auditor) == [403, 403]
