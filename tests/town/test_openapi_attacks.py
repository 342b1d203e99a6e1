"""Requests made from the OpenAPI document of each service, right and wrong ones, as each role, after a short year.

No request may cause a fault, and every answer must be what the document says. Half of the ids in paths are real.
"""

from collections import defaultdict
from random import Random
from typing import Any
from uuid import UUID, uuid4

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

from deploy.stack.names import SERVICES
from shared.infra.workbooks import XLSX
from shared.web.rights import Role
from tests.town.conftest import Town


@schemathesis.serializer(XLSX)
def as_bytes(_context: schemathesis.SerializationContext, value: object) -> bytes:
    """Whatever is made for a workbook, as it is: hardly ever a workbook."""
    return value if isinstance(value, bytes) else repr(value).encode()


EXAMPLES = 4
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance, status_code_conformance]
SPARED = frozenset({"/api/office/rehearsal/clock"})
"""Moving the clock to the end of time ends every other test here."""


def id_for(town: Town, name: str, random: Random) -> str:
    """A real id for a parameter of a path, as often as an invented one."""
    known = town.ids.get(name)
    return random.choice(known) if known and random.random() < 0.5 else str(UUID(int=random.getrandbits(128)))


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
            case.path_parameters[name] = id_for(town, name, random)
        headers = {"Authorization": f"Bearer {town.token(role)}", "Idempotency-Key": str(uuid4())}
        response = case.call(
            base_url=town.origin(service), headers=headers, session=session, timeout=60, allow_redirects=False
        )
        asked[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as trouble:
            wrong.append(f"{operation.label} as {role}: {str(trouble)[:600]}")

    ask()
