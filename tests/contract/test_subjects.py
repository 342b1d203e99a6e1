"""Every fact is stated by its source, and taken in by somebody or known to be for information only."""

import ast
from collections.abc import Iterator, Mapping

import pytest

from deploy.asyncapi import sources as stated_by
from deploy.stack.names import SERVICES
from shared.contracts.facts import all_facts
from shared.infra.messaging import matches
from tests.contract.declared import Declared, sources

FACTS = all_facts()

# Facts that change nothing in any other service today: they are stated for whoever connects later.
INFORMATIONAL = {
    "submission.application.accepted.v1": "cases cross in manifests, not one by one",
    "submission.case.decided.v1": "whom it concerns is told by a notice",
    "publication.posting.recorded.v1": "its stage says from when the next term counts",
    "submission.application.withdrawn.v1": "a withdrawal after the manifest also amends the case",
    "review.panel.drawn.v1": "the draw is proved by the bundle's transcript",
    "review.panel.unsealed.v1": "the stage's own facts tell the office",
}


def concrete(pattern: str) -> Iterator[str]:
    """The subjects that a fact's pattern stands for."""
    for source in stated_by(pattern, FACTS[pattern]):
        yield pattern.format(source=source)


@pytest.mark.parametrize("pattern", FACTS)
def test_a_subject_has_a_consumer_or_is_informational(declared: Mapping[str, Declared], pattern: str) -> None:
    takers = {
        service.parts.name
        for service in declared.values()
        for interest in service.interests.all
        if any(matches(interest.subject, subject) for subject in concrete(pattern))
    }

    assert bool(takers) != (pattern in INFORMATIONAL), f"{pattern} is taken in by {sorted(takers) or 'nobody'}"


def test_an_interest_is_in_a_subject_that_exists(declared: Mapping[str, Declared]) -> None:
    known = {subject: fact for pattern, fact in FACTS.items() for subject in concrete(pattern)}

    for service in declared.values():
        for interest in service.interests.all:
            fitting = [fact for subject, fact in known.items() if matches(interest.subject, subject)]
            assert fitting, interest.subject
            assert set(fitting) == {interest.fact}, interest.subject


def test_one_consumer_takes_a_fact_in_once(declared: Mapping[str, Declared]) -> None:
    for service in declared.values():
        for purpose, wanted in service.interests.purposes().items():
            subjects = [interest.subject for interest in wanted]
            assert len(subjects) == len(set(subjects)), f"{service.parts.name}-{purpose}"


def made_in(*packages: str) -> set[str]:
    """Names of classes that are called somewhere in the packages."""
    return {
        name
        for _path, tree in sources(*packages)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (name := getattr(node.func, "id", getattr(node.func, "attr", None)))
    }


@pytest.mark.parametrize("pattern", FACTS)
def test_a_fact_is_stated_by_its_source(pattern: str) -> None:
    fact = FACTS[pattern]
    owners = stated_by(pattern, fact)

    places = [f"services/{owner}" for owner in owners]
    assert fact.__name__ in made_in("shared/infra", *places), f"nobody states {fact.__name__}"
    others = [f"services/{name}" for name in SERVICES if name not in owners]
    assert not others or fact.__name__ not in made_in(*others), f"{fact.__name__} is stated by another service"
