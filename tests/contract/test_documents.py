"""OpenAPI of every service and AsyncAPI of the facts: written from the code, complete, without loose ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.apis import apis, documents
from deploy.stack.names import SERVICES
from shared.contracts.facts import all_facts

Document = dict[str, Any]


@pytest.fixture(scope="module")
def written() -> dict[str, Document]:
    return documents()


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_somewhere(written: dict[str, Document]) -> None:
    for name, document in written.items():
        for reference in references(document):
            place: Any = document
            for step in reference.removeprefix("#/").split("/"):
                assert step in place, (name, reference)
                place = place[step]


def test_every_fact_is_a_channel_with_senders(written: dict[str, Document]) -> None:
    document = written["facts.asyncapi.json"]
    facts = all_facts()

    assert {channel["address"] for channel in document["channels"].values()} == set(facts)
    sent = {one["channel"]["$ref"] for one in document["operations"].values() if one["action"] == "send"}
    assert sent == {f"#/channels/{fact.__name__}" for fact in facts.values()}


def test_every_operation_says_what_it_does_and_has_an_id_of_its_own(written: dict[str, Document]) -> None:
    for service in SERVICES:
        document = written[f"{service}.openapi.json"]
        operations = [one for path in document["paths"].values() for one in path.values()]
        ids = [one["operationId"] for one in operations]

        assert len(ids) == len(set(ids)), service
        assert [one["operationId"] for one in operations if not one.get("description")] == [], service


def test_the_command_writes_one_file_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apis(tmp_path / "apis")

    names = sorted(path.name for path in (tmp_path / "apis").iterdir())
    assert names == sorted([*(f"{name}.openapi.json" for name in SERVICES), "facts.asyncapi.json"])
    assert json.loads((tmp_path / "apis" / "facts.asyncapi.json").read_text())["asyncapi"] == "3.0.0"
    assert len(capsys.readouterr().out.splitlines()) == len(names)
