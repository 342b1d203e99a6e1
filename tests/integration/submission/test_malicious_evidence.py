"""Malicious files sent as browsers and programs send them: none reaches the locked bucket."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest

from shared.infra.files import EVIDENCE, Files
from tests.attacks import Attack, attacks
from tests.evidence_files import sound_files
from tests.integration.submission.desk import API, Desk, Enterprise, good

EACH = 40
"""Files an enterprise tries before the next one goes on: a case takes sixty."""


@pytest.fixture(scope="module")
def window(desk: Desk) -> UUID:
    return desk.begin(desk.category())


def tries(desk: Desk, one: Enterprise, case_id: str, attack: Attack) -> tuple[int, str]:
    """Status and code of whichever step refused it."""
    announced = desk.announce(one, case_id, name=attack.name, size=len(attack.content))
    if not announced.is_success:
        return announced.status_code, announced.json()["code"]
    desk.upload(announced.json(), attack.content)
    answer = desk.finalise(one, case_id, announced.json()["evidence_id"])
    return answer.status_code, answer.json().get("code", answer.json().get("state"))


def locked(files: Files) -> set[str]:
    """What lies in the locked bucket."""
    return {str(one.object_name) for one in files.client.list_objects(EVIDENCE, recursive=True)}


def try_all(desk: Desk, window: UUID, tried: list[Attack]) -> Iterator[tuple[Attack, tuple[int, str]]]:
    """Each attack with what was answered."""
    for start in range(0, len(tried), EACH):
        one = desk.enterprise()
        case_id = good(desk.open(one, window))["case_id"]
        for attack in tried[start : start + EACH]:
            yield attack, tries(desk, one, case_id, attack)


def test_one_attack_of_each_family_is_refused_and_leaves_nothing(desk: Desk, window: UUID) -> None:
    families = {attack.trick.split(":")[0].split(" ")[0]: attack for attack in attacks()}
    files = Files(desk.process.settings())
    before = locked(files)

    answered = list(try_all(desk, window, list(families.values())[::4]))

    assert [(attack.trick, said) for attack, said in answered if said[0] not in (413, 422)] == []
    assert locked(files) == before


@pytest.mark.deep
def test_malicious_uploads_never_reach_the_locked_bucket(desk: Desk, window: UUID) -> None:
    files, tried = Files(desk.process.settings()), attacks()
    before = locked(files)

    answered = list(try_all(desk, window, tried))

    codes: dict[str, int] = {}
    for _, (_, code) in answered:
        codes[code] = codes.get(code, 0) + 1
    print(f"\nmalicious uploads: {len(answered)} tried, {len(locked(files) - before)} in the locked bucket; {codes}")
    assert len(answered) >= 300
    assert [(attack.trick, said) for attack, said in answered if said[0] not in (413, 422)] == []
    assert locked(files) == before
    assert not [key for key in asyncio.run(files.quarantined()) if not key.startswith("conformance/")]


def test_sound_files_of_every_type_are_kept(desk: Desk, window: UUID) -> None:
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]

    kept = [desk.attach(one, case_id, content, name=name) for name, content in sound_files().items()]

    assert {each["state"] for each in kept} == {"kept"}
    assert len(good(one.client.get(f"{API}/applications/{case_id}"))["evidence"]) == len(kept)
