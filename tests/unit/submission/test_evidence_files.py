"""Which files are taken as evidence, by name, size and content."""

import io
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.submission.domain.evidence import (
    IN_ONE,
    LARGEST,
    MEDIA_TYPES,
    check_announced,
    check_in_one,
    check_quota,
    check_size,
    in_editions,
    missing_parts,
    part_sizes,
)
from shared.infra.inspection import inspect
from shared.kernel.file_names import BadName, check_name, extension_of
from shared.kernel.refusals import Refusal, TooLarge
from tests.attacks import Attack, attacks
from tests.evidence_files import docx, relationships, sound_files, xlsx
from tests.pdfs import pdf

SOUND = sound_files()
malicious = cache(attacks)


@dataclass
class File:
    """A file that may be the next edition of another."""

    evidence_id: UUID
    replaces: UUID | None = None


def said_of(attack: Attack) -> Refusal | None:
    """The refusal of a file by its name, size or content."""
    try:
        check_announced(attack.name, len(attack.content))
        inspect(attack.name, io.BytesIO(attack.content))
    except Refusal as refusal:
        return refusal
    return None


@pytest.mark.parametrize("name", SOUND)
def test_sound_files_are_taken(name: str) -> None:
    assert check_announced(name, len(SOUND[name])) == MEDIA_TYPES[extension_of(name)]
    assert inspect(name, io.BytesIO(SOUND[name])) == (1 if extension_of(name) == "pdf" else None)


def test_no_malicious_file_is_taken_and_each_refusal_says_why_and_what_to_do() -> None:
    refusals = [(attack.trick, said_of(attack)) for attack in malicious()]

    assert len(malicious()) >= 300
    assert [trick for trick, refusal in refusals if refusal is None] == []
    sentences = {refusal.message for _, refusal in refusals if refusal is not None}
    assert [each for each in sentences if "请" not in each or not each.endswith("。")] == []


@pytest.mark.parametrize(
    ("trick", "code"),
    [
        ("exe as pdf", "evidence_type"),
        ("ole as docx", "evidence_encrypted"),
        ("zip behind 现场.jpg", "evidence_polyglot"),
        ("cut at 5/10: 审计报告.pdf", "evidence_damaged"),
        ("PDF opens with JavaScript in an object stream", "evidence_active"),
        ("PDF embeds a file", "evidence_embedded"),
        ("PDF encrypted, password ''", "evidence_encrypted"),
        ("docx: macros", "evidence_active"),
        ("xlsx: formula cmd|'/c calc'!A0", "evidence_external"),
        ("docx: field DDEAUTO c:\\ in pieces", "evidence_external"),
        ("xlsx: embedded workbook", "evidence_embedded"),
        ("docx: path '../evil.xml'", "evidence_polyglot"),
        ("xlsx: together they burst", "evidence_bomb"),
        ("png: 100000×100000 claimed", "evidence_bomb"),
        ("name: rtl override", "evidence_name"),
        ("name: double .exe", "evidence_name"),
    ],
)
def test_each_family_has_its_code(trick: str, code: str) -> None:
    found = {said.code for attack in malicious() if attack.trick == trick and (said := said_of(attack))}

    assert found == {code}


@pytest.mark.parametrize(
    "name",
    ["报告.pdf", "2025.12.31.pdf", "审计报告（终稿）v2.1.PDF", "№1 – 表_1.xlsx", "a.b.jpg", "长" * 116 + ".pdf"],
)
def test_usual_names_are_taken(name: str) -> None:
    check_name(name)


def test_links_between_pages_and_to_the_web_are_taken() -> None:
    """What real documents have: bookmarks, web links, an empty sheet that packs well."""
    link = pdf().replace(
        b"/Resources<<>>", b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://a.example)>>>>]"
    )
    wide = xlsx({"docProps/app.xml": "<Properties>" + " " * 2_000_000 + "</Properties>"})
    relations = relationships(("hyperlink", "https://a.example", True))

    assert inspect("a.pdf", io.BytesIO(link)) == 1
    inspect("a.xlsx", io.BytesIO(wide))
    inspect("a.docx", io.BytesIO(docx({"word/_rels/document.xml.rels": relations})))


@given(some.sampled_from(sorted(SOUND)), some.data())
@settings(max_examples=150, deadline=None)
def test_a_file_changed_anywhere_is_taken_or_refused_never_a_fault(name: str, data: some.DataObject) -> None:
    content = bytearray(SOUND[name])
    for _ in range(data.draw(some.integers(1, 5))):
        content[data.draw(some.integers(0, len(content) - 1))] = data.draw(some.integers(0, 255))

    with suppress(Refusal):
        inspect(name, io.BytesIO(bytes(content)))


@given(some.text(max_size=130))
def test_any_text_is_a_name_or_refused(name: str) -> None:
    with suppress(BadName):
        check_name(name)


def test_sizes() -> None:
    check_size(1)
    check_size(LARGEST)
    for size, code in ((0, "evidence_empty"), (LARGEST + 1, "evidence_too_large")):
        with pytest.raises(Refusal) as refusal:
            check_size(size)
        assert refusal.value.code == code


def test_a_byte_over_the_limit_is_said_to_be_over_it() -> None:
    with pytest.raises(TooLarge, match=r"不得超过 50 MB，此文件为 50\.1 MB"):
        check_size(LARGEST + 1)


def test_a_plain_form_takes_8_mb() -> None:
    check_in_one("a.pdf", IN_ONE)
    with pytest.raises(TooLarge):
        check_in_one("a.pdf", IN_ONE + 1)


def test_the_quota_of_a_case() -> None:
    check_quota([1] * 59, 1)
    with pytest.raises(Refusal):
        check_quota([1] * 60, 1)
    with pytest.raises(TooLarge):
        check_quota([LARGEST] * 10, 1)


@given(some.integers(1, LARGEST))
def test_parts_make_the_whole(size: int) -> None:
    parts = part_sizes(size)

    assert sum(parts.values()) == size
    assert list(parts) == list(range(1, len(parts) + 1))
    assert all(part == IN_ONE for part in list(parts.values())[:-1])
    assert missing_parts(size, parts) == {}
    assert missing_parts(size, {}) == parts


def test_editions_stand_together_the_newest_first() -> None:
    ids = [uuid4() for _ in range(4)]

    ordered = in_editions([File(ids[0]), File(ids[1]), File(ids[2], ids[0]), File(ids[3], ids[2])])

    assert [ids.index(one.evidence_id) for one in ordered] == [1, 3, 2, 0]
