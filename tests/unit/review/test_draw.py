"""The draw gives everybody the same panel, favours nobody, and shows every tampering."""

import json
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.review import verify_draw as program
from services.review.domain.draw import (
    BeaconRound,
    FrozenList,
    PastAttempt,
    commitment_to,
    draw_panel,
    place_below,
    require_enough,
    secret_bytes,
)
from services.review.verify_draw import verify_draw
from shared.kernel.canonical import canonical
from shared.kernel.refusals import Refusal
from tests.unit.review.lists import frozen_list, secret, secrets_of, transcript_of

NUMBERS = st.integers(0, 2**127)
VOID = PastAttempt(
    attempt=1,
    list_digest="ab" * 32,
    commitments=(),
    reveals=(),
    silent=("supervisor",),
    void_reason="监督员逾期未公开密值",
    transcript_digest=None,
)
SMALL = canonical(transcript_of(frozen_list(4, alternates=1, attempt=2, earlier=(VOID,))))


def document(frozen: FrozenList) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(canonical(transcript_of(frozen)))
    return read


@settings(max_examples=60)
@given(NUMBERS, st.integers(3, 12), st.integers(0, 2), st.integers(0, 4), st.booleans())
def test_draw_holds_its_rules_and_is_proven(
    number: int, each: int, least: int, alternates: int, with_beacon: bool
) -> None:
    named, value = (BeaconRound(name="nist", round=7), "5c" * 32) if with_beacon else (None, None)
    frozen = frozen_list(each, seats=7, least=least, alternates=alternates, beacon=named)

    outcome = draw_panel(frozen, secrets_of(number), value)

    everybody = [one.expert for one in (*outcome.members, *outcome.alternates)]
    assert len(set(everybody)) == len(everybody)
    assert len(outcome.members) == 7
    assert all(sum(one.pool == pool.key for one in outcome.members) >= least for pool in frozen.pools)
    assert verify_draw(canonical(transcript_of(frozen, number, value))) == []


def test_draw_is_the_same_whatever_the_order_of_the_list() -> None:
    frozen = frozen_list()
    turned = frozen.model_copy(update={"eligible": tuple(reversed(frozen.eligible))})

    assert turned.digest != frozen.digest
    assert draw_panel(frozen, secrets_of(1)) == draw_panel(frozen, secrets_of(1))
    assert draw_panel(frozen, secrets_of(1)) != draw_panel(frozen, secrets_of(2))


def test_every_party_and_the_beacon_change_the_draw() -> None:
    frozen, opened = frozen_list(), secrets_of(1)
    seeds = {
        draw_panel(frozen, opened).seed,
        draw_panel(frozen, opened | {"office": secret(9)}).seed,
        draw_panel(frozen, opened | {"supervisor": secret(9)}).seed,
        draw_panel(frozen, {"office": opened["supervisor"], "supervisor": opened["office"]}).seed,
        draw_panel(frozen, opened, "00" * 32).seed,
    }

    assert len(seeds) == 5


def test_a_commitment_belongs_to_one_party_and_one_list() -> None:
    made = {
        commitment_to(listed * 32, party, secret(1)) for listed in ("ab", "cd") for party in ("office", "supervisor")
    }

    assert len(made) == 4


def chi_square(counts: Counter[str], expected: float, kinds: int) -> float:
    return sum((count - expected) ** 2 / expected for count in counts.values()) + (kinds - len(counts)) * expected


def drawn_often(draws: int) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]], Counter[str]]:
    """Over so many draws from 5 a pool: who was drawn first in each pool, who at all, which pools filled free seats."""
    frozen = frozen_list(5)
    drawn = {pool.key: Counter[str]() for pool in frozen.pools}
    first = {pool.key: Counter[str]() for pool in frozen.pools}
    free = Counter[str]()
    for number in range(draws):
        for place, one in enumerate(draw_panel(frozen, secrets_of(number)).members):
            drawn[one.pool][one.expert] += 1
            if place < len(frozen.pools):
                first[one.pool][one.expert] += 1
            else:
                free[one.pool] += 1
    return first, drawn, free


def assert_uniform(draws: int) -> None:
    """χ² with 4 degrees of freedom, 18.5 is p = 0.001; the four free seats come from all who are left alike."""
    first, drawn, free = drawn_often(draws)
    for pool in drawn:
        assert chi_square(first[pool], draws / 5, 5) < 18.5
        assert chi_square(drawn[pool], drawn[pool].total() / 5, 5) < 18.5
    # Hypergeometric: 4 of 12, a third of them of each pool; variance 4 * 1/3 * 2/3 * 8/11 a draw.
    deviation = (draws * 4 * 2 / 9 * 8 / 11) ** 0.5
    assert all(abs(count - draws * 4 / 3) < 4 * deviation for count in free.values())


def test_everybody_of_a_pool_is_drawn_equally_often() -> None:
    assert_uniform(3000)


@pytest.mark.deep
def test_over_a_hundred_thousand_draws_nobody_is_favoured() -> None:
    assert_uniform(100_000)


def test_numbers_of_the_incomplete_block_are_thrown_away() -> None:
    span = 1 << 256
    limit = span - span % 7

    assert place_below(7, iter([limit, span - 1, 12])) == 5
    assert place_below(7, iter([limit - 1])) == 6


def change(content: dict[str, Any], path: str, value: object) -> bytes:
    *way, last = path.split(".")
    place: Any = content
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return canonical(content)


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("reveals.0.secret", secret(9), "office 的密值与事先的承诺值不符"),
        ("commitments.1.commitment", "00" * 32, "supervisor 的密值与事先的承诺值不符"),
        ("reveals.1.party", "office", "承诺值、密值与名单所列各方不符"),
        ("list.eligible.0.expert", "somebody", "名单与名单摘要不符"),
        ("list.seats", 8, "名单与名单摘要不符"),
        ("list.earlier", [], "名单与名单摘要不符"),
        ("members.0.expert", "somebody", "抽中的专家与按种子重算的不符"),
        ("alternates.0.place", 2, "候补专家与按种子重算的不符"),
        ("alternates.0.place", True, "候补专家与按种子重算的不符"),
        ("seed", "00" * 32, "种子与按种子重算的不符"),
        ("beacon", "00" * 32, "公共随机数与名单所列不符"),
        ("remark", "added", "字段与抽取记录的格式不符"),
    ],
)
def test_tampering_is_found(path: str, value: object, found: str) -> None:
    frozen = frozen_list(attempt=2, earlier=(VOID,))

    assert found in verify_draw(change(document(frozen), path, value))


def test_a_draw_by_one_party_alone_is_not_proven() -> None:
    frozen = frozen_list()
    alone = frozen.model_copy(update={"parties": frozen.parties[:1]})
    content = json.loads(canonical(transcript_of(alone)))
    content["commitments"], content["reveals"] = content["commitments"][:1], content["reveals"][:1]

    assert "参加抽取的不足两方" in verify_draw(canonical(content))


@settings(max_examples=400)
@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_found_wherever_it_lies(place: int, flip: int) -> None:
    tampered = bytearray(SMALL)
    tampered[place] ^= flip

    assert verify_draw(bytes(tampered)) != []


@pytest.mark.deep
def test_every_flipped_bit_of_a_transcript_is_found() -> None:
    for place in range(len(SMALL)):
        for bit in range(8):
            tampered = bytearray(SMALL)
            tampered[place] ^= 1 << bit
            assert verify_draw(bytes(tampered)) != [], (place, bit)


def test_added_white_space_is_found() -> None:
    assert verify_draw(SMALL + b"\n") == ["文件不是规范形式，内容被改动过"]


@pytest.mark.parametrize("algorithm", ["fangbang-draw-1", "other"])
def test_an_unknown_algorithm_is_refused_by_its_name(algorithm: str) -> None:
    refused = verify_draw(change(document(frozen_list()), "list.algorithm", algorithm))

    assert refused == [f"不认识的抽取算法“{algorithm}”，本程序只核验 fangbang-draw-2"]


def test_another_draw_that_is_right_in_itself_differs_from_the_known_digest() -> None:
    other = canonical(transcript_of(frozen_list(), 2))

    assert verify_draw(other) == []
    assert verify_draw(other, sha256(SMALL).hexdigest()) == ["文件与给定的摘要不符"]


def test_removed_member_is_found() -> None:
    content = document(frozen_list())
    content["members"].pop()

    assert verify_draw(canonical(content)) == ["抽中的专家与按种子重算的不符"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program alone, as it is handed out: its own file, no package beside it."""
    alone = folder / "verify_draw.py"
    alone.write_bytes(Path(program.__file__).read_bytes())
    return subprocess.run([sys.executable, "-I", str(alone), *arguments], capture_output=True, text=True, cwd=folder)


def test_the_program_alone_tells_a_true_transcript_from_a_false_one(tmp_path: Path) -> None:
    (tmp_path / "true.json").write_bytes(SMALL)
    (tmp_path / "false.json").write_bytes(SMALL.replace(b"economic-000", b"economic-900", 1))

    true, false = run(tmp_path, "true.json"), run(tmp_path, "false.json")
    known, none = run(tmp_path, "true.json", "--digest", "00" * 32), run(tmp_path)
    missing, two = run(tmp_path, "none.json"), run(tmp_path, "none.json", "true.json")

    assert (true.returncode, false.returncode, known.returncode, none.returncode) == (0, 1, 1, 2)
    assert (missing.returncode, two.returncode, two.stdout.count("抽取重算一致")) == (1, 1, 1)
    assert "文件无法读取" in missing.stdout
    assert "请给出抽取记录文件" in none.stderr
    assert "抽取重算一致" in true.stdout
    assert "名单与名单摘要不符" in false.stdout
    assert "文件与给定的摘要不符" in known.stdout


def test_the_program_makes_a_secret_and_its_commitment(tmp_path: Path) -> None:
    listed = frozen_list().digest

    made = run(tmp_path, "--new-secret", listed, "supervisor").stdout.splitlines()
    secret_made, commitment = (line.rsplit("：", 1)[1] for line in made)

    wrong = run(tmp_path, "--new-secret", listed[:-1], "supervisor")

    assert commitment_to(listed, "supervisor", secret_made) == commitment
    assert (wrong.returncode, wrong.stdout, "64位小写十六进制" in wrong.stderr) == (1, "", True)


@pytest.mark.parametrize("spaced", [" ", "+", "٠", "A"])
def test_a_secret_is_nothing_but_64_lower_case_hex_digits(spaced: str) -> None:
    with pytest.raises(ValueError, match="64位"):
        program.commitment_to("ab" * 32, "office", "0" * 63 + spaced)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"no json", b'{"list": {}, "reveals": "x"}', b"\xff"])
def test_what_is_no_transcript_is_not_proven(content: bytes) -> None:
    assert verify_draw(content)[0].startswith("不是抽取记录")


@pytest.mark.parametrize(
    ("each", "seats", "least", "code"), [(2, 7, 1, "panel_too_small"), (1, 3, 2, "pool_too_small")]
)
def test_list_too_short_is_refused(each: int, seats: int, least: int, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        require_enough(frozen_list(each, seats=seats, least=least))

    assert refusal.value.code == code


@pytest.mark.parametrize("found", ["", "00", "zz" * 32, "00" * 33])
def test_bad_secret_is_refused(found: str) -> None:
    with pytest.raises(Refusal) as refusal:
        secret_bytes(found)

    assert refusal.value.code == "bad_secret"
