"""Facts: frozen, past tense, nothing personal, the same shape as committed, read back as written."""

import copy
import json
import re
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.contracts.facts import Envelope, Fact, ServiceFact, all_facts, subject_of
from shared.contracts.names import ServiceName
from shared.kernel.canonical import plain
from tests.contract import snapshot

FACTS = all_facts()
SUBJECT = re.compile(r"(?P<source>[a-z]+|\{source\})\.(?P<noun>[a-z]+)\.(?P<verb>[a-z_]+)\.v[1-9]")

# What somebody did, as it has happened. `due` is the state of a notice, the one that names no act.
PAST = {
    "accepted", "amended", "appended", "changed", "change_requested", "closed", "dated", "decided", "deposited",
    "drawn", "due", "filled", "fixed", "imported", "moved", "opened", "read", "recorded", "registered", "released",
    "revoked", "ruled", "sequenced", "signed", "unsealed", "wanted", "withdrawn",
}  # fmt: skip

# Every field a fact may have. A new one is added here by somebody who has asked: can it ever hold the name or the
# contact of a person, a figure of an enterprise, or a reason in free text? Then it belongs into a dossier.
ALLOWED = {
    "ids": {
        "account_id", "case_id", "category_id", "cycle_id", "enterprise_id", "manifest_id", "notice_id", "objection_id",
        "posting_id", "recipient_id", "request_id", "rulebook_id", "stage_id",
    },
    "digests": {
        "chain", "checkpoint", "digest", "dossier_digest", "list_digest", "manifest_digest", "public",
        "rulebook_digest", "transcript_digest",
    },
    "public attributes of an organisation": {
        "applicant", "credit_code", "district", "industry", "name", "ownership",
    },
    "instants, days and terms": {
        "closed_at", "closes_at", "counted_days", "counted_from", "days", "occurred_at", "offset_seconds", "opens_at",
        "paused_on", "posted_at", "release_at", "term", "until", "year",
    },
    "counts and numbers": {
        "attempt", "case_number", "cases", "entries", "number", "sheets", "source_number", "supplement", "version",
    },
    "states and words of ours": {
        "article", "audience", "category_key", "change", "kind", "link", "of_service", "outcome", "owner",
        "provisional", "recipient_kind", "recipient_role", "refused", "source", "stage_title", "state", "stuck",
        "template", "type", "upheld", "waits_for",
    },
}  # fmt: skip


def models_within(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every model it is made of."""
    yield model
    for field in model.model_fields.values():
        for kind in _types(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from models_within(kind)


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in typing.get_args(annotation):
        yield from _types(inner)


@pytest.mark.parametrize("subject", FACTS)
def test_subject_is_service_noun_and_past_verb(subject: str) -> None:
    found = SUBJECT.fullmatch(subject)

    assert found is not None
    assert found["verb"] in PAST
    assert (found["source"] == "{source}") == issubclass(FACTS[subject], ServiceFact)
    assert found["source"] in {"{source}", *ServiceName}


@pytest.mark.parametrize("subject", FACTS)
def test_a_fact_is_frozen_documented_and_reads_what_newer_versions_add(subject: str) -> None:
    fact = FACTS[subject]

    for model in models_within(fact):
        assert model.model_config.get("frozen"), model
        assert model.__doc__, model
    assert fact.model_config.get("extra") == "ignore"


@pytest.mark.parametrize("subject", FACTS)
def test_a_fact_has_no_field_that_could_carry_a_person_a_figure_or_a_reason(subject: str) -> None:
    allowed = set().union(*ALLOWED.values())

    for model in models_within(FACTS[subject]):
        assert set(model.model_fields) <= allowed, f"{model.__name__}: see ALLOWED in {__file__}"


@pytest.mark.parametrize("subject", FACTS)
def test_a_fact_has_no_inexact_number(subject: str) -> None:
    for model in models_within(FACTS[subject]):
        kinds = {kind for field in model.model_fields.values() for kind in _types(field.annotation)}
        assert float not in kinds, model


def test_every_allowed_field_is_used() -> None:
    used = {name for fact in FACTS.values() for model in models_within(fact) for name in model.model_fields}

    assert set().union(*ALLOWED.values()) - used == set()


def test_facts_are_as_committed() -> None:
    now, then = snapshot.current(), snapshot.committed()

    broken = list(snapshot.broken_promises(then, now))
    assert not broken, "\n".join([*broken, snapshot.RULE])
    assert now == then, snapshot.RULE


# -- the rule of the snapshot itself -----------------------------------------------------------------------------------


def changed(path: list[str], value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    old = {
        "review.panel.drawn.v1": {
            "properties": {"stage_id": {"type": "string"}, "note": {"default": None}},
            "required": ["stage_id"],
        }
    }
    new = copy.deepcopy(old)
    place: Any = new["review.panel.drawn.v1"]
    for step in path[:-1]:
        place = place[step]
    if value is None:
        place.pop(path[-1])
    else:
        place[path[-1]] = value
    return old, new


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["properties", "note"], None),
        (["properties", "stage_id"], {"type": "integer"}),
        (["properties", "note"], {"default": 1}),
        (["required"], ["note", "stage_id"]),
        (["required"], []),
    ],
)
def test_a_broken_promise_is_named(path: list[str], value: Any) -> None:
    assert len(list(snapshot.broken_promises(*changed(path, value)))) == 1


def test_an_optional_field_and_a_new_fact_break_nothing_and_a_missing_fact_does() -> None:
    old, new = changed(["properties", "more"], {"default": None})

    assert list(snapshot.broken_promises(old, {**new, "review.panel.voided.v1": {}})) == []
    assert list(snapshot.broken_promises(old, {})) == ["review.panel.drawn.v1 is gone"]


# -- how a fact travels ------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MOMENTS = st.datetimes(timezones=st.just(UTC))
_BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    UUID: st.uuids(),
    str: TEXT,
    int: st.integers(-(2**40), 2**40),
    bool: st.booleans(),
    datetime: MOMENTS,
    type(None): st.none(),
    object: st.none() | TEXT | st.integers() | st.booleans(),
}


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Anything the annotation allows."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return models_of(annotation)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return st.lists(values_of(inner[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXT, values_of(inner[1]), max_size=3)
    if origin is not None:
        return st.one_of([values_of(one) for one in inner])
    return _BY_TYPE[annotation]


def models_of(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Any instance of the model; a source is one of the services."""
    fields = {name: values_of(field.annotation) for name, field in model.model_fields.items()}
    if "source" in fields and issubclass(model, ServiceFact):
        fields["source"] = st.sampled_from([str(name) for name in ServiceName])
    return st.fixed_dictionaries(fields).map(lambda values: model(**values))


def envelopes_of(fact: type[Fact]) -> st.SearchStrategy[tuple[Fact, Envelope]]:
    """A fact in its envelope, as the outbox makes one."""

    def wrap(one: Fact, fact_id: UUID, moment: datetime, actor: UUID | None, trace: str) -> tuple[Fact, Envelope]:
        return one, Envelope(
            id=fact_id, subject=subject_of(one), occurred_at=moment, actor_id=actor, trace=trace, fact=plain(one)
        )

    return st.builds(wrap, models_of(fact), st.uuids(), MOMENTS, st.none() | st.uuids(), TEXT)


def as_sent(envelope: Envelope) -> dict[str, Any]:
    """Through the outbox's jsonb and the stream's bytes."""
    found: dict[str, Any] = json.loads(json.dumps(envelope.model_dump(mode="json"), ensure_ascii=False).encode())
    return found


@pytest.mark.parametrize("subject", FACTS)
def test_a_fact_is_read_back_as_it_was_stated(subject: str) -> None:
    fact = FACTS[subject]

    @settings(max_examples=25, deadline=None)
    @given(envelopes_of(fact))
    def travel(stated: tuple[Fact, Envelope]) -> None:
        envelope = Envelope.model_validate(as_sent(stated[1]))

        assert envelope == stated[1]
        assert fact.model_validate(envelope.fact) == stated[0]
        assert fact.model_validate({**envelope.fact, "added_later": {"any": "thing"}}) == stated[0]

    travel()


@pytest.mark.parametrize("subject", FACTS)
def test_a_fact_without_what_it_must_say_is_refused(subject: str) -> None:
    fact = FACTS[subject]
    needed = [name for name, field in fact.model_fields.items() if field.is_required()]

    @settings(max_examples=3, deadline=None)
    @given(models_of(fact))
    def leave_out(stated: Fact) -> None:
        for name in needed:
            with pytest.raises(ValidationError):
                fact.model_validate({key: value for key, value in plain(stated).items() if key != name})

    leave_out()
