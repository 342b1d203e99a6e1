"""Requests made from the OpenAPI document of each service, right and wrong ones, as each role, after a short year.

No request may cause a fault, and every answer must be what the document says. Half of the ids in paths are real.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.rehearsal.driver.cast import small_cast
from deploy.rehearsal.run import rehearse
from deploy.stack import Stack
from deploy.stack.names import SERVICES
from shared.web.rights import Role
from tests.integration.servers import People

EXAMPLES = 4
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance, status_code_conformance]
SPARED = frozenset({"/api/office/rehearsal/clock"})
"""Moving the clock to the end of time ends every other test here."""


@dataclass
class Town:
    """A stack whose year is over: every table has rows."""

    stack: Stack
    people: People
    ids: dict[str, list[str]]

    def origin(self, service: str) -> str:
        return f"http://127.0.0.1:{self.stack.settings_for(service)['FANGBANG_HTTP_PORT']}"

    def id_for(self, name: str, random: Random) -> str:
        """A real id for a parameter of a path, as often as an invented one."""
        known = self.ids.get(name)
        return random.choice(known) if known and random.random() < 0.5 else str(UUID(int=random.getrandbits(128)))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Stack(tmp_path_factory.mktemp("town") / "data", profile="rehearsal") as stack:
        assert asyncio.run(rehearse(stack, cast=small_cast(), started=0.0, keep=False))
        yield Town(stack, People(stack), asyncio.run(_ids(stack)))


async def _ids(stack: Stack) -> dict[str, list[str]]:
    """Ids in use by the name of their column, over all services."""
    found: dict[str, set[str]] = defaultdict(set)
    for service in SERVICES:
        connection = await asyncpg.connect(stack.settings_for(service)["FANGBANG_DATABASE_URL"])
        columns = await connection.fetch(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE data_type = 'uuid' AND table_schema IN ('public', 'infra')"
        )
        for schema, table, column in columns:
            rows = await connection.fetch(f'SELECT DISTINCT "{column}" FROM "{schema}"."{table}" LIMIT 5')
            found[column] |= {str(row[0]) for row in rows if row[0] is not None}
        await connection.close()
    return {name: sorted(ids) for name, ids in found.items()}


@pytest.mark.deep
@pytest.mark.parametrize("service", SERVICES)
def test_no_request_made_from_the_document_causes_a_fault(town: Town, service: str) -> None:
    schema = schemathesis.openapi.from_url(f"{town.origin(service)}/api/{service}/openapi.json")
    asked: dict[int, int] = defaultdict(int)
    wrong: list[str] = []
    with requests.Session() as session:
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.path not in SPARED:
                for role in Role:
                    _attack(town, service, operation, role, session, asked, wrong)

    print(f"\n{service}: {sum(asked.values())} requests, answers {dict(sorted(asked.items()))}", end="", flush=True)
    assert not wrong, "\n".join(wrong[:20])
    assert sum(asked.values()) > EXAMPLES * len(Role)


def _attack(
    town: Town,
    service: str,
    operation: Any,
    role: Role,
    session: requests.Session,
    asked: dict[int, int],
    wrong: list[str],
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        random=st.randoms(use_true_random=False),
    )
    def ask(case: Any, random: Random) -> None:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = town.id_for(name, random)
        headers = {"Authorization": f"Bearer {town.people.token(role)}", "Idempotency-Key": str(uuid4())}
        response = case.call(base_url=town.origin(service), headers=headers, session=session, timeout=60)
        asked[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as trouble:
            wrong.append(f"{operation.label} as {role}: {str(trouble)[:600]}")

    ask()
