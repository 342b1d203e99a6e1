"""AsyncAPI 3 of the facts: one channel a subject, who states it and who takes it in, its JSON schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from deploy.stack.names import SERVICES
from shared.contracts.facts import Fact, ServiceFact, all_facts
from shared.contracts.names import STREAM
from shared.infra.messaging import Interests, matches

Document = dict[str, Any]


def fact_schemas() -> tuple[dict[str, Document], dict[str, Document]]:
    """JSON schema of every fact by subject pattern, and the definitions they share."""
    facts = all_facts()
    # What a fact looks like when it is written; readers ignore what they do not know.
    found, shared = models_json_schema(
        [(fact, "serialization") for fact in facts.values()], ref_template="#/components/schemas/{model}"
    )
    definitions: dict[str, Document] = shared["$defs"]
    schemas = {}
    for subject, fact in facts.items():
        name = found[(fact, "serialization")]["$ref"].rsplit("/", 1)[1]
        schemas[subject] = definitions.pop(name)
    return schemas, definitions


def asyncapi(interests: Iterable[Interests], version: str) -> Document:
    """The document of the stream, with the interests of every service."""
    schemas, definitions = fact_schemas()
    facts = all_facts()
    names = {subject: fact.__name__ for subject, fact in facts.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Fangbang facts",
            "version": version,
            "description": f"What has happened, on the JetStream stream {STREAM}; delivered at least once.",
        },
        "defaultContentType": "application/json",
        "channels": {names[subject]: _channel(subject, fact) for subject, fact in facts.items()},
        "operations": {**_sends(facts), **_receives(facts, interests)},
        "components": {
            "messages": {names[subject]: _message(names[subject], facts[subject]) for subject in facts},
            "schemas": {**definitions, **{names[subject]: schema for subject, schema in schemas.items()}},
        },
    }


def sources(subject: str, fact: type[Fact]) -> Sequence[str]:
    """Which services may state a fact: the first word of its subject, or any."""
    return SERVICES if issubclass(fact, ServiceFact) else (subject.split(".", 1)[0],)


def _channel(subject: str, fact: type[Fact]) -> Document:
    channel: Document = {
        "address": subject,
        "messages": {fact.__name__: {"$ref": f"#/components/messages/{fact.__name__}"}},
    }
    if issubclass(fact, ServiceFact):
        channel["parameters"] = {"source": {"enum": list(SERVICES), "description": "The service that states it."}}
    return channel


def _message(name: str, fact: type[Fact]) -> Document:
    return {
        "name": name,
        "summary": (fact.__doc__ or "").strip().splitlines()[0],
        "headers": {"type": "object", "properties": {"Nats-Msg-Id": {"type": "string", "format": "uuid"}}},
        "payload": {
            "type": "object",
            "required": ["id", "subject", "occurred_at", "fact"],
            "properties": {
                "id": {"type": "string", "format": "uuid", "description": "UUIDv7; a repeat has the same."},
                "subject": {"type": "string"},
                "occurred_at": {"type": "string", "format": "date-time", "description": "Business time."},
                "actor_id": {"type": ["string", "null"], "format": "uuid"},
                "cause": {"type": ["string", "null"], "format": "uuid"},
                "trace": {"type": "string"},
                "fact": {"$ref": f"#/components/schemas/{name}"},
            },
        },
    }


def _sends(facts: Mapping[str, type[Fact]]) -> Document:
    return {
        f"{service}.states.{fact.__name__}": _operation("send", fact, f"{service} states it.")
        for subject, fact in facts.items()
        for service in sources(subject, fact)
    }


def _receives(facts: Mapping[str, type[Fact]], interests: Iterable[Interests]) -> Document:
    return {
        f"{wanted.service}.{interest.purpose}.takes-in.{fact.__name__}": _operation(
            "receive", fact, f"Durable consumer {wanted.service}-{interest.purpose}, subject {interest.subject}."
        )
        for wanted in interests
        for interest in wanted.all
        for subject, fact in facts.items()
        if any(matches(interest.subject, subject.format(source=source)) for source in sources(subject, fact))
    }


def _operation(action: str, fact: type[Fact], summary: str) -> Document:
    return {"action": action, "channel": {"$ref": f"#/channels/{fact.__name__}"}, "summary": summary}
