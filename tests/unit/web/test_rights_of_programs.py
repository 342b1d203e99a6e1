"""What a program may do with a person's API token: what its scopes name and its person may, nothing else."""

from uuid import UUID

import pytest

from shared.infra.database import Actor
from shared.kernel.refusals import NotAllowed
from shared.web.rights import POLICY, Role, may, require


def program(*scopes: str, role: Role = Role.OFFICE) -> Actor:
    return Actor(account_id=UUID(int=1), roles=frozenset({role}), scopes=frozenset(scopes))


def test_a_program_may_what_scopes_and_roles_both_allow() -> None:
    assert may(program("cycle.read"), "cycle.read")
    assert not may(program("cycle.read"), "stage.change")
    assert not may(program("audit.read"), "audit.read")


def test_without_scopes_nothing_is_allowed_and_a_person_has_all_of_the_roles() -> None:
    person = Actor(account_id=UUID(int=1), roles=frozenset({Role.OFFICE}))

    assert not any(may(program(), act) for act in POLICY)
    assert {act for act in POLICY if may(person, act)} == {act for act, roles in POLICY.items() if Role.OFFICE in roles}


def test_an_act_out_of_scope_is_refused_as_any_other() -> None:
    with pytest.raises(NotAllowed):
        require(program("cycle.read"), "cycle.open")
