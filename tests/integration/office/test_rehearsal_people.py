"""The rehearsal's people sign in as people do: with a code, enrolling where they must, proving it when asked."""

from collections.abc import AsyncIterator

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.rehearsal.driver import prologue
from deploy.rehearsal.driver.cast import small_cast
from deploy.rehearsal.driver.client import Person, Traffic
from deploy.rehearsal.driver.world import World
from deploy.stack import Stack
from services.office.accounts.domain.second_factor import seeded_secret
from tests.integration.office.neighbours import PASSWORD, Office


@pytest.fixture
async def officer(stack: Stack, office: Office) -> AsyncIterator[Person]:
    """A seeded person whose codes derive from the stack's key."""
    office.half_minute_passed("cochair1")
    secret = seeded_secret(stack.keys.seed_code_key, "cochair1")
    person = Person(str(office.client.base_url), "cochair1", stack.keys.seed_password, Traffic(), secret)
    yield person
    await person.close()


async def test_a_seeded_person_signs_in_with_a_code(officer: Person) -> None:
    assert await officer.get("/api/office/me/sessions")


async def test_a_proof_of_the_last_minutes_is_not_given_again(officer: Person) -> None:
    await officer.get("/api/office/me/sessions")
    before = officer._traffic.requests

    await officer.be_fresh()

    assert officer._traffic.requests == before


async def test_an_older_proof_is_given_again_with_the_next_code(
    officer: Person, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await officer.get("/api/office/me/sessions")
    before = officer._traffic.requests
    monkeypatch.setattr(officer, "_proved_at", officer._proved_at - 500)
    office.half_minute_passed("cochair1")
    assert officer._device is not None
    monkeypatch.setattr(officer._device, "_shown", 0)

    await officer.be_fresh()

    assert officer._traffic.requests == before + 1


async def test_an_expert_of_the_rehearsal_enrols_at_the_first_sign_in(office: Office) -> None:
    login = office.member("expert")["login"]
    expert = Person(str(office.client.base_url), login, PASSWORD, Traffic())

    assert len(await expert.get("/api/office/me/sessions")) == 1
    await expert.close()


@pytest.fixture
async def world(stack: Stack, office: Office) -> AsyncIterator[World]:
    """The driver's people before this office."""
    for login in ("office1", "security1"):
        office.half_minute_passed(login)
    found = World(
        origin=str(office.client.base_url),
        password=stack.keys.seed_password,
        code_key=stack.keys.seed_code_key,
        rulebooks={},
        cast=small_cast(),
    )
    yield found
    await found.close()


async def test_invented_enterprises_register_and_experts_are_invited_and_a_repeat_is_no_trouble(world: World) -> None:
    enterprise, expert = world.cast.invented[0], world.cast.experts[0]

    for _ in range(2):
        await prologue._registers(world, enterprise)
        await prologue._invite(world, expert.login, expert.name, "expert", login=expert.login)

    for login in (enterprise.login, expert.login):
        assert len(await world.person(login).get("/api/office/me/sessions")) == 1


def test_the_command_tells_what_a_seeded_person_types(stack: Stack, office: Office) -> None:
    printed = CliRunner().invoke(app, ["code", "guidance1", "--data", str(stack.data.root)])
    password, code = (line.split()[1] for line in printed.stdout.splitlines())

    office.half_minute_passed("guidance1")

    assert office.sign_in("guidance1", password, code).json()["token"] is not None


def test_the_command_knows_nobody_else(stack: Stack) -> None:
    printed = CliRunner().invoke(app, ["code", "expert1", "--data", str(stack.data.root)])

    assert printed.exit_code != 0
