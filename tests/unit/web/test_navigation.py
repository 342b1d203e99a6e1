"""The menu: one for all rooms, what the actor may open, the entry of the page marked."""

from itertools import pairwise

import pytest

from services.office.site import home_of
from shared.infra.database import Actor
from shared.web.navigation import INBOX, TICKETS, menu, role_words
from shared.web.rights import Role


def signed_in(*roles: Role) -> Actor:
    return Actor(roles=frozenset(str(role) for role in roles))


def shown(*roles: Role, path: str = "/") -> list[str]:
    return [one.href for one in menu(signed_in(*roles), path)]


@pytest.mark.parametrize("role", list(Role))
def test_wherever_somebody_stands_the_way_to_where_they_begin_is_in_the_menu(role: Role) -> None:
    assert home_of([str(role)]) in shown(role)


@pytest.mark.parametrize("role", list(Role))
def test_no_two_entries_of_a_role_lead_to_the_same_page(role: Role) -> None:
    hrefs = shown(role)
    assert len(set(hrefs)) == len(hrefs)


def test_the_office_reaches_every_room_of_the_procedure_in_its_order() -> None:
    rooms = ["/office", "/screening", "/expert/pool", "/expert/panels", "/committee", "/lists/manage/releases"]
    places = [shown(Role.OFFICE).index(room) for room in rooms]
    assert all(earlier < later for earlier, later in pairwise(places))


def test_a_page_marks_the_nearest_entry_above_it_and_only_that_one() -> None:
    marked = {
        path: [one.href for one in menu(signed_in(Role.OFFICE), path) if one.current]
        for path in ("/lists/manage/objections/1", "/lists/manage", "/office/cycles/1/plan", "/officers", "/verify")
    }
    assert marked == {
        "/lists/manage/objections/1": ["/lists/manage/objections"],
        "/lists/manage": ["/lists/manage"],
        "/office/cycles/1/plan": ["/office"],
        "/officers": [],
        "/verify": [],
    }


def test_what_waits_stands_at_its_entry_and_nothing_at_none() -> None:
    items = menu(signed_in(Role.OFFICE), "/office", {TICKETS: 2, INBOX: 5})
    assert {one.href: one.count for one in items if one.count} == {TICKETS: 2}
    assert all(one.count is None for one in menu(signed_in(Role.OFFICE), "/office", {TICKETS: 0}))


def test_an_enterprise_has_its_inbox_and_not_the_notices_of_staff() -> None:
    assert INBOX in shown(Role.ENTERPRISE)
    assert "/office/notices" not in shown(Role.ENTERPRISE)
    assert "/office/notices" in shown(Role.EXPERT)


def test_every_role_has_a_word() -> None:
    assert all(role_words([str(role)]) for role in Role)
