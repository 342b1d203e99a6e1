"""The stand-alone verifier: a right bundle passes, every kind of forgery is found."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.verify.verify_bundle import canonical, digest, signature_holds, total_of, verify
from shared.rulebook import TrimmedMean
from tests.unit.publication import bundle_of_a_list as made


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
@settings(max_examples=25, deadline=None)
def test_signatures_are_judged_as_by_the_cryptography_library(seed: bytes, message: bytes, flipped: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    right, public = key.sign(message), key.public_key()
    forged = bytearray(right)
    forged[flipped // 8] ^= 1 << flipped % 8

    assert signature_holds(public.public_bytes_raw(), message, right)
    assert signature_holds(public.public_bytes_raw(), message, bytes(forged)) == _holds(public, bytes(forged), message)
    assert not signature_holds(public.public_bytes_raw(), message + b"!", right)


def _holds(public: Any, signature: bytes, message: bytes) -> bool:
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_signature_of_rfc_8032() -> None:
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )

    assert signature_holds(public, b"\x72", signature)
    assert not signature_holds(public, b"\x73", signature)


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(made.write(tmp_path)) as archive:
        archive.extractall(folder)
    return folder


def test_right_bundle_passes_every_check(unpacked: Path) -> None:
    lines, wrong = verify(unpacked)

    assert wrong == 0, "\n".join(lines)
    assert sum("通过" in line for line in lines) == 15


def test_bundle_of_a_trimmed_mean_passes_and_one_that_says_another_rule_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(made.write(tmp_path, TrimmedMean(highest=1, lowest=0, min_sheets=3))) as archive:
        archive.extractall(folder)
    right = verify(folder)
    _edit("review/sheets.json", lambda content: content.update(trimmed=None))(folder)
    forged, wrong = verify(folder)

    assert right[1] == 0, "\n".join(right[0])
    assert wrong >= 1
    assert any("不符" in line and line.endswith("平均分重算") for line in forged)


def test_bundle_is_verified_without_any_installed_package(tmp_path: Path) -> None:
    bundle = made.write(tmp_path)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)

    for argument in (str(bundle), "."):
        command = [sys.executable, "-I", "-S", "verify_bundle.py", argument]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "结论：全部通过" in done.stdout


def test_key_from_another_channel_is_compared(unpacked: Path) -> None:
    assert verify(unpacked, made.KEY.public_key().public_bytes_raw().hex())[1] == 0
    assert verify(unpacked, "00" * 32)[1] == 1


def _edit(name: str, change: Callable[[Any], None]) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        content = json.loads((folder / name).read_bytes())
        change(content)
        made.rewrite(folder, name, canonical(content))

    return tamper


def _rename_winner(content: Any) -> None:
    content["entries"][0]["name"] = "演练企业999"


def _resign(content: Any) -> None:
    content["checkpoint"] = content["checkpoint"][:-5] + "0000\n"


def _drop_last(content: Any) -> None:
    content["entries"].pop()


def _redate(content: Any) -> None:
    content["entries"][2]["occurred_at"] = "2026-01-01T00:00:00.000000Z"


def _swap_member(content: Any) -> None:
    content["members"][0]["expert"] = "a9"


def _add_point(content: Any) -> None:
    content["sheets"][0]["content"]["judgements"]["innovation"] = "99"


def _add_point_and_digest(content: Any) -> None:
    _add_point(content)
    content["sheets"][0]["digest"] = digest(content["sheets"][0]["content"])


def _forge_attestation(content: Any) -> None:
    content["sheets"][0]["attestation"]["signature"] = "00" * 64


def _attest_another(content: Any) -> None:
    content["sheets"][0]["attestation"] = content["sheets"][1]["attestation"]


def _one_share(content: Any) -> None:
    content["shares"] = content["shares"][:1] * 3


def _other_key(content: Any) -> None:
    content["public_key"] = "ef" * 32


def _swap_ranks(content: Any) -> None:
    content["ranks"] = {made.CASES[0]: {"rank": 2}, made.CASES[1]: {"rank": 1}}


def _leave_the_best_out(content: Any) -> None:
    content["ranks"] = {made.CASES[0]: {"rank": None}, made.CASES[1]: {"rank": 1}}


def _raise_mean(content: Any) -> None:
    content["entries"][1]["mean"] = [1000, 1]


def _other_inputs(content: Any) -> None:
    """A ranking whose own digest fits, but which is not the one in the ledger."""
    content["stage_id"] = "stage-2"
    fixed = [{name: value for name, value in one.items() if name != "struck"} for one in content["entries"]]
    inputs = {"stage_id": "stage-2", "rulebook": content["rulebook_digest"], "entries": fixed}
    content["input_digest"] = digest(inputs)


def _less_firm(content: Any) -> None:
    content["lines"][0]["verdict"] = "blurred"


def _other_share(content: Any) -> None:
    content["inside"][made.CASES[0]] = "49/50"


def _harmless_expert(content: Any) -> None:
    content["left_out"][0]["enters"] = [made.CASES[1]]


def _other_seed(content: Any) -> None:
    content["seed"] = "0" * 64


def _more_places(content: Any) -> None:
    content["lines"][0]["places"] = 2


def _one_more_vote(content: Any) -> None:
    content["counts"]["a"] += 1


def _vote_twice(content: Any) -> None:
    content["votes"].append(content["votes"][0])
    content["counts"]["a"] += 1


def _other_text(content: Any) -> None:
    content["postings"][0]["text"] = "【演练】另一份公示"


def _earlier(content: Any) -> None:
    content["postings"][0]["posted_at"] = "2026-05-06T01:00:00.000000Z"


def _elsewhere(content: Any) -> None:
    content["postings"][0]["address"] = "/lists/8"


def _says(**about: str) -> Callable[[Path], None]:
    """MANIFEST.json says something else."""

    def tamper(folder: Path) -> None:
        path = folder / "MANIFEST.json"
        path.write_text(json.dumps({**json.loads(path.read_bytes()), **about}), "utf-8")

    return tamper


def _left_out(*names: str) -> Callable[[Path], None]:
    """Files are missing, and MANIFEST.json says so."""

    def tamper(folder: Path) -> None:
        path = folder / "MANIFEST.json"
        manifest = json.loads(path.read_bytes())
        for name in names:
            (folder / name).unlink()
            del manifest["files"][name]
        path.write_text(json.dumps(manifest), "utf-8")

    return tamper


def _without_a_counted_sheet(folder: Path) -> None:
    """A sheet goes from the sheets and from its dossier, whose mean is put right, as are all digests in the bundle."""
    sheets = json.loads((folder / "review/sheets.json").read_bytes())
    gone = sheets["sheets"].pop()["digest"]
    made.rewrite(folder, "review/sheets.json", canonical(sheets))
    for path in (folder / "review" / "dossiers").iterdir():
        dossier = json.loads(path.read_bytes())
        kept = [one for one in dossier["sheets"] if one["sheet_digest"] != gone]
        if len(kept) < len(dossier["sheets"]):
            mean = sum(Fraction(one["total"]) for one in kept) / len(kept)
            found = {"mean_numerator": mean.numerator, "mean_denominator": mean.denominator}
            changed = {**dossier, "sheets": kept, **found}
            _left_out(f"review/dossiers/{path.name}")(folder)
            made.rewrite(folder, f"review/dossiers/{digest(changed)}.json", canonical(changed))


@pytest.mark.parametrize(
    ("tamper", "found_by"),
    [
        (lambda folder: (folder / "list.json").write_bytes(b"{}"), "文件摘要"),
        (lambda folder: (folder / "extra.json").write_bytes(b"{}"), "文件摘要"),
        (lambda folder: (folder / "README.txt").unlink(), "文件摘要"),
        (_edit("list.json", _rename_winner), "名单摘要"),
        (_edit("office/ledger.json", _resign), "检查点签名"),
        (_edit("office/ledger.json", _drop_last), "检查点签名"),
        (_edit("office/ledger.json", _redate), "账本链"),
        (_edit("review/draw-transcript.json", _swap_member), "抽取重算"),
        (_edit("review/sheets.json", _add_point), "计分表"),
        (_edit("review/sheets.json", _add_point_and_digest), "计分表"),
        (_edit("review/sheets.json", _add_point_and_digest), "平均分重算"),
        (_edit("review/sheets.json", _forge_attestation), "计分表"),
        (_edit("review/sheets.json", _attest_another), "计分表"),
        (_edit("review/panel-key.json", _one_share), "审查组密钥"),
        (_edit("review/panel-key.json", _other_key), "审查组密钥"),
        (_edit("ranking/ranking.json", _swap_ranks), "名次重算"),
        (_edit("ranking/ranking.json", _leave_the_best_out), "名次重算"),
        (_edit("ranking/ranking.json", _raise_mean), "名次重算"),
        (_edit("ranking/ranking.json", _raise_mean), "排序依据"),
        (_edit("ranking/ranking.json", _other_inputs), "排序依据"),
        (_edit("ranking/stability.json", _other_share), "稳定性重算"),
        (_edit("ranking/stability.json", _harmless_expert), "稳定性重算"),
        (_edit("ranking/stability.json", _less_firm), "稳定性重算"),
        (_edit("ranking/stability.json", _other_seed), "稳定性重算"),
        (_edit("ranking/stability.json", _more_places), "稳定性重算"),
        (_edit("publication/votes.json", _one_more_vote), "计票重算"),
        (_edit("publication/votes.json", _vote_twice), "计票重算"),
        (_edit("postings.json", _other_text), "公告与公示"),
        (_edit("postings.json", _earlier), "公告与公示"),
        (_edit("postings.json", _elsewhere), "公告与公示"),
        (_edit("postings.json", lambda content: content["postings"].clear()), "公告与公示"),
        (_left_out("postings.json"), "公告与公示"),
        (_says(format="fangbang-bundle/2"), "证明包的种类与内容"),
        (_says(audience="public"), "证明包的种类与内容"),
        (_says(audience="nobody"), "证明包的种类与内容"),
        (_left_out("ranking/ranking.json", "ranking/stability.json"), "证明包的种类与内容"),
        (_left_out("ranking/stability.json"), "证明包的种类与内容"),
        (_left_out("review/sheets.json"), "证明包的种类与内容"),
        (_without_a_counted_sheet, "名次重算"),
    ],
)
def test_forgery_is_found(unpacked: Path, tamper: Callable[[Path], None], found_by: str) -> None:
    tamper(unpacked)

    lines, wrong = verify(unpacked)

    assert wrong >= 1
    assert any("不符" in line and line.endswith(found_by) for line in lines), "\n".join(lines)


def test_means_cannot_be_recomputed_without_the_dossiers_behind_them(unpacked: Path) -> None:
    manifest = json.loads((unpacked / "MANIFEST.json").read_bytes())
    for path in (unpacked / "review" / "dossiers").iterdir():
        del manifest["files"][path.relative_to(unpacked).as_posix()]
        path.unlink()
    (unpacked / "MANIFEST.json").write_text(json.dumps(manifest), "utf-8")

    lines, wrong = verify(unpacked)

    assert wrong == 3
    assert any("缺少排序所依据的卷宗" in line for line in lines)
    assert any("缺少审查卷宗，无法重算平均分" in line for line in lines)
    assert any("缺少审查卷宗，无法重算稳定性" in line for line in lines)


def test_list_that_was_forged_with_all_its_digests_is_not_in_the_ledger(unpacked: Path) -> None:
    _edit("list.json", _rename_winner)(unpacked)
    manifest = json.loads((unpacked / "MANIFEST.json").read_bytes())
    manifest["list_digest"] = manifest["files"]["list.json"]
    (unpacked / "MANIFEST.json").write_text(json.dumps(manifest), "utf-8")

    lines, wrong = verify(unpacked)

    assert wrong == 1
    assert any("账本中没有登记这份名单" in line for line in lines)


def test_same_parts_give_the_same_bytes(tmp_path: Path) -> None:
    first = made.write(tmp_path).read_bytes()

    assert made.write(tmp_path).read_bytes() == first


def test_of_alternatives_the_best_counts_up_to_the_points_of_their_group() -> None:
    groups = [
        {"id": "led", "mode": "any_of", "points": "20", "items": ["a", "b", "c"]},
        {"id": "rest", "mode": "sum", "points": "30", "items": ["d", "e"]},
    ]

    assert total_of({"a": "12.5", "b": "15", "d": "10", "e": "0.5"}, groups) == Fraction("25.5")
    assert total_of({"a": "25", "d": "10"}, groups) == 30
    assert total_of({"d": "1", "e": "2"}, []) == 3
