"""Workflows across services: the stubs equal the real ones, every queue has its worker, every stage its procedure."""

import typing
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from shared.contracts import stubs
from shared.contracts.procedure import Procedure
from shared.contracts.stubs import STAGE_WORKFLOWS
from shared.contracts.workflows import StageRef
from shared.infra.rulebooks import load_shipped
from shared.infra.temporal import activities_of
from shared.rulebook import StageKind
from tests.contract.declared import Declared, calls_of, definition_of, literal, sources

Services = Mapping[str, Declared]
STUBS = {"ConfirmStanding": "submission", "Release": "publication"}
NUDGE = "look_again"


def promises(workflow: type) -> dict[str, Any]:
    """What another service relies on: name, input, result, signals."""
    definition = definition_of(workflow)
    return {
        "name": definition.name,
        "input": definition.arg_types,
        "result": definition.ret_type,
        "signals": {name: signal.arg_types for name, signal in definition.signals.items()},
        "queries": set(definition.queries),
        "updates": set(definition.updates),
    }


def test_every_stub_is_looked_at() -> None:
    found = {name for name, value in vars(stubs).items() if hasattr(value, "__temporal_workflow_definition")}

    assert found == set(STUBS)


@pytest.mark.parametrize(("name", "owner"), STUBS.items())
def test_a_stub_equals_the_real_workflow(declared: Services, name: str, owner: str) -> None:
    real = promises(declared[owner].workflows[name])
    stub = promises(getattr(stubs, name))

    assert stub["signals"].items() <= real["signals"].items()
    assert {**stub, "signals": None} == {**real, "signals": None}


@pytest.mark.parametrize(("kind", "owner", "name"), [(kind, *place) for kind, place in STAGE_WORKFLOWS.items()])
def test_a_stage_workflow_is_run_by_its_owner(declared: Services, kind: str, owner: str, name: str) -> None:
    assert name in declared[owner].workflows, f"{owner} runs no {name} for stages of kind {kind}"
    real = promises(declared[owner].workflows[name])

    assert real["input"] == [StageRef]
    assert real["result"] is type(None)
    assert real["signals"] == {NUDGE: []}


def test_every_kind_of_stage_has_a_workflow() -> None:
    # The release of a cycle is one workflow for all its categories, started by the cycle and not by a category.
    assert set(STAGE_WORKFLOWS) == {kind.value for kind in StageKind} - {StageKind.RELEASE.value}


@pytest.mark.parametrize("book", load_shipped().values(), ids=lambda book: book.id)
def test_every_stage_of_a_shipped_rulebook_has_a_workflow(declared: Services, book: Any) -> None:
    for category in book.categories:
        for stage in category.stages:
            if stage.kind is StageKind.RELEASE:
                assert "Release" in declared["publication"].workflows
            else:
                owner, name = STAGE_WORKFLOWS[stage.kind.value]
                assert name in declared[owner].workflows, (category.key, stage.kind)


def test_every_queue_that_is_used_has_a_worker(declared: Services) -> None:
    queues = {owner for owner, _name in STAGE_WORKFLOWS.values()} | set(STUBS.values()) | {"office"}

    for queue in queues:
        parts = declared[queue].parts
        assert parts.workflows, queue
        assert parts.activities is not None, queue


def test_workflows_are_procedures_that_carry_ids_only(declared: Services) -> None:
    for service in declared.values():
        for name, workflow in service.workflows.items():
            real = promises(workflow)
            assert issubclass(workflow, Procedure) or name == "ConfirmStanding", name
            assert real["updates"] == set(), name
            assert all(issubclass(given, BaseModel) for given in real["input"]), name
            assert all(signal == [] for signal in real["signals"].values()), name


def test_names_of_activities_are_unique_within_a_service(declared: Services) -> None:
    for service in declared.values():
        names = [_activity_name(one) for one in _activities(service)]
        assert len(names) == len(set(names)), service.parts.name
        assert names, service.parts.name


def test_an_activity_takes_one_model_and_returns_a_model_or_nothing(declared: Services) -> None:
    for service in declared.values():
        for one in _activities(service):
            hints = typing.get_type_hints(one)
            result = hints.pop("return")
            assert [given for given in hints.values() if not _is_model(given)] == [], one
            assert result is type(None) or _is_model(result), one


def test_a_workflow_started_by_name_exists_where_it_is_started(declared: Services) -> None:
    started = 0
    for path, tree in sources("services"):
        service = path.split("/")[1]
        for call in calls_of(tree, "ensure"):
            name = literal(call, 0)
            if name is not None:
                started += 1
                assert name in declared[service].workflows, path
    assert started >= 2


def _activities(service: Declared) -> list[Any]:
    assert service.parts.activities is not None
    holder = service.parts.activities(service.service)
    return activities_of(*(holder if isinstance(holder, tuple) else (holder,)))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _activity_name(method: Any) -> str:
    return str(getattr(method, "__temporal_activity_definition").name)
